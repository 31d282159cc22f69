using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class RolloutTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Update_NewRevision_TakesOverWithoutAFailedCall()
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: ("DrainGrace", "00:00:01"));
        garden.Shelf.CommitFake("acme/model", "serve", ""","answer":"one" """);
        await garden.CreateAsync("chat");
        await using var caller = await RoutedCaller.StartAsync(garden, "chat");
        await caller.UntilAnsweredAsync("one");

        var second = garden.Shelf.CommitFake("acme/model", "serve", ""","answer":"two" """);
        var updated = await garden.Ann.UpdateEndpointAsync(new() { Name = "chat", Revision = "HEAD" }, cancellationToken: Cancel);
        await caller.UntilAnsweredAsync("two");
        var settled = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 1 && endpoint.Replicas[0].Revision == second);

        Assert.Equal((second, 2), (updated.Revision, updated.Generation));
        Assert.Equal(EndpointState.Ready, settled.State);
        Assert.Empty(settled.Reason);
        Assert.Equal(0, caller.Failures);
    }

    [Fact]
    public async Task Update_NewRevisionFails_OldOneGoesOnServingAndTheReasonSaysSo()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var good = garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (_, address) = await garden.ReplicaAsync("chat");

        var bad = garden.Shelf.CommitFake("acme/model", "refuse");
        await garden.Ann.UpdateEndpointAsync(new() { Name = "chat", Revision = bad }, cancellationToken: Cancel);
        var endpoint = await garden.UntilAsync("chat", endpoint => endpoint.Reason.Contains("goes on serving", StringComparison.Ordinal));

        Assert.Equal((EndpointState.Ready, bad), (endpoint.State, endpoint.Revision));
        Assert.Contains($"model.fake at {bad[..8]} did not start, model.fake at {good[..8]} goes on serving: fake-events: the model is of a kind", endpoint.Reason, StringComparison.Ordinal);
        Assert.Equal("fine", await Http.GetStringAsync(new Uri(address), Cancel));
    }

    [Fact]
    public async Task Update_NewRevisionFailsAndTheHostRestarts_OldOneIsBroughtBack()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var good = garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", EndpointState.Ready);
        var bad = garden.Shelf.CommitFake("acme/model", "refuse");
        await garden.Ann.UpdateEndpointAsync(new() { Name = "chat", Revision = bad }, cancellationToken: Cancel);
        await garden.UntilAsync("chat", endpoint => endpoint.Reason.Contains("goes on serving", StringComparison.Ordinal));

        await garden.RestartAsync();
        var endpoint = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Any(replica => replica.State is ReplicaState.Ready && replica.StartedAt > endpoint.UpdatedAt));

        Assert.Equal((EndpointState.Ready, good), (endpoint.State, endpoint.Replicas.First(replica => replica.State is ReplicaState.Ready).Revision));
    }

    [Fact]
    public async Task Update_ScalingOnly_ChangesNoReplica()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (replica, _) = await garden.ReplicaAsync("chat");

        var updated = await garden.Ann.UpdateEndpointAsync(new() { Name = "chat", Scaling = new() { MinimumReplicas = 2, MaximumReplicas = 2 } }, cancellationToken: Cancel);
        var again = await garden.Ann.UpdateEndpointAsync(new() { Name = "chat", Scaling = new() { MinimumReplicas = 2, MaximumReplicas = 2 } }, cancellationToken: Cancel);
        var two = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count(one => one.State is ReplicaState.Ready) is 2);

        Assert.Equal((2, 2), (updated.Generation, again.Generation));
        Assert.Contains(two.Replicas, one => one.Id == replica);
    }
}
