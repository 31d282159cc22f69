using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

/// <summary>Events that more webhooks watch than one transaction makes deliveries for.</summary>
public abstract class SpreadingTests(Engine engine) : WebhookContract(engine)
{
    private const int Many = (2 * WebhookLimits.SpreadAtOnce) + 5;

    [Fact]
    public async Task Spreading_ToMany_IsDoneInPagesByWhoeverGoesOn()
    {
        var (id, hooks) = await WatchedByManyAsync();
        await CommitAsync(Add("a.txt", "a"));
        await CommitAsync(Add("b.txt", "b"));

        // Each a process of its own, killed after its page.
        Assert.True(await Spreader().SpreadSomeAsync(Cancel));
        Assert.Equal([.. hooks.Take(WebhookLimits.SpreadAtOnce)], await ToldAsync());
        Assert.True(await Spreader().SpreadSomeAsync(Cancel));
        Assert.Equal([.. hooks.Take(2 * WebhookLimits.SpreadAtOnce)], await ToldAsync());
        Assert.True(await Spreader().SpreadSomeAsync(Cancel));
        Assert.Equal([.. hooks, .. hooks.Take(WebhookLimits.SpreadAtOnce - 5)], await ToldAsync());

        await Task.WhenAll(Spreader().SpreadAsync(Cancel), Spreader().SpreadAsync(Cancel));

        Assert.Equal([.. hooks, .. hooks], await ToldAsync());
        await using var context = await OpenAsync();
        Assert.Equal(2, await context.WebhookEvents.CountAsync(row => row.IsSpread && row.RepositoryId == id, Cancel));
    }

    [Fact]
    public async Task Spreading_ToAPageThatMayNotBeTold_GoesOnWithTheNext()
    {
        var (id, hooks) = await WatchedByManyAsync();
        await using (var context = await OpenAsync())
        {
            await context.Database.ExecuteSqlAsync($"UPDATE webhooks SET tenant = 'globex' WHERE id <> {hooks[^1]}", Cancel);
        }

        await CommitAsync(Add("a.txt", "a"));
        await Spreader().SpreadAsync(Cancel);

        Assert.Equal([hooks[^1]], await ToldAsync());
        await using var after = await OpenAsync();
        Assert.True(await after.WebhookEvents.AllAsync(row => row.IsSpread && row.RepositoryId == id, Cancel));
    }

    [Fact]
    public async Task Spreading_ToOneThatIsFull_LeavesNothingWaitingForIt()
    {
        var (_, hooks) = await WatchedByManyAsync();
        await using (var context = await OpenAsync())
        {
            await context.Webhooks.Where(row => row.Id != hooks[0]).ExecuteDeleteAsync(Cancel);
            await context.Webhooks.ExecuteUpdateAsync(update => update.SetProperty(row => row.WaitingMost, WebhookLimits.Waiting), Cancel);
            context.WebhookDeliveries.AddRange(Enumerable.Range(1, WebhookLimits.Waiting - 1).Select(i => new StoredDelivery
            {
                Id = $"msg_{i}", WebhookId = hooks[0], EventId = -i, Scope = "repo", Action = "create", Repository = Model, Kind = RepositoryKind.Model, CreatedAt = Clock.GetUtcNow(), DueAt = Clock.GetUtcNow(),
            }));
            await context.SaveChangesAsync(Cancel);
        }

        // The first of them still has room.
        await CommitAsync(Add("a.txt", "a"));
        await CommitAsync(Add("b.txt", "b"));
        await CommitAsync(Add("c.txt", "c"));
        await Spreader().SpreadAsync(Cancel);

        await using var after = await OpenAsync();
        Assert.True((await after.Webhooks.SingleAsync(Cancel)).IsDisabled);
        Assert.Equal((WebhookLimits.Waiting, 0), (await after.WebhookDeliveries.CountAsync(Cancel), await after.WebhookDeliveries.CountAsync(row => row.DueAt != null, Cancel)));
    }

    /// <summary>A repository that many watch, with nobody but the test to spread what happens to it.</summary>
    private async Task<(string Id, List<string> Hooks)> WatchedByManyAsync()
    {
        await Garden.PartsOf(ServiceNames.Catalog).GetServices<IHostedService>().OfType<DeliveryWorker>().Single().StopAsync(Cancel);
        var id = (await CreateAsync()).Id;
        var watches = new List<StoredWatch>();
        await using var context = await OpenAsync();
        for (var i = 0; i < Many; i++)
        {
            var hook = new StoredWebhook
            {
                Id = $"{i:x24}", Account = "ann", AccountKey = "ann", Tenant = "acme", Url = Receiver.Url, Secret = Secret, Address = Address, Domains = EventDomains.All, CreatedAt = Clock.GetUtcNow(),
            };
            context.Webhooks.Add(hook);
            watches.Add(new() { WebhookId = hook.Id, Place = 0, Type = WatchedType.Organization, Name = "acme", Target = EventTarget.OfNamespace("acme") });
        }

        await context.SaveChangesAsync(Cancel);
        context.WebhookWatches.AddRange(watches);
        await context.SaveChangesAsync(Cancel);
        return (id, [.. Enumerable.Range(0, Many).Select(i => $"{i:x24}")]);
    }

    private EventSpreader Spreader() => new(Garden.PartsOf(ServiceNames.Catalog).GetRequiredService<IDbContextFactory<CatalogDbContext>>(), Clock);

    /// <summary>The webhooks that deliveries were made for, in the order of the events.</summary>
    private async Task<List<string>> ToldAsync()
    {
        await using var context = await OpenAsync();
        return await context.WebhookDeliveries.OrderBy(row => row.EventId).ThenBy(row => row.WebhookId).Select(row => row.WebhookId).ToListAsync(Cancel);
    }
}

public sealed class SpreadingOnSqliteTests() : SpreadingTests(Engine.Sqlite);

public sealed class SpreadingOnPostgresTests() : SpreadingTests(Engine.Postgres);
