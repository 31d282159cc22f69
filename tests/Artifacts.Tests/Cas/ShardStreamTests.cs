using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Artifacts.Tests.Objects;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Version 2's answer to a shard: lines that say how far it is.</summary>
public sealed class ShardStreamTests : IAsyncLifetime
{
    private static readonly TestXorb Xorb = TestXorb.Any(1, count: 40);
    private static readonly TestFile[] Files = [.. Enumerable.Range(0, 20).Select(n => TestFile.Of((Xorb, n, n + 20)))];
    private readonly ManualClock _clock = new();
    private WatchedStore _store = null!;
    private CasGarden _garden = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await CasGarden.StartOverAsync(store => _store = new(store, isRemote: false), clock: _clock);
        await _garden.UploadAsync(Xorb);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Post_True_ValidatesCommitsAndEndsWithTheResult()
    {
        using var response = await _garden.PostShardAsync(TestFile.Shard(Files, Xorb), path: "/v2/shards");
        var lines = await LinesAsync(response);

        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.True(response.Headers.CacheControl!.NoCache);
        Assert.Equal("""{"type":"validating","verified":0,"total":20}""", lines[0]);
        Assert.Equal("""{"type":"result","result":1}""", lines[^1]);
        InOrder(lines);
        await Assert.AllAsync(Files, async file => Assert.NotEmpty(await _garden.Garden.FilesAsync(People.Engineer(), file.Bytes)));
    }

    [Fact]
    public async Task Post_Again_ResultIsThatItWasThere()
    {
        var shard = TestFile.Shard(Files, Xorb);
        await LinesAsync(await _garden.PostShardAsync(shard, path: "/v2/shards"));

        var again = await LinesAsync(await _garden.PostShardAsync(shard, path: "/v2/shards"));

        Assert.Equal("""{"type":"result","result":0}""", again[^1]);
        InOrder(again);
        Assert.Equal(0, await _garden.RegisterAsync(shard));
    }

    [Fact]
    public async Task Post_Lie_EndsWithAnErrorAndNothingIsRegistered()
    {
        var held = await _garden.HeldAsync();
        var lie = Files[19].With(file => file with { Sha256 = Sha256Digest.Of([1]) });

        using var response = await _garden.PostShardAsync(TestFile.Shard([.. Files[..19], lie], Xorb), path: "/v2/shards");
        var lines = await LinesAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        InOrder(lines);
        var error = JsonNode.Parse(lines[^1])!;
        Assert.Equal(("error", false), ((string)error["type"]!, (bool)error["retryable"]!));
        Assert.Contains("its bytes have another sha256", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal(held, await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_NoShardAtAll_RefusedBeforeAnyLine() =>
        await RefusedAsync(HttpStatusCode.BadRequest, "BAD_SHARD", await _garden.PostShardAsync([1, 2, 3], path: "/v2/shards"));

    [Fact]
    public async Task Post_OfNoFiles_EndsWithTheResult() =>
        Assert.Equal("""{"type":"result","result":0}""", (await LinesAsync(await _garden.PostShardAsync(TestFile.Shard([], Xorb), path: "/v2/shards")))[^1]);

    [Fact]
    public async Task Post_ThatTakesLong_SaysTheLastLineAgain()
    {
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.OnRead = (_, _) =>
        {
            reading.TrySetResult();
            return goOn.Task;
        };
        using var response = await _garden.PostShardAsync(TestFile.Shard([Files[0]], Xorb), path: "/v2/shards");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        var first = await lines.ReadLineAsync(Cancel).AsTask().InTimeAsync();
        await reading.Task.InTimeAsync();
        for (var n = 0; n < 3; n++)
        {
            await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(1), ShardAnswer.Pause);
            _clock.Advance(ShardAnswer.Pause);
            Assert.Equal(first, await lines.ReadLineAsync(Cancel).AsTask().InTimeAsync());
        }

        goOn.SetResult();

        Assert.EndsWith("""{"type":"result","result":1}""", (await lines.ReadToEndAsync(Cancel)).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WhoseSenderGoes_RegistersNothingAndLetsOthersIn()
    {
        var held = await _garden.HeldAsync();
        var reading = new TaskCompletionSource();
        _store.OnRead = (_, _) =>
        {
            reading.TrySetResult();
            return new TaskCompletionSource().Task.WaitAsync(Cancel);
        };
        using (await _garden.PostShardAsync(TestFile.Shard([Files[0]], Xorb), path: "/v2/shards"))
        {
            await reading.Task.InTimeAsync();
        }

        Assert.Equal(held, await _garden.HeldAsync());
    }

    [Fact]
    public async Task Post_WhenTheStoreIsFullOrBroken_EndsWithAnErrorThatCanBeTriedAgain()
    {
        _store.OnRead = (_, _) => throw new IOException("the disk does not answer");

        var error = JsonNode.Parse((await LinesAsync(await _garden.PostShardAsync(TestFile.Shard([Files[0]], Xorb), path: "/v2/shards")))[^1])!;

        Assert.Equal(("error", true), ((string)error["type"]!, (bool)error["retryable"]!));
        Assert.DoesNotContain("disk does not answer", (string)error["message"]!, StringComparison.Ordinal);
        _store.OnRead = (_, _) => Task.CompletedTask;
        Assert.Equal(1, await _garden.RegisterAsync(TestFile.Shard([Files[0]], Xorb)));
    }

    private static async Task<string[]> LinesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text.TrimEnd('\n').Split('\n');
    }

    /// <summary>First what is validated, more and more of it, then what is committed, and one last line.</summary>
    private static void InOrder(string[] lines)
    {
        var read = lines.Select(line => JsonNode.Parse(line)!).ToList();
        string[] order = ["validating", "committing", "result", "error"];
        var types = read.Select(line => Array.IndexOf(order, (string)line["type"]!)).ToList();
        Assert.Equal(types.Order(), types);
        Assert.Single(types, type => type >= 2);
        var verified = read.Where(line => (string)line["type"]! is "validating").Select(line => (int)line["verified"]!).ToList();
        Assert.Equal(verified.Order(), verified);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 1 << 20));
    }
}
