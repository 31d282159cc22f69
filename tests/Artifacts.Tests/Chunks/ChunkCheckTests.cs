using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Cas;
using ModelGarden.Artifacts.Tests.Objects;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Chunks;

/// <summary>Bytes that are not the ones that were stored: from a remote store nobody ever gets them.</summary>
public sealed class ChunkCheckTests
{
    private static readonly byte[] File = Bytes(1_500_000);
    private Func<Memory<byte>, long, Task> _onRead = (_, _) => Task.CompletedTask;

    [Fact]
    public async Task Download_OfARemoteStoresDamagedObject_Fails()
    {
        await using var garden = await StartAsync(isRemote: true);
        await garden.Garden.UploadAsync(File);
        var (url, length) = (await garden.Garden.SignAsync(File), new FileInfo(Path.Combine(garden.Garden.Garden.Data, "artifacts", Assert.Single(garden.Garden.StoredPaths()))).Length);
        var random = new Random(1);
        foreach (var place in Enumerable.Range(0, 60).Select(_ => random.NextInt64(length)).Append(0).Append(length - 1))
        {
            Damage(place);
            await FailsAsync(garden, url);
        }

        _onRead = (_, _) => Task.CompletedTask;
        Assert.Equal(File, await garden.Garden.Http.GetByteArrayAsync(url, Cancel));
    }

    [Fact]
    public async Task Download_OfAChunkOfARemoteStore_FailsEachTimeAndInEveryPartOfIt()
    {
        await using var garden = await StartAsync(isRemote: true);
        var chunk = Bytes(5000, 2);
        await garden.Garden.UploadAsync(chunk);
        var url = await garden.Garden.SignAsync(chunk);
        Damage(4000);
        for (var n = 0; n < 40; n++)
        {
            // Even bytes that are as they were: a chunk is right or wrong as a whole.
            using var response = await garden.Garden.GetAsync(url, ("Range", $"bytes={n * 100}-{(n * 100) + 99}"));
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("INTERNAL", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!["reason"]!);
            Assert.Equal((null, null, null), (response.Headers.ETag, response.Headers.CacheControl, response.Content.Headers.ContentRange));
        }
    }

    [Fact]
    public async Task Download_WhileTheStoreDoesNotServe_SaysSo()
    {
        await using var garden = await StartAsync(isRemote: true);
        await garden.Garden.UploadAsync(File);
        var url = await garden.Garden.SignAsync(File);
        _onRead = (_, _) => throw new ObjectStoreException(StoreFault.Unreachable, "it does not answer");

        await RefusedAsync(HttpStatusCode.ServiceUnavailable, "STORE_UNAVAILABLE", await garden.Garden.GetAsync(url));
        await RefusedAsync(HttpStatusCode.ServiceUnavailable, "STORE_UNAVAILABLE", await garden.Garden.GetAsync(url, ("Range", "bytes=5-9")));
    }

    [Fact]
    public async Task Download_OfALocalDamagedObject_IsFoundByASampleOf32()
    {
        await using var garden = await StartAsync(isRemote: false);
        var chunk = Bytes(5000, 2);
        await garden.Garden.UploadAsync(chunk);
        var url = await garden.Garden.SignAsync(chunk);
        Damage(4000);
        var failed = 0;
        for (var n = 0; n < 32; n++)
        {
            using var response = await garden.Garden.GetAsync(url);
            failed += response.StatusCode is HttpStatusCode.InternalServerError ? 1 : 0;
        }

        Assert.Equal(1, failed);
    }

    [Fact]
    public async Task Download_OfAPartOfALocalChunkThatIsNotEncoded_ReadsThatPartButForASampleOf32()
    {
        await using var garden = await StartAsync(isRemote: false);
        var file = Bytes(1_500_000);
        await garden.Garden.UploadAsync(file);
        var url = await garden.Garden.SignAsync(file);
        var (parts, wholes, random) = (0, 0, new Random(1));
        for (var n = 0; n < 256; n++)
        {
            var (read, first) = (0, random.Next(file.Length - 200_000));
            var last = first + random.Next(n % 2 is 0 ? 100 : 200_000);
            _onRead = (bytes, _) =>
            {
                read += bytes.Length;
                return Task.CompletedTask;
            };
            using var response = await garden.Garden.GetAsync(url, ("Range", $"bytes={first}-{last}"));

            Assert.Equal(file[first..(last + 1)], await response.Content.ReadAsByteArrayAsync(Cancel));
            (parts, wholes) = read == last - first + 1 ? (parts + 1, wholes) : (parts, wholes + 1);
        }

        Assert.True(wholes > 1 && parts > wholes, $"{parts} parts and {wholes} wholes were read");
    }

