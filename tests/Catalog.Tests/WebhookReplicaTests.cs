using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using CatalogClient = ModelGarden.Contracts.V1.Catalog.CatalogClient;

namespace ModelGarden.Catalog.Tests;

/// <summary>Two catalogs on one PostgreSQL that send to one receiver.</summary>
public sealed class WebhookReplicaTests() : WebhookContract(Engine.Postgres)
{
    private TestGarden _other = null!;

    public override async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await base.DisposeAsync();
    }

    private protected override async Task<TestGarden> StartAsync(TestDatabase? database)
    {
        var garden = await base.StartAsync(database);
        _other = await StartReplicaAsync(database);
        return garden;
    }

    [Fact]
    public async Task Deliveries_OfTwoReplicas_AreSentOnceAndInOrder()
    {
        var hook = await HookAsync();
        await CreateAsync();
        CatalogClient[] replicas = [Engineer, new(_other.As(People.Engineer(), ServiceNames.Catalog))];
        var commits = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            commits.Add((await replicas[i % 2].CreateCommitAsync(Request(Add("a.txt", $"{i}")), cancellationToken: Cancel)).Id);
            Ring(Garden);
            Ring(_other);
        }

        var received = new List<string>();
        Assert.Equal("repo", (string?)(await Receiver.NextAsync()).Json["event"]!["scope"]);
        while (received.Count < commits.Count)
        {
            received.Add((string)(await Receiver.NextAsync()).Json["updatedRefs"]![0]!["newSha"]!);
        }

        await UntilOverAsync(hook);
        Assert.Equal(commits, received);
        Assert.Empty(Receiver.Rest());
        Assert.All(await LogAsync(hook), delivery => Assert.Equal((DeliveryStatus.Delivered, 1), (delivery.Status, delivery.Attempts)));
    }

    [Fact]
    public async Task Turn_OfAReplicaThatNeverEnds_IsItsAloneUntilItsTime_AndIsTakenOverThen()
    {
        // One that took the turn and was killed: nothing of it is left but what it wrote.
        var (hook, beside) = (await HookAsync(), await HookAsync(url: Receiver.Url + "/beside"));
        await using var context = await OpenAsync();
        var row = context.Webhooks.Where(row => row.Id == hook.Id);
        await row.ExecuteUpdateAsync(update => update.SetProperty(row => row.ClaimedUntil, Clock.GetUtcNow() + DeliveryQueue.Lease).SetProperty(row => row.Claim, "killed"), Cancel);
        var held = await row.SingleAsync(Cancel);
        await CreateAsync();
        Ring(_other);

        // Whoever took the one beside it saw both, and left this one alone.
        Assert.Equal("/hook/beside", (await Receiver.NextAsync()).Path);
        await UntilOverAsync(beside);
        Clock.Jump(DeliveryQueue.Lease - TimeSpan.FromSeconds(1));
        Assert.Empty(await QueueOf(Garden).ClaimAsync(32, Cancel));
        Assert.Empty(await QueueOf(_other).ClaimAsync(32, Cancel));
        Assert.Equal(("killed", 0), (await row.Select(row => row.Claim).SingleAsync(Cancel), (await LogAsync(hook))[0].Attempts));
        Assert.NotNull(await QueueOf(Garden).HeldAsync(held));

        Clock.Jump(TimeSpan.FromSeconds(2));
        Ring(_other);

        Assert.Equal("/hook", (await Receiver.NextAsync()).Path);
        var delivered = await UntilOverAsync(hook);
        Assert.Equal((DeliveryStatus.Delivered, 1), (delivered.Status, delivered.Attempts));
        Assert.Null(await QueueOf(Garden).HeldAsync(held));
        Assert.Empty(Receiver.Rest());
    }

    private static DeliveryQueue QueueOf(TestGarden replica) => replica.PartsOf(ServiceNames.Catalog).GetRequiredService<DeliveryQueue>();
}
