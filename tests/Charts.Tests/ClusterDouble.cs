using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ModelGarden.Charts.Tests;

/// <summary>As much of a Kubernetes API server as Helm's <c>lookup</c> asks: what kinds there are, and these objects.</summary>
internal sealed class ClusterDouble(WebApplication app) : IAsyncDisposable
{
    // What `helm template` wants to know of before it has looked at a single object.
    private static readonly Dictionary<string, string> Discovery = new()
    {
        ["/version"] = """{"major":"1","minor":"33","gitVersion":"v1.33.0"}""",
        ["/api"] = """{"kind":"APIVersions","versions":["v1"]}""",
        ["/apis"] = $$"""{"kind":"APIGroupList","apiVersion":"v1","groups":[{{Group("apps").ToJsonString()}},{{Group("networking.k8s.io").ToJsonString()}},{{Group("policy").ToJsonString()}}]}""",
        ["/api/v1"] = Kinds("v1", "Pod", "PersistentVolumeClaim", "Secret", "Service"),
        ["/apis/apps/v1"] = Kinds("apps/v1", "Deployment"),
        ["/apis/networking.k8s.io/v1"] = Kinds("networking.k8s.io/v1", "NetworkPolicy"),
        ["/apis/policy/v1"] = Kinds("policy/v1", "PodDisruptionBudget"),
    };

    public static async Task<ClusterDouble> StartAsync(Dictionary<string, string> objects)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context => AnswerAsync(context, objects));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    /// <summary>Renders the chart's Secret as an upgrade on this cluster would.</summary>
    public Task<Manifests> RenderAsync(Tools tools) => Manifests.RenderAsync(
        tools, "--dry-run=server", "--disable-openapi-validation", "--is-upgrade", "--kube-apiserver", app.Urls.Single(), "--show-only", "templates/secrets.yaml");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static JsonObject Group(string name)
    {
        var version = new JsonObject { ["groupVersion"] = $"{name}/v1", ["version"] = "v1" };
        return new() { ["name"] = name, ["versions"] = new JsonArray(version), ["preferredVersion"] = version.DeepClone() };
    }

    private static string Kinds(string groupVersion, params string[] kinds)
    {
        var resources = kinds.Select(kind => (JsonNode)new JsonObject { ["name"] = Plural(kind), ["namespaced"] = true, ["kind"] = kind, ["verbs"] = new JsonArray("get", "list") });
        return new JsonObject { ["kind"] = "APIResourceList", ["groupVersion"] = groupVersion, ["resources"] = new JsonArray([.. resources]) }.ToJsonString();
    }

    private static string Plural(string kind) => kind is "NetworkPolicy" ? "networkpolicies" : kind.ToLowerInvariant() + "s";

    private static Task AnswerAsync(HttpContext context, Dictionary<string, string> objects)
    {
        var path = context.Request.Path.Value!;
        var found = Discovery.GetValueOrDefault(path) ?? objects.GetValueOrDefault(path);
        context.Response.StatusCode = found is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(found ?? """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}""");
    }
}
