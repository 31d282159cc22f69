using System.Net;
using System.Net.Sockets;
using ModelGarden.Artifacts;
using ModelGarden.Catalog;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Gateway;
using ModelGarden.Hosting;
using ModelGarden.Hub;
using ModelGarden.Identity;
using ModelGarden.Testing;

namespace ModelGarden.Cli.Tests.RealGarden;

/// <summary>A garden behind its real Gateway on a TCP port, with pieces of 64 KiB and an engineer of <c>books</c>, who holds a real token.</summary>
internal sealed class GardenOfBooks : IAsyncDisposable
{
    public const int PartSize = 64 << 10;
    public const int MaximumFileSize = 2_000_000;
    private readonly TestGarden _garden;

    private GardenOfBooks(TestGarden garden, Uri address) => (_garden, Address) = (garden, address);

    public Uri Address { get; }

    public string Token { get; private set; } = "";

    private static CancellationToken Cancel => Patience.Cancel;

    public static async Task<GardenOfBooks> StartAsync()
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var garden = await TestGarden.StartAsync(
            null,
            null,
            new Dictionary<string, string> { [$"Services:{ServiceNames.Gateway}:Http"] = address, ["Artifacts:PartSize"] = $"{PartSize}", ["Artifacts:MaximumFileSize"] = $"{MaximumFileSize}" },
            IdentityModule.Definition,
            EntitlementModule.Definition,
            ArtifactsModule.Definition,
            CatalogModule.Definition,
            HubModule.Definition,
            GatewayModule.Definition);
        return new(garden, new(address)) { Token = await PersonAsync(garden, "pat", "books") };
    }

    /// <summary>What it remembers then is what it has stored.</summary>
    public Task RestartArtifactsAsync() => _garden.RestartAsync(ArtifactsModule.Definition);

    /// <summary>What the engineer's tenant has of these files.</summary>
    public async Task<IReadOnlyList<StoredFile>> FilesAsync(params string[] sha256) =>
        (await new Contracts.V1.Artifacts.ArtifactsClient(_garden.As(People.Engineer("books"), ServiceNames.Artifacts)).GetFilesAsync(new() { Sha256 = { sha256 } }, cancellationToken: Cancel)).Files;

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    private static async Task<string> PersonAsync(TestGarden garden, string name, string tenant)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(garden.As(People.Operator, ServiceNames.Entitlement));
        var identity = new Contracts.V1.Identity.IdentityClient(garden.As(People.Operator, ServiceNames.Identity));
        await entitlement.CreateTenantAsync(new() { Name = tenant, DisplayName = tenant }, cancellationToken: Cancel);
        await identity.CreateAccountAsync(new() { Name = name, Tenant = tenant, Roles = { "engineer" } }, cancellationToken: Cancel);
        var own = new Contracts.V1.Identity.IdentityClient(garden.As(People.Person(name, tenant, "engineer"), ServiceNames.Identity));
        return (await own.CreateTokenAsync(new() { DisplayName = "laptop" }, cancellationToken: Cancel)).Secret;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
