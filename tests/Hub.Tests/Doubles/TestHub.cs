using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>The Hub for real, with doubles of the services behind it.</summary>
public sealed class TestHub : IAsyncDisposable
{
    public const string Address = "https://garden.test";

    private TestHub(TestGarden garden, CatalogStore store, LicenseBook licenses, SearchDouble search) =>
        (Garden, Store, Licenses, Search) = (garden, store, licenses, search);

    public TestGarden Garden { get; }

    public CatalogStore Store { get; }

    public LicenseBook Licenses { get; }

    public SearchDouble Search { get; }

    private static CancellationToken Cancel => Patience.Cancel;

    public CatalogDouble Catalog { get; private init; } = null!;

    public EntitlementDouble Entitlement { get; private init; } = null!;

    public ArtifactsDouble Artifacts { get; private init; } = null!;

    /// <param name="catalogFeed">Null: Catalog tells of no changes, so nothing is remembered.</param>
    /// <param name="entitlementFeed">Null: Entitlement tells of none.</param>
    /// <param name="clock">Null: the system's.</param>
    public static async Task<TestHub> StartAsync(FeedDouble? catalogFeed = null, FeedDouble? entitlementFeed = null, TimeProvider? clock = null)
    {
        var (store, licenses) = (new CatalogStore(), new LicenseBook());
        var search = new SearchDouble(store);
        var (catalog, entitlement, artifacts) = (new CatalogDouble(store), new EntitlementDouble(licenses), new ArtifactsDouble(store));
        var garden = await TestGarden.StartAsync(
            null,
            clock,
            null,
            Define(ServiceNames.Identity, new IdentityDouble(), Identity.Descriptor),
            Define(ServiceNames.Entitlement, entitlement, Contracts.V1.Entitlement.Descriptor, feed: entitlementFeed),
            Define(ServiceNames.Artifacts, artifacts, Contracts.V1.Artifacts.Descriptor, new ArtifactsFiles(store).Map),
            Define(ServiceNames.Catalog, catalog, Contracts.V1.Catalog.Descriptor, feed: catalogFeed),
            Define(ServiceNames.Search, search, Contracts.V1.Search.Descriptor),
            HubModule.Definition);
        return new(garden, store, licenses, search) { Catalog = catalog, Entitlement = entitlement, Artifacts = artifacts };
    }

    /// <summary>Requests as the Gateway hands them on: an internal token, and where the client called.</summary>
    public HttpClient As(Principal? principal = null)
    {
        var client = Garden.Http(ServiceNames.Hub, principal ?? People.Anonymous);
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "garden.test");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return client;
    }

    public HttpClient AsEngineer => As(People.Engineer());

    /// <summary>A repository of acme's with the first commit of every new one.</summary>
    public async Task<StoredRepository> CreateAsync(string name = "acme/tiny", bool published = false) => await CreateAsync(name, RepositoryKind.Model, published);

    public async Task<StoredRepository> CreateAsync(string name, RepositoryKind kind, bool published)
    {
        using var client = AsEngineer;
        using var answer = await client.PostAsync("/api/repos/create", Json($$"""{"name":"{{name}}","type":"{{(kind is RepositoryKind.Dataset ? "dataset" : "model")}}"}"""), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var repository = Store.Find(name)!;
        repository.IsPublished = published;
        return repository;
    }

    /// <summary>Commits these lines to main and answers the commit's id.</summary>
    public async Task<string> CommitAsync(string name, params string[] lines)
    {
        using var client = AsEngineer;
        using var answer = await client.PostAsync($"/api/models/{name}/commit/main", Ndjson(["""{"key":"header","value":{"summary":"add"}}""", .. lines]), Cancel);
        var json = await ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.ToJsonString());
        return (string)json["commitOid"]!;
    }

    public string Upload(byte[] content)
    {
        var sha256 = Kernel.Sha256Digest.Of(content).Hex;
        Store.Upload(sha256, content);
        return sha256;
    }

    public static string FileLine(string path, string content) => new JsonObject
    {
        ["key"] = "file",
        ["value"] = new JsonObject { ["path"] = path, ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)), ["encoding"] = "base64" },
    }.ToJsonString();

    public static string LargeLine(string path, string sha256) => new JsonObject
    {
        ["key"] = "lfsFile",
        ["value"] = new JsonObject { ["path"] = path, ["algo"] = "sha256", ["oid"] = sha256 },
    }.ToJsonString();

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static ByteArrayContent Ndjson(params string[] lines) => new(Encoding.UTF8.GetBytes(string.Join('\n', lines)))
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") },
    };

    public static async Task<JsonNode> ReadAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;

    public ValueTask DisposeAsync() => Garden.DisposeAsync();

    private static ServiceDefinition Define<TService>(string name, TService service, Google.Protobuf.Reflection.ServiceDescriptor descriptor, Action<WebApplication>? more = null, FeedDouble? feed = null)
        where TService : class => new(
            name,
            builder => builder.Services.AddSingleton(service).AddSingleton(feed ?? new()),
            app =>
            {
                app.MapGarden<TService>(descriptor);
                if (feed is not null)
                {
                    app.MapGarden<FeedDouble>(ChangeFeed.Descriptor);
                }

                more?.Invoke(app);
            });
}
