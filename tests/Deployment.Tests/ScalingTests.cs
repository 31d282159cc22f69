using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class ScalingTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Endpoint_IdleForItsTimeout_SleepsUntilItIsActivated()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (replica, address) = await garden.ReplicaAsync("chat");

        clock.Advance(TimeSpan.FromMinutes(15));
        var asleep = await garden.UntilAsync("chat", EndpointState.Asleep);
        clock.Advance(TimeSpan.FromSeconds(1));
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 0);

        Assert.Equal("no call for 15 minutes: the next one wakes it", asleep.Reason);
        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));

        await garden.Serving.ActivateAsync(new() { Tenant = "acme", Name = "chat" }, cancellationToken: Cancel);
        var (woken, newAddress) = await garden.ReplicaAsync("chat");

        Assert.NotEqual(replica, woken);
        Assert.Equal("fine", await Http.GetStringAsync(new Uri(newAddress), Cancel));
    }

    [Fact]
    public async Task Endpoint_WithCallsRunning_StaysAwakeAndKeepsTheTimeOfTheLastOne()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (replica, _) = await garden.ReplicaAsync("chat");

        await ReportAsync(garden, clock, replica, running: 1);
        var busy = await garden.UntilAsync("chat", endpoint => endpoint.LastCallAt is not null);
        for (var minute = 0; minute < 20; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await ReportAsync(garden, clock, replica, running: 1);
        }

        var called = clock.GetUtcNow();
        await ReportAsync(garden, clock, replica, running: 0);
        clock.Advance(TimeSpan.FromMinutes(14));
        await garden.UntilAsync("chat", endpoint => endpoint.LastCallAt > busy.LastCallAt && endpoint.State is EndpointState.Ready);
        clock.Advance(TimeSpan.FromMinutes(1));
        var asleep = await garden.UntilAsync("chat", EndpointState.Asleep);

        Assert.Equal(called.ToUnixTimeMilliseconds(), asleep.LastCallAt.ToDateTimeOffset().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Endpoint_BusierThanOneReplicaBears_GetsAnotherOneAndLosesItAgain()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat", scaling: new() { MinimumReplicas = 1, MaximumReplicas = 2 });
        var (first, _) = await garden.ReplicaAsync("chat");

        await ReportAsync(garden, clock, first, running: 9);
        var two = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count(replica => replica.State is ReplicaState.Ready) is 2);
        await ReportAsync(garden, clock, first, running: 1);
        await garden.UntilAsync("chat", endpoint => endpoint.LastCallAt is not null);
        clock.Advance(TimeSpan.FromSeconds(61));
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Any(replica => replica.State is ReplicaState.Draining));
        clock.Advance(TimeSpan.FromSeconds(5));
        var one = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 1);

        Assert.Equal(2, two.Replicas.Count);
        Assert.Equal(first, one.Replicas[0].Id);
    }

    [Fact]
    public async Task Calls_ToldByTwoReporters_AreAddedUp()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat", scaling: new() { MinimumReplicas = 1, MaximumReplicas = 2 });
        var (first, _) = await garden.ReplicaAsync("chat");

        await ReportAsync(garden, clock, first, running: 3, "one");
        await ReportAsync(garden, clock, first, running: 2, "two");

        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count(replica => replica.State is ReplicaState.Ready) is 2);
    }

    [Fact]
    public async Task Calls_OfAReporterThatFellSilent_KeepNothingAwake()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat", scaling: new() { IdleTimeout = new Duration { Seconds = 1 } });
        var (replica, _) = await garden.ReplicaAsync("chat");
        await ReportAsync(garden, clock, replica, running: 1, "killed");
        await garden.UntilAsync("chat", endpoint => endpoint.LastCallAt is not null);

        clock.Advance(TimeSpan.FromMinutes(2));

        await garden.UntilAsync("chat", EndpointState.Asleep);
    }

    private static async Task ReportAsync(DeploymentGarden garden, ManualClock clock, string replica, int running, string reporter = "") =>
        await garden.Serving.ReportActivityAsync(
            new()
            {
                Reporter = reporter,
                Replicas =
                {
                    new ReplicaActivity { Tenant = "acme", Endpoint = "chat", Replica = replica, RunningCalls = running, LastCallAt = Timestamp.FromDateTimeOffset(clock.GetUtcNow()) },
                },
            },
            cancellationToken: Cancel);
}