    [Fact]
    public async Task GetSegment_OfARemoteStore_ItsRangesOrNothingOfADamagedChunk()
    {
        await using var garden = await StartAsync(isRemote: true);
        var xorb = TestXorb.Any(1, count: 9);
        var file = TestFile.Of((xorb, 0, 4), (xorb, 6, 9));
        await garden.StoreAsync(file, xorb);
        Assert.Equal(file.Bytes, await garden.DownloadAsync(file.Hash));
        var entry = Assert.Single((await CasGarden.JsonAsync(await garden.GetAsync($"/v2/reconstructions/{file.Hash}")))["xorbs"]!.AsObject()).Value![0]!;
        var (url, sent) = ((string)entry["url"]!, file.Sent(0, 4));
        var random = new Random(1);
        for (var n = 0; n < 50; n++)
        {
            var first = random.Next(sent.Length);
            var last = random.Next(first, sent.Length);
            _onRead = (_, _) => Task.CompletedTask;
            using var whole = await garden.FetchAsync(url, $"bytes={first}-{last}");
            Assert.Equal(sent[first..(last + 1)], await whole.Content.ReadAsByteArrayAsync(Cancel));

            // Anywhere in the chunk that holds the first of these bytes; at its beginning where it is encoded, for there are places that change nothing of what is decoded.
            var number = Enumerable.Range(0, 4).Last(chunk => file.Sent(0, chunk).Length <= first);
            Damage(number % 2 is 0 ? random.Next(xorb.Index.Start(number), xorb.Index.Start(number + 1)) : xorb.Index.Start(number));
            using var damaged = await garden.FetchAsync(url, $"bytes={first}-{last}");
            Assert.Equal(HttpStatusCode.InternalServerError, damaged.StatusCode);
            Assert.Equal("INTERNAL", (string)JsonNode.Parse(await damaged.Content.ReadAsStringAsync(Cancel))!["error"]!["reason"]!);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PostShard_OverDamagedBytes_RegistersNothing(bool isRemote)
    {
        await using var garden = await StartAsync(isRemote);
        var xorb = TestXorb.Any(1);
        await garden.UploadAsync(xorb);
        var (held, shard) = (await garden.HeldAsync(), TestFile.Shard([TestFile.Of(xorb)], xorb));
        Damage(100);

        using var first = await garden.PostShardAsync(shard);
        using var second = await garden.PostShardAsync(shard, path: "/v2/shards");

        // From this machine's disk it is the SHA-256 that tells.
        Assert.Equal(isRemote ? HttpStatusCode.InternalServerError : HttpStatusCode.BadRequest, first.StatusCode);
        var error = JsonNode.Parse((await second.Content.ReadAsStringAsync(Cancel)).TrimEnd().Split('\n')[^1])!;
        Assert.Equal(("error", false), ((string)error["type"]!, (bool)error["retryable"]!));
        Assert.Contains(isRemote ? "damaged" : "sha256", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal(held, await garden.HeldAsync());
    }

    /// <summary>Whatever the client has by then, it is not told that it is all.</summary>
    private static async Task FailsAsync(CasGarden garden, string url)
    {
        try
        {
            using var response = await garden.Garden.GetAsync(url);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("INTERNAL", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!["reason"]!);
        }
        catch (HttpRequestException exception)
        {
            Assert.IsAssignableFrom<IOException>(exception.InnerException);
        }
    }

    /// <summary>One bit of the byte at this place of every object.</summary>
    private void Damage(long place) => _onRead = (read, offset) =>
    {
        if (place >= offset && place < offset + read.Length)
        {
            read.Span[(int)(place - offset)] ^= 1;
        }

        return Task.CompletedTask;
    };

    private Task<CasGarden> StartAsync(bool isRemote) => CasGarden.StartOverAsync(store => new WatchedStore(store, isRemote) { OnRead = (read, offset) => _onRead(read, offset) });
}
