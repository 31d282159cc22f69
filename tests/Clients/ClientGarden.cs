using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ModelGarden.Artifacts;
using ModelGarden.Catalog;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Gateway;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub;
using ModelGarden.Identity;
using ModelGarden.Search;
using ModelGarden.Testing;

[assembly: AssemblyFixture(typeof(ModelGarden.Clients.NodeClients))]

namespace ModelGarden.Clients;

/// <summary>A garden behind its real Gateway on a TCP port, with people in two organisations who hold real tokens. All flows of a database share one.</summary>
public abstract class ClientGarden : IAsyncLifetime
{
    /// <summary>Of what is uploaded in parts, in bytes.</summary>
    public const int PartSize = 3 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private TestDatabase? _database;
    private TestGarden? _garden;

    /// <summary>Where clients call.</summary>
    public string Address
    {
        get
        {
            _ = Garden;
            return field;
        }

        private set;
    } = "";

    /// <summary>Token of an engineer of <c>books</c>, which publishes.</summary>
    public string Publisher { get; private set; } = "";

    /// <summary>Token of an engineer of <c>acme</c>, which uses.</summary>
    public string Engineer { get; private set; } = "";

    /// <summary>Token of a curator of the garden.</summary>
    public string Curator { get; private set; } = "";

    private static CancellationToken Cancel => Testing.Patience.Cancel;

    private TestGarden Garden
    {
        get
        {
            if (_garden is null)
            {
                TestDatabase.SkipUnlessThere();
            }

            return _garden!;
        }
    }

    /// <summary>Where it cannot be started, all that would use it are skipped: a fixture cannot say so itself.</summary>
    protected virtual bool IsPossible => true;

    public async ValueTask InitializeAsync()
    {
        if (!IsPossible)
        {
            return;
        }

        var address = $"http://127.0.0.1:{FreePort()}";
        _database = await DatabaseAsync();
        _garden = await TestGarden.StartAsync(
            _database,
            null,
            new Dictionary<string, string>
            {
                [$"Services:{ServiceNames.Gateway}:Http"] = address, ["Artifacts:PartSize"] = $"{PartSize}",
                ["Webhooks:AllowedNetworks"] = "127.0.0.1/32", ["Issuers:AllowedNetworks"] = "127.0.0.1/32",
            },
            IdentityModule.Definition,
            EntitlementModule.Definition,
            ArtifactsModule.Definition,
            CatalogModule.Definition,
            SearchModule.Definition,
            HubModule.Definition,
            GatewayModule.Definition);
        Address = address;
        Publisher = await PersonAsync("pat", "books");
        Engineer = await PersonAsync("ann", "acme");
        Curator = await PersonAsync("cora", "curators", Roles.Curator);
    }

    public async ValueTask DisposeAsync()
    {
        if (_garden is not null)
        {
            await _garden.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Null: SQLite.</summary>
    protected abstract Task<TestDatabase?> DatabaseAsync();

    /// <summary>Runs a flow of the hub's client with this token.</summary>
    public async Task<JsonNode> RunAsync(string flow, string token, params (string Key, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Key, setting => setting.Value);
        (all["HUB_URL"], all["HUB_TOKEN"]) = (Address, token);
        var result = await NodeClients.RunAsync(flow, all);
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToJsonString());
        return result;
    }

    /// <summary>Uploads a folder as the publisher, and brings it before the whole garden.</summary>
    public async Task<JsonNode> PublishAsync(string repository, string folder)
    {
        var uploaded = await RunAsync("upload-folder", Publisher, ("REPO", repository), ("FOLDER", folder));
        Assert.True((bool)uploaded["ok"]!, uploaded.ToJsonString());
        await ExaminedAsync(repository);
        await PublishAsync(repository);
        await FoundAsync(repository);
        return uploaded;
    }

    /// <summary>Brings what a repository of the publisher's has now before the whole garden.</summary>
    public async Task PublishAsync(string repository)
    {
        var (owner, curator) = (CatalogAs(People.Engineer("books")), CatalogAs(People.Curator));
        await owner.ChangeLifecycleAsync(new() { Name = repository, Action = LifecycleAction.Submit }, cancellationToken: Cancel);
        foreach (var action in new[] { LifecycleAction.StartReview, LifecycleAction.Approve, LifecycleAction.Publish })
        {
            await curator.ChangeLifecycleAsync(new() { Name = repository, Action = action }, cancellationToken: Cancel);
        }
    }

    /// <summary>Accepts a licence for acme.</summary>
    public async Task AcceptAsync(string license)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(Garden.As(People.Admin("acme"), ServiceNames.Entitlement));
        var text = await entitlement.GetLicenseAsync(new() { Id = license }, cancellationToken: Cancel);
        await entitlement.AcceptLicenseAsync(new() { Id = license, TextSha256 = text.TextSha256 }, cancellationToken: Cancel);
    }

