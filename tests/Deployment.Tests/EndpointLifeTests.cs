using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class EndpointLifeTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Endpoint_CreatedReadyAndDeleted_RunsAnEngineMeanwhile()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var commit = garden.Shelf.CommitFake("acme/model", "serve");

        var created = await garden.CreateAsync("chat");
        var ready = await garden.UntilAsync("chat", EndpointState.Ready);
        var (_, address) = await garden.ReplicaAsync("chat");

        Assert.Equal(commit, created.Revision);
        Assert.Equal("model.fake", created.File);
        Assert.Equal("fake-events", created.Runtime);
        Assert.Equal(["apache-2.0"], created.Licenses);
        Assert.All(ready.Replicas, replica => Assert.Empty(replica.Address));
        Assert.Equal("fine", await Http.GetStringAsync(new Uri(address), Cancel));

        await garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel);
        await garden.UntilGoneAsync("chat");
        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));
    }
}
