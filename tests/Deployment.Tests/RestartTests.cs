using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class RestartTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("model.fake")]
    [InlineData("model.probed")]
    public async Task Restart_EndpointThatRan_ComesBackWithoutFetchingAgain(string file)
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve", file: file);
        await garden.CreateAsync("chat");
        var (replica, address) = await garden.ReplicaAsync("chat");

        await garden.RestartAsync();
        var back = await garden.UntilFedAsync("chat", endpoint => endpoint.Replicas.Any(one => one.Id != replica && one.State is ReplicaState.Ready));

        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));
        Assert.Equal("fine", await Http.GetStringAsync(new Uri(back.Replicas[0].Address), Cancel));
        Assert.Single(garden.Shelf.Downloads);
    }

    [Fact]
    public async Task Restart_EndpointThatSlept_GoesOnSleeping()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", EndpointState.Ready);
        clock.Advance(TimeSpan.FromMinutes(15));
        await garden.UntilAsync("chat", EndpointState.Asleep);

        await garden.RestartAsync();
        var asleep = await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count is 0);
        await garden.Serving.ActivateAsync(new() { Tenant = "acme", Name = "chat" }, cancellationToken: Cancel);

        Assert.Equal(EndpointState.Asleep, asleep.State);
        await garden.UntilAsync("chat", EndpointState.Ready);
    }

    [Fact]
    public async Task Restart_AmidAHangingStart_EndsTheEngineAndStartsAnew()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var pidFile = Path.Combine(garden.Data, "pid");
        garden.Shelf.CommitFake("acme/model", "hang", $""","pidFile":"{pidFile}" """);
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", endpoint => endpoint.Progress is 0.5);
        var first = await File.ReadAllTextAsync(pidFile, Cancel);

        await garden.RestartAsync();

        Assert.False(Directory.Exists($"/proc/{first}"));
        await garden.UntilAsync("chat", endpoint => endpoint.Progress is 0.5 && endpoint.Replicas.Count is 1);
    }
}
