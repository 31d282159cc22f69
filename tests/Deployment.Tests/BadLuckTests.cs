using ModelGarden.Contracts.V1;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class BadLuckTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Engine_CrashesWheneverItLoads_FailsWithItsExitCodeAndLastWords()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "crash");
        await garden.CreateAsync("chat");

        var failed = await garden.UntilAsync("chat", EndpointState.Failed);

        Assert.Contains("fake-events ended with exit code 7; its last words:", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("out of luck", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("tried 3 times", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engine_RefusesTheModel_FailsAtOnceWithItsReason()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "refuse");
        await garden.CreateAsync("chat");

        var failed = await garden.UntilAsync("chat", EndpointState.Failed);

        Assert.StartsWith("fake-events: the model is of a kind that I do not know; tried 1 time", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engine_HangsAtLoading_FailsAfterTheTimeout()
    {
        var clock = new ManualClock();
        await using var garden = await DeploymentGarden.StartAsync(clock);
        garden.Shelf.CommitFake("acme/model", "hang");
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.Count > 0);
        clock.Advance(TimeSpan.FromSeconds(1));
        await garden.UntilAsync("chat", endpoint => endpoint is { State: EndpointState.Starting, Progress: 0.5 });

        clock.Advance(TimeSpan.FromMinutes(5));
        var failed = await garden.UntilAsync("chat", EndpointState.Failed);

        Assert.Contains("fake-events did not become ready within 300 seconds", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage", "model.fake", "with garbage")]
    [InlineData("garbage", "model.probed", "with garbage")]
    [InlineData("wrong", "model.fake", "with 404")]
    [InlineData("wrong", "model.probed", "with 404")]
    public async Task Engine_AnswersItsProbeWrongly_Fails(string behaviour, string file, string why)
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", behaviour, file: file);
        await garden.CreateAsync("chat");

        Assert.Contains(why, (await garden.UntilAsync("chat", EndpointState.Failed)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engine_PrintsNoiseAmongItsEvents_IsReadAllTheSame()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "noise");
        await garden.CreateAsync("chat");

        await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.Contains("not an event", await garden.LogsAsync("chat"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engine_CrashesOnce_ComesBackByItself()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var onceFile = Path.Combine(garden.Data, "once");
        garden.Shelf.CommitFake("acme/model", "crash-once", $""","onceFile":"{onceFile}" """);
        await garden.CreateAsync("chat");

        var ready = await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.True(File.Exists(onceFile));
        Assert.Empty(ready.Reason);
    }

    [Fact]
    public async Task Engine_CrashesWhileItServes_IsReplaced()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (id, address) = await garden.ReplicaAsync("chat");

        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri($"{address}/crash"), Cancel));
        await garden.UntilAsync("chat", endpoint => endpoint.Replicas.All(replica => replica.Id != id) && endpoint.State is not EndpointState.Ready);
        var ready = await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.NotEqual(id, Assert.Single(ready.Replicas).Id);
        Assert.Contains("signal 11", await garden.LogsAsync("chat"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("silence", "did not answer GET /health within 0.5 seconds (3 times in a row, after it had been ready)")]
    [InlineData("garbage", "with garbage")]
    public async Task Engine_TurnsBadWhileItServes_IsReplacedAndSaysWhy(string turn, string why)
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: [("ProbeInterval", "00:00:00.050"), ("ProbeTimeout", "00:00:00.500")]);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (id, address) = await garden.ReplicaAsync("chat");

        await Http.GetStringAsync(new Uri($"{address}/turn/{turn}"), Cancel);
        var starting = await garden.UntilAsync("chat", endpoint => endpoint.State is not EndpointState.Ready);
        var ready = await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.Contains(why, starting.Reason, StringComparison.Ordinal);
        Assert.NotEqual(id, Assert.Single(ready.Replicas).Id);
    }

    [Fact]
    public async Task Engine_AnswersTwoProbesWrongly_IsKept()
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: [("ProbeInterval", "00:00:00.050"), ("ProbeTimeout", "00:01:00")]);
        garden.Shelf.CommitFake("acme/model", "serve");
        await garden.CreateAsync("chat");
        var (id, address) = await garden.ReplicaAsync("chat");

        await Http.GetStringAsync(new Uri($"{address}/stumble"), Cancel);

        Assert.Equal(id, Assert.Single((await garden.UntilAsync("chat", EndpointState.Ready)).Replicas).Id);
    }

    [Fact]
    public async Task Engine_IgnoresSigterm_IsKilledAfterTheGrace()
    {
        await using var garden = await DeploymentGarden.StartAsync(settings: ("StopGrace", "00:00:00.300"));
        garden.Shelf.CommitFake("acme/model", "stubborn");
        await garden.CreateAsync("chat");
        var (_, address) = await garden.ReplicaAsync("chat");

        await garden.Ann.DeleteEndpointAsync(new() { Name = "chat" }, cancellationToken: Cancel);
        await garden.UntilGoneAsync("chat");

        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(address), Cancel));
    }

    [Theory]
    [InlineData("model.fake")]
    [InlineData("model.probed")]
    public async Task Engine_AnyKind_SeesNothingOfTheGardensEnvironment(string file)
    {
        Environment.SetEnvironmentVariable("GARDEN_TEST_SECRET", "hush");
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve", file: file);
        await garden.CreateAsync("chat");
        await garden.UntilAsync("chat", EndpointState.Ready);

        var logs = await garden.LogsAsync("chat");

        Assert.Contains("environment: ", logs, StringComparison.Ordinal);
        Assert.DoesNotContain("GARDEN", logs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_BytesAreWrong_FailsAndKeepsNothing()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        garden.Shelf.CommitFake("acme/model", "serve");
        garden.Shelf.Tamper = (bytes, _) => [.. bytes.Reverse()];
        await garden.CreateAsync("chat");

        var failed = await garden.UntilAsync("chat", EndpointState.Failed);

        Assert.Contains("are not those of sha256", failed.Reason, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Path.Combine(garden.Data, "deployment", "files")), path => Assert.Equal(0, new FileInfo(path).Length));
    }

    [Fact]
    public async Task File_BreaksOffHalfway_IsFetchedOnFromThere()
    {
        await using var garden = await DeploymentGarden.StartAsync();
        var commit = garden.Shelf.CommitFake("acme/model", "serve", $""","padding":"{new string('x', 10_000)}" """);
        var broken = false;
        garden.Shelf.Tamper = (bytes, _) =>
        {
            garden.Shelf.Tamper = null;
            broken = true;
            return bytes[..5000];
        };
        await garden.CreateAsync("chat");

        var ready = await garden.UntilAsync("chat", EndpointState.Ready);

        Assert.True(broken);
        Assert.Equal(commit, ready.Revision);
        Assert.Equal([0, 5000], garden.Shelf.Downloads);
    }
}
