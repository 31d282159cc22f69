using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Doubles;

/// <summary>
/// A garden's public port on a real Kestrel. Our REST is routed as the protos' annotations say, independently of the client's reading of them;
/// a test says what an RPC answers. Other paths are a test's own.
/// </summary>
internal sealed class GardenDouble : IAsyncDisposable
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
    private readonly WebApplication _app;
    private readonly List<Route> _routes = [.. new[] { Contracts.V1.Identity.Descriptor, Contracts.V1.Entitlement.Descriptor, Contracts.V1.Catalog.Descriptor, Contracts.V1.Artifacts.Descriptor, Contracts.V1.Search.Descriptor, Contracts.V1.Deployment.Descriptor }.SelectMany(Routes)];
    private readonly ConcurrentDictionary<string, Func<IMessage, HttpContext, IAsyncEnumerable<IMessage>>> _answers = new();
    private readonly List<(Func<HttpRequest, bool> Fits, RequestDelegate Handle)> _paths = [];
    private readonly ConcurrentQueue<(Func<HttpRequest, bool> Fits, RequestDelegate Handle)> _faults = new();

    private GardenDouble(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Each request's verb, path and query, in order.</summary>
    public ConcurrentQueue<Seen> Requests { get; } = new();

    public static async Task<GardenDouble> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MaxRequestBodySize = null;
        });
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var garden = new GardenDouble(app);
        app.Run(garden.HandleAsync);
        await app.StartAsync();
        return garden;
    }

    public void On<TRequest>(string method, Func<TRequest, IMessage> answer)
        where TRequest : IMessage => OnStream<TRequest>(method, (request, _) => One(answer(request)));

    public void OnStream<TRequest>(string method, Func<TRequest, HttpContext, IAsyncEnumerable<IMessage>> answer)
        where TRequest : IMessage => _answers[method] = (request, context) => answer((TRequest)request, context);

    /// <summary>A refusal in the garden's words.</summary>
    public void Refuse(string method, int status, string reason, string message) =>
        _answers[method] = (_, _) => throw new Refused(status, reason, message);

    public void OnPath(string verb, string prefix, RequestDelegate handle) =>
        _paths.Add((request => request.Method == verb && request.Path.Value!.StartsWith(prefix, StringComparison.Ordinal), handle));

    public void OnPath(Func<HttpRequest, bool> fits, RequestDelegate handle) => _paths.Add((fits, handle));

    /// <summary>The next request that fits is treated so, once, whatever else would answer it.</summary>
    public void FailOnce(Func<HttpRequest, bool> fits, RequestDelegate handle) => _faults.Enqueue((fits, handle));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    public static Task RefuseAsync(HttpContext context, int status, string reason, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["error"] = new JsonObject { ["reason"] = reason, ["message"] = message } }.ToJsonString());
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue(new(request.Method, request.Path + request.QueryString, request.Headers.Authorization.ToString(), request.Headers.Range.ToString(), request.ContentLength ?? 0));
        if (_faults.TryPeek(out var fault) && fault.Fits(request) && _faults.TryDequeue(out fault))
        {
            await fault.Handle(context);
        }
        else if (_paths.FirstOrDefault(path => path.Fits(request)).Handle is { } handle)
        {
            await handle(context);
        }
        else
        {
            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        foreach (var route in _routes.Where(route => route.Verb == context.Request.Method))
        {
            if (route.Pattern.Match(context.Request.Path.Value!) is { Success: true } match && _answers.TryGetValue(route.Method.Name, out var answer))
            {
                await AnswerAsync(context, answer, await ReadAsync(context, route, match), route.Method.IsServerStreaming);
                return;
            }
        }

        await RefuseAsync(context, 404, "NO_SUCH_PATH", $"{context.Request.Method} {context.Request.Path} is not part of this double");
    }

    private static async Task AnswerAsync(HttpContext context, Func<IMessage, HttpContext, IAsyncEnumerable<IMessage>> answer, IMessage request, bool stream)
    {
        context.Response.ContentType = stream ? "application/x-ndjson" : "application/json; charset=utf-8";
        try
        {
            await foreach (var message in answer(request, context))
            {
                await context.Response.WriteAsync(Json.Format(message) + (stream ? "\n" : ""), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Refused refused) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, refused.Status, refused.Reason, refused.Message);
        }
        catch (Refused refused)
        {
            await context.Response.WriteAsync($$$"""{"error":{"reason":"{{{refused.Reason}}}","message":"{{{refused.Message}}}"}}""" + "\n");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private static async Task<IMessage> ReadAsync(HttpContext context, Route route, Match match)
    {
        var fields = new JsonObject();
        if (route.HasBody)
        {
            fields = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        }
        else
        {
            Assert.Equal(0, context.Request.ContentLength ?? 0);
            foreach (var (name, values) in context.Request.Query)
            {
                var field = route.Method.InputType.Fields.InFieldNumberOrder().Single(field => field.JsonName == name);
                fields[name] = field.IsRepeated ? new JsonArray([.. values.Select(value => (JsonNode?)value)])
                    : field.FieldType is FieldType.Bool ? bool.Parse(values.Single()!) : values.Single();
            }
        }

        foreach (var group in match.Groups.Values.Where(group => !char.IsAsciiDigit(group.Name[0])))
        {
            Assert.False(fields.ContainsKey(group.Name), "what the path says is not said again");
            fields[group.Name] = Uri.UnescapeDataString(group.Value);
        }

        return JsonParser.Default.Parse(fields.ToJsonString(), route.Method.InputType);
    }

    private static IEnumerable<Route> Routes(ServiceDescriptor service) =>
        from method in service.Methods
        let rule = method.GetOptions()?.GetExtension(HttpExtensions.Http)
        where rule is not null
        let path = rule.Get + rule.Put + rule.Post + rule.Delete + rule.Patch
        select new Route(method, rule.PatternCase.ToString().ToUpperInvariant(), new($"^{Regex.Replace(path, @"\{(\w+)(=\*/\*)?\}", variable => variable.Groups[2].Success ? $"(?<{variable.Groups[1]}>[^/]+/[^/]+)" : $"(?<{variable.Groups[1]}>[^/]+)")}$"), rule.Body.Length > 0);

    private static async IAsyncEnumerable<IMessage> One(IMessage message)
    {
        await Task.CompletedTask;
        yield return message;
    }

    private sealed record Route(MethodDescriptor Method, string Verb, Regex Pattern, bool HasBody);
}

internal sealed record Seen(string Verb, string Path, string Authorization, string Range, long Length);

/// <summary>Thrown by a test's answer: the garden refuses.</summary>
internal sealed class Refused(int status, string reason, string message) : Exception(message)
{
    public int Status => status;

    public string Reason => reason;
}
