using Microsoft.AspNetCore.Http;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

public sealed class PublishTests : IAsyncLifetime
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 3_500_000).Select(i => (byte)(i * 31 / 7))];
    private GardenDouble _garden = null!;
    private HubDouble _hub = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _hub = new(_garden);
        _machine = new(_garden);
        _machine.Write("tiny/README.md", "# Tiny");
        _machine.Write("tiny/config/tokens.json", "{}");
        _machine.Write("tiny/weights.bin", Weights);
        _machine.Write("tiny/empty.txt", "");
        _machine.Write("tiny/.git/HEAD", "ref: x");
        _machine.Write("tiny/.garden/left.part", "x");
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    private Task<Ran> PublishAsync(params string[] options) => _machine.RunAsync(["models", "publish", "tiny", "--name", "acme/tiny", .. options]);

    [Fact]
    public async Task Publish_NewModel_IsMadeAndHoldsTheFolder()
    {
        var ran = (await PublishAsync("--message", "First", "--json")).Ok();

        Assert.Equal(["README.md", "config/tokens.json", "empty.txt", "weights.bin"], _hub.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Weights, _hub.Files["weights.bin"]);
        Assert.Equal("First", (string?)Assert.Single(_hub.Commits)[0]["value"]!["summary"]);
        Assert.Equal((_hub.Repository.Head, 4), ((string?)ran.Json["commit"], (int)ran.Json["sent"]!));
        Assert.Equal(Visibility.Garden, _hub.Repository.Visibility);
        Assert.Empty(ran.Err);
    }

    [Fact]
    public async Task Publish_InPipe_SaysALineForEachLargeFile()
    {
        var ran = (await PublishAsync()).Ok();

        Assert.Contains("uploaded weights.bin (3.5 MB)", ran.Err, StringComparison.Ordinal);
        Assert.Contains(_hub.Repository.Head, ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OnATerminal_ShowsBarsAndEnds()
    {
        _machine.IsTerminal = true;

        var ran = (await PublishAsync()).Ok();

        Assert.Contains(_hub.Repository.Head, ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("uploaded weights.bin", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_Again_SendsAndCommitsNothing()
    {
        (await PublishAsync()).Ok();
        var head = _hub.Repository.Head;
        _garden.Requests.Clear();

        var ran = (await PublishAsync("--json")).Ok();

        Assert.Single(_hub.Commits);
        Assert.Equal((head, 0, 4), ((string?)ran.Json["commit"], (int)ran.Json["sent"]!, (int)ran.Json["present"]!));
        Assert.DoesNotContain(_garden.Requests, request => request.Verb is "PUT" or "PATCH");
    }

    [Fact]
    public async Task Publish_OneFileChanged_CommitsThatOne()
    {
        (await PublishAsync()).Ok();
        var head = _hub.Repository.Head;
        _machine.Write("tiny/config/tokens.json", "{\"a\":1}");

        (await PublishAsync()).Ok();

        var commit = _hub.Commits[1];
        Assert.Equal(2, commit.Length);
        Assert.Equal(("config/tokens.json", head), ((string?)commit[1]["value"]!["path"], (string?)commit[0]["value"]!["parentCommit"]));
    }

    [Fact]
    public async Task Publish_IgnoredFile_StaysHere()
    {
        _machine.Write("tiny/.gitignore", "empty.txt\nsecret.txt");
        _machine.Write("tiny/secret.txt", "s");

        var ran = (await PublishAsync()).Ok();

        Assert.DoesNotContain("secret.txt", _hub.Files.Keys);
        Assert.Contains("2 ignored", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_GardenAsksToWait_WaitsAsLongAsItSaysAndGoesOn()
    {
        _garden.FailOnce(request => request.Path.Value!.Contains("preupload", StringComparison.Ordinal), context =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (503, "7");
            return Task.CompletedTask;
        });

        (await PublishAsync()).Ok();

        Assert.Equal([TimeSpan.FromSeconds(7)], _machine.Pauses);
    }

    [Fact]
    public async Task Publish_SomeoneElseCommitted_IsRefusedInItsWords()
    {
        _garden.FailOnce(request => request.Path.Value!.Contains("/commit/", StringComparison.Ordinal), async context =>
        {
            context.Response.StatusCode = 412;
            context.Response.Headers["X-Error-Message"] = "moved%20on";
            await context.Response.WriteAsync("""{"error": "the branch has moved on"}""");
        });

        var ran = await PublishAsync();

        Assert.Equal((ExitCodes.Failed, "error: the branch has moved on (HTTP_412)"), (ran.Code, ran.Err.Split('\n')[^2]));
    }

    [Fact]
    public async Task Publish_ManySmallFiles_MakeSeveralCommitsOnEachOther()
    {
        for (var i = 0; i < 3; i++)
        {
            _machine.Write($"tiny/large{i}.txt", new byte[9_000_000]);
        }

        (await PublishAsync("--message", "Many")).Ok();

        Assert.Equal(["Many (1 of 2)", "Many (2 of 2)"], _hub.Commits.Select(commit => (string?)commit[0]["value"]!["summary"]));
        Assert.Equal(7, _hub.Files.Count);
    }

    [Fact]
    public async Task Publish_MoreFilesThanABatch_AsksInBatches()
    {
        for (var i = 0; i < 300; i++)
        {
            _machine.Write($"tiny/many/{i}.txt", $"{i}");
        }

        (await PublishAsync()).Ok();

        Assert.Equal(304, _hub.Files.Count);
        Assert.Equal(2, _garden.Requests.Count(request => request.Path.Contains("preupload", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Publish_LinkToAFile_IsFollowed()
    {
        File.CreateSymbolicLink(_machine.PathOf("tiny/linked.bin"), _machine.PathOf("tiny/weights.bin"));

        (await PublishAsync()).Ok();

        Assert.Equal(Weights, _hub.Files["linked.bin"]);
    }

    [Theory]
    [InlineData("nowhere", ExitCodes.Usage)]
    [InlineData("tiny/README.md", ExitCodes.Usage)]
    [InlineData("bare", ExitCodes.Failed)]
    public async Task Publish_NoSuchFolder_IsSaid(string folder, int code)
    {
        Directory.CreateDirectory(_machine.PathOf("bare"));

        var ran = await _machine.RunAsync("models", "publish", folder, "--name", "acme/tiny");

        Assert.Equal(code, ran.Code);
        Assert.Contains(folder, ran.Err, StringComparison.Ordinal);
        Assert.Empty(_garden.Requests);
    }

    [Fact]
    public async Task Publish_Approve_GoesTheWholeWayAfterTheExamination()
    {
        var steps = new List<LifecycleAction>();
        var looks = 0;
        _garden.On<GetRepositoryRequest>("GetRepository", _ =>
        {
            _hub.Repository.Record = new() { Revision = _hub.Repository.Head, Measured = new() { Verdict = looks++ < 3 ? Verdict.Pending : Verdict.Clean } };
            return _hub.Repository;
        });
        _garden.On<ChangeLifecycleRequest>("ChangeLifecycle", request =>
        {
            steps.Add(request.Action);
            _hub.Repository.Lifecycle = (Lifecycle)(steps.Count + 1);
            _hub.Repository.SubmittedRevision = _hub.Repository.Head;
            if (request.Action is LifecycleAction.Publish)
            {
                _hub.Repository.PublishedRevisions.Add(_hub.Repository.Head);
            }

            return _hub.Repository;
        });

        var ran = (await PublishAsync("--approve", "--json")).Ok();

        Assert.Equal([LifecycleAction.Submit, LifecycleAction.StartReview, LifecycleAction.Approve, LifecycleAction.Publish], steps);
        Assert.Equal("LIFECYCLE_PUBLISHED", (string?)ran.Json["lifecycle"]);
        Assert.Equal(2, _machine.Pauses.Count);
    }

    [Fact]
    public async Task Publish_Submit_StopsThere()
    {
        var steps = new List<LifecycleAction>();
        _garden.On<ChangeLifecycleRequest>("ChangeLifecycle", request =>
        {
            steps.Add(request.Action);
            Assert.Equal(_hub.Repository.Head, request.Revision);
            (_hub.Repository.Lifecycle, _hub.Repository.SubmittedRevision) = (Lifecycle.Submitted, request.Revision);
            return _hub.Repository;
        });

        (await PublishAsync("--submit")).Ok();
        (await PublishAsync("--submit")).Ok();

        Assert.Equal([LifecycleAction.Submit], steps);
    }
}