    /// <summary>Adds a licence that must be accepted to those that the garden knows.</summary>
    public async Task AddLicenseAsync(string license)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(Garden.As(People.Curator, ServiceNames.Entitlement));
        await entitlement.PutLicenseAsync(new() { Id = license, Title = license, Text = $"The text of {license}.", RequiresAcceptance = true }, cancellationToken: Cancel);
    }

    /// <summary>Has the addresses of uploads be good for so long from when they are given.</summary>
    public async Task SetUploadLifetimeAsync(TimeSpan lifetime)
    {
        Garden.Change("Artifacts:UploadLifetime", $"{lifetime}");
        await Garden.RestartAsync(ArtifactsModule.Definition);
    }

    /// <summary>How many downloads of a repository are counted, when the Hub has told of all: it does when it stops.</summary>
    public async Task<long> DownloadsAsync(string repository)
    {
        await Garden.RestartAsync(HubModule.Definition);
        return (await CatalogAs(People.Operator).GetRepositoryAsync(new() { Name = repository }, cancellationToken: Cancel)).Downloads;
    }

    // Files are examined after they have arrived; Catalog's feed tells what came of it.
    private async Task ExaminedAsync(string repository)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        var feed = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service(ServiceNames.Search), ServiceNames.Catalog));
        using var watch = feed.Watch(new(), cancellationToken: patience.Token);
        while (await watch.ResponseStream.MoveNext(patience.Token))
        {
            if (watch.ResponseStream.Current.Change?.State?.TryUnpack<Repository>(out var state) is true
                && state.Name == repository && state.Record?.Measured is { Verdict: Verdict.Clean })
            {
                return;
            }
        }
    }

    // Search follows Catalog's feed, and tells nobody when it has read on: asked until it has.
    private async Task FoundAsync(string repository)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        var search = new Contracts.V1.Search.SearchClient(Garden.As(People.Engineer(), ServiceNames.Search));
        while (true)
        {
            var found = await search.QueryAsync(new() { Kind = RepositoryKind.Model, PageSize = 500 }, cancellationToken: patience.Token);
            if (found.Hits.Any(hit => hit.Repository.Name == repository))
            {
                return;
            }
        }
    }

    /// <summary>One that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Catalog, called past the Gateway.</summary>
    public Contracts.V1.Catalog.CatalogClient CatalogAs(Principal principal) => new(Garden.As(principal, ServiceNames.Catalog));

    /// <summary>Identity, called past the Gateway.</summary>
    public Contracts.V1.Identity.IdentityClient IdentityAs(Principal principal) => new(Garden.As(principal, ServiceNames.Identity));

    private async Task<string> PersonAsync(string name, string tenant, string role = Roles.Engineer)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(Garden.As(People.Operator, ServiceNames.Entitlement));
        var identity = new Contracts.V1.Identity.IdentityClient(Garden.As(People.Operator, ServiceNames.Identity));
        await entitlement.CreateTenantAsync(new() { Name = tenant, DisplayName = tenant }, cancellationToken: Cancel);
        await identity.CreateAccountAsync(new() { Name = name, Tenant = tenant, Roles = { role } }, cancellationToken: Cancel);
        var own = new Contracts.V1.Identity.IdentityClient(Garden.As(People.Person(name, tenant, role), ServiceNames.Identity));
        var token = await own.CreateTokenAsync(new() { DisplayName = "laptop" }, cancellationToken: Cancel);
        return token.Secret;
    }
}

[CollectionDefinition]
public sealed class SqliteGarden : ClientGarden, ICollectionFixture<SqliteGarden>
{
    protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

[CollectionDefinition]
public sealed class PostgresGarden : ClientGarden, ICollectionFixture<PostgresGarden>
{
    protected override bool IsPossible => TestDatabase.IsThere;

    protected override async Task<TestDatabase?> DatabaseAsync() => await TestDatabase.CreateAsync();
}
