using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Artifacts.Cas;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using ModelGarden.Xet;
using ModelGarden.Xet.Tests;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>How files are put together, all of them and ranges, in each version of the protocol.</summary>
public sealed class ReconstructionTests : IAsyncLifetime
{
    private static readonly TestXorb First = TestXorb.Any(1, count: 9);
    private static readonly TestXorb Second = TestXorb.Any(2, count: 5, length: 1000);

    // Runs that touch, that overlap, that lie apart, that come again and that run backwards.
    private static readonly TestFile File = TestFile.Of((First, 1, 3), (Second, 0, 4), (First, 0, 2), (First, 6, 9), (Second, 4, 5), (First, 1, 3));
    private static readonly TestFile Empty = TestFile.Of();
    private CasGarden _garden = null!;

    public static TheoryData<string> Malformed => ["bytes=", "bytes=a-b", "bytes=9-2", "bytes=--1", "bytes=0-1,9-2", "lines=0-1", "bytes 0-1"];

    public async ValueTask InitializeAsync()
    {
        _garden = await CasGarden.StartAsync();
        await _garden.StoreAsync(File, First, Second);
        Assert.Equal(1, await _garden.RegisterAsync(TestFile.Shard([Empty])));
        _garden.CommitFiles(File.Bytes, Empty.Bytes, Second.Body, First.Body);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Theory]
    [InlineData("/v2/reconstructions/")]
    [InlineData("/v1/reconstructions/")]
    [InlineData("/reconstructions/")]
    [InlineData("/reconstruction/")]
    public async Task Get_WholeFile_IsPutTogether(string path)
    {
        var answer = await CasGarden.JsonAsync(await _garden.GetAsync(path + File.Hash));

        Assert.Equal(0, (long)answer["offset_into_first_range"]!);
        Assert.Equal(File.Bytes, await ReassembleAsync(answer));
        Assert.Single(answer["terms"]!.AsArray());
    }

    [Fact]
    public async Task Get_AnyRange_ItsBytesAndAtMostAChunkMoreAtEachEnd()
    {
        foreach (var (first, last) in Ranges())
        {
            foreach (var path in new[] { "/v2/reconstructions/", "/v1/reconstructions/" })
            {
                var answer = await CasGarden.JsonAsync(await _garden.GetAsync(path + File.Hash, ("Range", $"bytes={first}-{last}")));
                var bytes = await ReassembleAsync(answer);
                var wanted = File.Bytes[first..(Math.Min(last, File.Bytes.Length - 1) + 1)];
                Assert.Equal(wanted, bytes[..wanted.Length]);
                Assert.InRange(bytes.Length - wanted.Length, 0, 3010);
                Assert.InRange((int)answer["offset_into_first_range"]!, 0, 3010);
            }
        }
    }

    [Fact]
    public async Task Get_OpenRanges_FromThereOnAndTheLastOnes()
    {
        Assert.Equal(File.Bytes[5000..], await _garden.DownloadAsync(File.Hash, "bytes=5000-"));
        Assert.Equal(File.Bytes[^1..], (await _garden.DownloadAsync(File.Hash, "bytes=-1"))[^1..]);
        Assert.Equal(File.Bytes, await _garden.DownloadAsync(File.Hash, "bytes=0-268435455"));
        Assert.Equal(File.Bytes, await _garden.DownloadAsync(File.Hash, "bytes=-268435455"));
    }

