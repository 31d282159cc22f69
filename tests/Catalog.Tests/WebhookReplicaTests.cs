using Microsoft.AspNetCore.Http;
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
    public async Task Turn_OfAReplicaThatNeverEnds_IsTakenOver()
    {
        var (hook, hanging, first) = (await HookAsync(), new TaskCompletionSource(), true);
        Receiver.Answer = async http =>
        {
            if (first)
            {
                first = false;
                await hanging.Task;
            }

            await http.Response.WriteAsync("taken");
        };
        await CreateAsync();
        var one = await Receiver.NextAsync();

        Ring(_other);
        Assert.Equal(DeliveryStatus.Waiting, (await LogAsync(hook))[0].Status);
        Clock.Jump(TimeSpan.FromSeconds(61));
        Ring(_other);

        Assert.Equal(one.Id, (await Receiver.NextAsync()).Id);
        Assert.Equal(DeliveryStatus.Delivered, (await UntilOverAsync(hook)).Status);
        hanging.SetResult();
    }
}
