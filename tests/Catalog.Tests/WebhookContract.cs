using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>A catalog whose time a test makes go by, with a receiver of webhooks beside it.</summary>
public abstract class WebhookContract(Engine engine) : CatalogContract(engine)
{
    protected const string Secret = "between-you-and-me";
    protected const string Address = "https://garden.test";

    protected override ManualClock Clock { get; } = new();

    private protected StandingDouble Standing { get; } = new();

    protected WebhookReceiver Receiver { get; private set; } = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected override async Task<TestGarden> StartAsync(TestDatabase? database)
    {
        Receiver = await WebhookReceiver.StartAsync();
        return await StartReplicaAsync(database);
    }

    protected Task<TestGarden> StartReplicaAsync(TestDatabase? database) => TestGarden.StartAsync(
        database, Clock, new Dictionary<string, string> { ["Webhooks:AllowedNetworks"] = "127.0.0.1/32" }, Standing.Identity, Standing.Entitlement, Artifacts.Definition, CatalogModule.Definition);

    protected static WatchedItem Namespace(string name) => new() { Type = WatchedType.Organization, Name = name };

    protected static WatchedItem Repository(string name) => new() { Type = WatchedType.Model, Name = name };

    protected async Task<Webhook> HookAsync(CatalogClient? client = null, WatchedItem? watched = null, string? url = null, params WebhookDomain[] domains) => await (client ?? Engineer).CreateWebhookAsync(
        new() { Url = url ?? Receiver.Url, Watched = { watched ?? Namespace("acme") }, Secret = Secret, Address = Address, Domains = { domains } }, cancellationToken: Cancel);

    protected async Task<IReadOnlyList<Delivery>> LogAsync(Webhook hook, CatalogClient? client = null) =>
        (await (client ?? Engineer).ListDeliveriesAsync(new() { WebhookId = hook.Id, PageSize = 200 }, cancellationToken: Cancel)).Deliveries;

    /// <summary>Asks for the newest delivery until it is as expected: what a receiver has been sent is in the log a moment later.</summary>
    protected async Task<Delivery> UntilAsync(Webhook hook, Predicate<Delivery> expected, CatalogClient? client = null)
    {
        while (true)
        {
            if (await LogAsync(hook, client) is [var newest, ..] && expected(newest))
            {
                return newest;
            }

            Cancel.ThrowIfCancellationRequested();
        }
    }

    protected Task<Delivery> UntilOverAsync(Webhook hook, CatalogClient? client = null) => UntilAsync(hook, delivery => delivery.Status is not DeliveryStatus.Waiting, client);

    protected async Task<Webhook> UntilDisabledAsync(Webhook hook)
    {
        while (true)
        {
            if (await Engineer.GetWebhookAsync(new() { Id = hook.Id }, cancellationToken: Cancel) is { Disabled: true } disabled)
            {
                return disabled;
            }

            Cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Lets time go by when nobody is sending anything, and has whoever sends look at the clock.</summary>
    protected async Task PassAsync(TimeSpan by)
    {
        await UntilAsync(context => context.Webhooks.AllAsync(row => row.Claim == "", Cancel));
        Clock.Jump(by);
        Ring(Garden);
    }

    private protected async Task UntilAsync(Func<CatalogDbContext, Task<bool>> expected)
    {
        while (true)
        {
            await using var context = await OpenAsync();
            if (await expected(context))
            {
                return;
            }

            Cancel.ThrowIfCancellationRequested();
        }
    }

    protected static void Ring(TestGarden garden) => garden.PartsOf(ServiceNames.Catalog).GetRequiredService<DeliveryBell>().Ring();

    internal async Task<CatalogDbContext> OpenAsync() =>
        await Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>().CreateDbContextAsync(Cancel);
}