    [Theory]
    [InlineData("/v2/reconstructions/")]
    [InlineData("/v1/reconstructions/")]
    public async Task Get_RangeBehindTheEnd_416WithTheLength(string path)
    {
        foreach (var range in new[] { $"bytes={File.Bytes.Length}-", $"bytes={File.Bytes.Length}-{File.Bytes.Length + 10}", "bytes=99999999999999999999-", "bytes=-0" })
        {
            using var response = await _garden.GetAsync(path + File.Hash, ("Range", range));
            Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "RANGE_NOT_SATISFIABLE"), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single()));
            Assert.Equal($"bytes */{File.Bytes.Length}", response.Content.Headers.ContentRange!.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Get_MalformedRange_WholeFile(string range) => Assert.Equal(File.Bytes, await _garden.DownloadAsync(File.Hash, range));

    [Fact]
    public async Task Get_EmptyFile_NothingToBePutTogether()
    {
        Assert.Equal(new string('0', 64), Empty.Hash);
        foreach (var range in new[] { "", "bytes=0-", "bytes=0-100" })
        {
            var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{Empty.Hash}", range.Length is 0 ? [] : [("Range", range)]));
            Assert.Equal((0, 0), (answer["terms"]!.AsArray().Count, answer["xorbs"]!.AsObject().Count));
        }

        using var behind = await _garden.GetAsync($"/v2/reconstructions/{Empty.Hash}", ("Range", "bytes=1-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, behind.StatusCode);
        Assert.Equal("bytes */0", behind.Content.Headers.ContentRange!.ToString());
        using var head = await _garden.SendAsync(HttpMethod.Head, $"/v1/files/{Empty.Hash}", await _garden.TokenAsync());
        Assert.Equal((HttpStatusCode.OK, (long?)0), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Get_Version2_AUrlATerm()
    {
        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{File.Hash}"));

        var term = Assert.Single(answer["terms"]!.AsArray())!;
        Assert.Equal((0, File.Chunks.Count), ((int)term["range"]!["start"]!, (int)term["range"]!["end"]!));
        var (name, entries) = Assert.Single(answer["xorbs"]!.AsObject());
        Assert.Equal((string)term["hash"]!, name);
        var ranges = Assert.Single(entries!.AsArray())!["ranges"]!;
        Assert.Equal([(0, File.Chunks.Count)], Runs(ranges, "chunks"));
        Assert.Equal([(0, File.Sent(0, File.Chunks.Count).Length - 1)], Runs(ranges, "bytes"));
        Assert.All(Urls(answer), url => Assert.StartsWith("https://garden.test/garden/v1/xet/segments/", url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_Version1_AUrlATerm()
    {
        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v1/reconstructions/{File.Hash}"));

        var (name, entries) = Assert.Single(answer["fetch_info"]!.AsObject());
        Assert.Equal((string)Assert.Single(answer["terms"]!.AsArray())!["hash"]!, name);
        Assert.Equal([(0, File.Chunks.Count)], Runs(entries!, "range"));
        Assert.Equal([(0, File.Sent(0, File.Chunks.Count).Length - 1)], Runs(entries!, "url_range"));
    }

    [Fact]
    public async Task Get_OfAnotherRange_TheSameNamesAndNumbers()
    {
        var whole = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{File.Hash}"));
        var part = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{File.Hash}", ("Range", $"bytes={File.Bytes.Length - 1}-")));

        // Clients keep chunks by them.
        Assert.Equal((string)whole["terms"]![0]!["hash"]!, (string)part["terms"]![0]!["hash"]!);
        Assert.Equal((File.Chunks.Count - 1, File.Chunks.Count), ((int)part["terms"]![0]!["range"]!["start"]!, (int)part["terms"]![0]!["range"]!["end"]!));
    }

    [Fact]
    public async Task Get_FileOfManyTerms_ShownInAsFewAsAnyOther()
    {
        var xorb = TestXorb.Any(5, count: 300, length: 30);
        var file = TestFile.Of([.. Enumerable.Range(0, 150).Select(n => (xorb, 2 * n, (2 * n) + 1))]);
        await _garden.StoreAsync(file, xorb);

        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{file.Hash}"));

        Assert.Single(answer["terms"]!.AsArray());
        Assert.Equal(file.Bytes, await ReassembleAsync(answer));
    }

    [Fact]
    public async Task Get_FileOfSeveralBlocks_ATermEachAndRangesOverTheirBorders()
    {
        var bytes = Bytes((2 * (int)Segment.Block) + 1_000_000, 9);
        await _garden.Garden.UploadAsync(bytes);
        _garden.CommitFiles(bytes);
        var found = await _garden.Garden.As(People.Engineer()).GetFilesAsync(new() { Sha256 = { Sha256Digest.Of(bytes).Hex } }, cancellationToken: Cancel);
        var hash = Assert.Single(found.XetHashes).Value;

        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{hash}"));

        Assert.Equal(3, answer["terms"]!.AsArray().Select(term => (string)term!["hash"]!).Distinct().Count());
        Assert.All(answer["terms"]!.AsArray(), term => Assert.InRange((long)term!["unpacked_length"]!, 500_000, Segment.Block + XetLimits.Chunk));
        Assert.Equal(bytes, await ReassembleAsync(answer));
        foreach (var (first, last) in new[] { (Segment.Block - 1, Segment.Block), (Segment.Block, Segment.Block), (1000, (2 * Segment.Block) + 10), ((2 * Segment.Block) + 500_000, bytes.Length - 1) })
        {
            var part = await _garden.DownloadAsync(hash, $"bytes={first}-{last}");
            Assert.Equal(bytes[(int)first..((int)last + 1)], part[..(int)(last - first + 1)]);
            Assert.InRange(part.Length, last - first + 1, last - first + 1 + XetLimits.Chunk);
        }
    }

    [Fact]
    public async Task Get_FileOfVeryShortChunks_NoMoreOfThemInATermThanAXorbHas()
    {
        var (full, rest) = (TestXorb.Any(6, count: XetLimits.XorbChunks, length: 8), TestXorb.Any(7, count: 20, length: 8));
        var file = TestFile.Of((rest, 0, 20), (full, 0, XetLimits.XorbChunks), (rest, 3, 9));
        await _garden.StoreAsync(file, full, rest);

        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v1/reconstructions/{file.Hash}"));

        Assert.Equal([(0, XetLimits.XorbChunks), (0, 26)], answer["terms"]!.AsArray().Select(term => ((int)term!["range"]!["start"]!, (int)term["range"]!["end"]!)));
        Assert.Equal(file.Bytes, await ReassembleAsync(answer));
    }

    [Fact]
    public async Task Reconstructor_MoreTermsThanThereIsRoomFor_Refused()
    {
        var (full, rest) = (TestXorb.Any(6, count: XetLimits.XorbChunks, length: 8), TestXorb.Any(7, count: 20, length: 8));
        var file = TestFile.Of((full, 0, XetLimits.XorbChunks), (rest, 0, 20));
        await _garden.StoreAsync(file, full, rest);
        var (files, reconstructor) = (_garden.Garden.Part<ReadableFiles>(), _garden.Garden.Part<Reconstructor>());
        var readable = (await files.ReadAsync(file.Claim.Hash, allowUnclean: true, Cancel)).Value;

        Assert.Equal(2, (await reconstructor.OfAsync(readable, 0, file.Bytes.Length - 1, 2, Cancel)).Value.Terms.Count);
        Assert.Equal("TOO_MANY_TERMS", (await reconstructor.OfAsync(readable, 0, file.Bytes.Length - 1, 1, Cancel)).Error!.Reason);
        Assert.Single((await reconstructor.OfAsync(readable, 0, 100, 1, Cancel)).Value.Terms);
    }

    [Fact]
    public async Task Get_AsTheContractsExample_ThatTerm()
    {
        // A file as a client cut it, whose chunks no rule of today gives.
        var example = XetVectors.All["reconstruction_example"]!;
        var (bytes, chunks, start) = (ModelGarden.Xet.Tests.Bytes.SplitMix64(7, 3 << 20), new List<byte[]>(), 0);
        foreach (var length in example["chunk_lengths"]!.AsArray().Select(length => (int)length!))
        {
            chunks.Add(bytes[start..(start += length)]);
        }

        var xorb = TestXorb.Of([.. chunks]);
        var file = TestFile.Of(xorb);
        await _garden.StoreAsync(file, xorb);
        var answer = await CasGarden.JsonAsync(await _garden.GetAsync($"/v2/reconstructions/{(string)example["file_hash"]!}", ("Range", (string)example["request_range"]!)));

        var (term, wanted) = (Assert.Single(answer["terms"]!.AsArray())!, example["term"]!);
        Assert.Equal((long)example["offset_into_first_range"]!, (long)answer["offset_into_first_range"]!);
        Assert.Equal(((int)wanted["chunk_start"]!, (int)wanted["chunk_end"]!), ((int)term["range"]!["start"]!, (int)term["range"]!["end"]!));
        Assert.Equal((long)wanted["unpacked_length"]!, (long)term["unpacked_length"]!);
        Assert.Equal(
            [((int)example["xorb_bytes_inclusive"]![0]!, (int)example["xorb_bytes_inclusive"]![1]!)], Runs(answer["xorbs"]![(string)term["hash"]!]![0]!["ranges"]!, "bytes"));
        Assert.Equal(bytes[1_000_000..1_500_000], (await ReassembleAsync(answer))[..500_000]);
    }

    [Fact]
    public async Task Batch_ByQueryAndByBody_EveryFileOnce()
    {
        var second = TestFile.Of(Second);
        await _garden.RegisterAsync(TestFile.Shard([second]));
        _garden.Catalog.Commit(CasGarden.Repository, new string('b', 40), [File.Bytes, second.Bytes, Empty.Bytes]);
        var token = await _garden.TokenAsync(write: false, commit: new string('b', 40));
        string[] hashes = [File.Hash, second.Hash, Empty.Hash, File.Hash];

        var byQuery = await CasGarden.JsonAsync(await _garden.SendAsync(HttpMethod.Get, $"/v1/reconstructions?{string.Join('&', hashes.Select(hash => $"file_id={hash}"))}", token));
        var keys = new JsonArray([.. hashes.Select(hash => new JsonObject { ["prefix"] = "default", ["hash"] = hash })]);
        var byBody = await CasGarden.JsonAsync(await _garden.SendAsync(HttpMethod.Post, "/v1/reconstructions", token, new StringContent(keys.ToJsonString(), Encoding.UTF8)));

        foreach (var answer in new[] { byQuery, byBody })
        {
            Assert.Equal([File.Hash, second.Hash, Empty.Hash], answer["files"]!.AsObject().Select(file => file.Key));
            foreach (var file in new[] { File, second, Empty })
            {
                var one = new JsonObject { ["offset_into_first_range"] = 0, ["terms"] = answer["files"]![file.Hash]!.DeepClone(), ["fetch_info"] = answer["fetch_info"]!.DeepClone() };
                Assert.Equal(file.Bytes, await ReassembleAsync(one));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("[{\"hash\":")]
    public async Task PostBatch_OfSomethingElse_Refused(string body) =>
        await RefusedAsync(HttpStatusCode.BadRequest, "NO_FILES", await _garden.SendAsync(HttpMethod.Post, "/v1/reconstructions", await _garden.TokenAsync(), new StringContent(body)));

    [Fact]
    public async Task PostBatch_OfNullsOrTooMany_Refused()
    {
        var token = await _garden.TokenAsync();
        var many = $"[{string.Join(',', Enumerable.Range(0, 1001).Select(n => $"{{\"hash\":\"{n:x64}\"}}"))}]";

        await RefusedAsync(HttpStatusCode.BadRequest, "BAD_XET_HASH", await _garden.SendAsync(HttpMethod.Post, "/v1/reconstructions", token, new StringContent("[null]")));
        await RefusedAsync(HttpStatusCode.BadRequest, "NO_FILES", await _garden.SendAsync(HttpMethod.Post, "/v1/reconstructions", token, new StringContent(many)));
        await RefusedAsync(HttpStatusCode.BadRequest, "NO_FILES", await _garden.SendAsync(HttpMethod.Get, "/v1/reconstructions", token));
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "BODY_TOO_LARGE", await _garden.SendAsync(HttpMethod.Post, "/v1/reconstructions", token, new ByteArrayContent(new byte[(1 << 20) + 1])));
    }

    /// <summary>Around every border of a chunk, from there to a few places.</summary>
    private static IEnumerable<(int First, int Last)> Ranges()
    {
        var borders = File.Claim.Segments.SelectMany(segment => Enumerable.Range(segment.FirstChunk, segment.EndChunk - segment.FirstChunk)
            .Select(n => (segment.Xorb == First.Hash ? First : Second).Index.Chunks[n].Length)).Aggregate(new List<int> { 0 }, (sums, length) => [.. sums, sums[^1] + length]);
        var places = borders.SelectMany(border => new[] { border - 1, border, border + 1 }).Where(place => place >= 0 && place < File.Bytes.Length).Distinct().ToList();
        return places.Select((place, n) => (place, places[Math.Min(n + (n % 7), places.Count - 1)]))
            .Append((0, 0)).Append((File.Bytes.Length - 1, File.Bytes.Length - 1)).Append((0, File.Bytes.Length - 1)).Append((File.Bytes.Length - 1, int.MaxValue));
    }

    private Task<byte[]> ReassembleAsync(JsonNode answer) => answer["xorbs"] is null
        ? Reassembly.OfV1Async(answer, (url, range) => _garden.FetchAsync(url, range))
        : Reassembly.OfV2Async(answer, (url, range) => _garden.FetchAsync(url, range));

    private static IEnumerable<(int, int)> Runs(JsonNode ranges, string name) => ranges.AsArray().Select(range => ((int)range![name]!["start"]!, (int)range[name]!["end"]!));

    private static IEnumerable<string> Urls(JsonNode answer) => answer["xorbs"]!.AsObject().SelectMany(xorb => xorb.Value!.AsArray()).Select(entry => (string)entry!["url"]!);
}
