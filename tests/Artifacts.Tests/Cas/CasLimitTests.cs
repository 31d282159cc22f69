using System.Net;
using System.Text;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

public sealed class CasLimitTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private CasGarden _garden = null!;

    public async ValueTask InitializeAsync() => _garden = await CasGarden.StartAsync(clock: _clock);

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Theory]
    [InlineData("/v1/shards")]
    [InlineData("/v2/shards")]
    public async Task PostShard_AnnouncedTooLong_RefusedAtOnce(string path)
    {
        using var content = new ByteArrayContent(new byte[1000]);
        content.Headers.ContentLength = CasLimits.Shard.Bytes + 1;

        using var response = await _garden.SendAsync(HttpMethod.Post, path, await _garden.TokenAsync(), content, ("Expect", "100-continue"));

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "BODY_TOO_LARGE", response);
    }

    [Fact]
    public async Task PostShard_TooLongWithoutSayingSo_Refused()
    {
        using var content = new StreamContent(new MemoryStream(new byte[CasLimits.Shard.Bytes + 1]));

        using var response = await _garden.SendAsync(HttpMethod.Post, "/v1/shards", await _garden.TokenAsync(), content, ("Transfer-Encoding", "chunked"));

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "BODY_TOO_LARGE", response);
    }

    [Theory]
    [InlineData("/v1/shards", 5)]
    [InlineData("/v1/reconstructions", 1)]
    [InlineData("/v1/xorbs/default/0000000000000000000000000000000000000000000000000000000000000001", 30)]
    public async Task Post_BodyThatDoesNotCome_RefusedWhenItsTimeIsOver(string path, int minutes)
    {
        await using var connection = await _garden.Garden.Garden.OpenAsync(ServiceNames.Artifacts);
        await connection.WriteAsync(await BegunAsync(path), Cancel);
        await connection.FlushAsync(Cancel);

        await _clock.WhenAwaitedAsync(TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes));
        _clock.Advance(TimeSpan.FromMinutes(minutes));

        var head = await HeadOfAnswerAsync(connection).InTimeAsync();
        Assert.Equal("HTTP/1.1 503 Service Unavailable", head[0]);
        Assert.Contains("X-Error-Code: BODY_TOO_SLOW", head);
        Assert.Empty(_garden.Garden.StoredPaths());
    }

    [Fact]
    public async Task PostShard_WhileTooManyOfTheTenantWait_429AndOthersAreServed()
    {
        var (gate, xorb) = (_garden.Garden.Part<ShardGate>(), TestXorb.Any(1));
        var shard = TestFile.Shard([TestFile.Of(xorb)], xorb);
        await _garden.UploadAsync(xorb);
        await _garden.UploadAsync(xorb, "other");
        var waiting = Enumerable.Range(0, 66).Select(_ => gate.EnterAsync("acme", Cancel)).ToList();

        await RefusedAsync(HttpStatusCode.TooManyRequests, "TOO_MANY_SHARDS", await _garden.PostShardAsync(shard));
        await RefusedAsync(HttpStatusCode.TooManyRequests, "TOO_MANY_SHARDS", await _garden.PostShardAsync(shard, path: "/v2/shards"));
        Assert.Equal(1, await _garden.RegisterAsync(shard, "other"));

        foreach (var entry in waiting)
        {
            (await entry.InTimeAsync()).Dispose();
        }

        Assert.Equal(1, await _garden.RegisterAsync(shard));
    }

    /// <summary>A request of 200 bytes, of which 100 come. By hand: a client would write the others before it reads the answer, to a connection that may be closed by then.</summary>
    private async Task<byte[]> BegunAsync(string path)
    {
        var head = $"""
            POST {CasGarden.Base}{path} HTTP/1.1
            Host: garden.test
            Authorization: Bearer {TestGarden.TokenOf(People.Anonymous, _clock)}
            X-Garden-Xet-Token: {await _garden.TokenAsync(lifetime: 80_000)}
            Content-Length: 200


            """;
        return [.. Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")), .. new byte[100]];
    }

    private static async Task<List<string>> HeadOfAnswerAsync(Stream connection)
    {
        using var reader = new StreamReader(connection, Encoding.ASCII, leaveOpen: true);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(Cancel) is { Length: > 0 } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
