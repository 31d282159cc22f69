using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>What a tenant reads of its files is the same whoever else has stored the same bytes, on either database engine.</summary>
public abstract class IsolationContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    // Every second one compresses, so that how it is stored tells who stored it.
    private static readonly byte[][] Pool = [.. Enumerable.Range(0, 60).SelectMany(n => new[] { Bytes(2000 + n, 100 + n), Repeated(3000 + n, n) })];

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Reconstruction_WhateverOthersHaveStored_IsTheSameByteForByte(int seed)
    {
        var random = new Random(seed);
        TestXorb[] own = [.. Enumerable.Range(0, 3).Select(_ => TestXorb.Of(EncodingLevel.Balanced, Some(random, Pool)))];
        TestFile[] files = [.. Enumerable.Range(0, 5).Select(_ => Any(random, own))];
        await using var alone = await StartAsync();
        await SendAsync(alone, "acme", own, files);

        await using var crowded = await StartAsync();
        await ShareSecretAsync(alone, crowded);

        // The same chunks in xorbs of other making, the same xorbs and the same files, encoded otherwise or sent the plain way.
        TestXorb[] foreign = [.. Enumerable.Range(0, 4).Select(n => TestXorb.Of(n % 2 is 0 ? EncodingLevel.None : EncodingLevel.Small, Some(random, Pool)))];
        await SendAsync(crowded, "other", foreign, [.. Enumerable.Range(0, 3).Select(_ => Any(random, foreign)), .. foreign.Select(TestFile.Of)]);
        await SendAsync(crowded, "other", [TestXorb.Of(EncodingLevel.None, own[0].Chunks)], [TestFile.Of(own[0])]);
        var repacked = TestXorb.Of(EncodingLevel.None, files[1].Chunks);
        await SendAsync(crowded, "other", [repacked], [TestFile.Of(repacked)]);
        foreach (var chunk in own[1].Chunks.Take(10))
        {
            await crowded.Garden.UploadAsync(chunk, "third");
        }

        await SendAsync(crowded, "acme", own, files);

        Assert.Equal(await ReadAsync(alone, files, seed), await ReadAsync(crowded, files, seed));
    }

    [Fact]
    public async Task Upload_OfWhatOthersHave_IsStoredOnceAndReadByEach()
    {
        var clock = new ManualClock(Start);
        await using var garden = await StartAsync(clock);
        byte[][] shared = [.. Enumerable.Range(0, 30).Select(n => Bytes(20_000, 100 + n))];
        byte[][] fresh = [.. Enumerable.Range(0, 20).Select(n => Bytes(20_000, 200 + n))];
        var theirs = TestXorb.Of(shared);
        TestXorb[] own = [TestXorb.Of(shared[..10]), TestXorb.Of([.. shared[10..22], .. fresh[..8]]), TestXorb.Of([.. fresh[8..], .. shared[22..], .. shared[..8]])];
        var (their, same) = (TestFile.Of(theirs), TestFile.Of((own[0], 0, 10), (own[1], 0, 12), (own[2], 12, 20)));
        var mine = TestFile.Of((own[0], 0, 10), (own[1], 0, 20), (own[2], 0, 28));
        Assert.Equal(their.Hash, same.Hash);
        await SendAsync(garden, "other", [theirs], [their]);
        await SendAsync(garden, "acme", own, [same, mine]);

        var report = await CollectAsync(garden, clock);
        await CollectAsync(garden, clock);

        // Of what acme sent, nothing of one xorb is needed, and less than half of the others.
        Assert.Equal((0, 1, 2), (report.Files, report.Xorbs, report.RewrittenXorbs));
        Assert.Equal(50 * 20_008, garden.Garden.StoredPaths().Sum(path => new FileInfo(Path.Combine(garden.Garden.Garden.Data, "artifacts", path)).Length));
        foreach (var (tenant, file) in new[] { ("other", their), ("acme", same), ("acme", mine) })
        {
            var answer = await ReconstructionAsync(garden, tenant, file);
            Assert.Equal(file.Bytes, await Reassembly.OfV2Async(answer, (url, range) => garden.FetchAsync(url, range)));
            Assert.Equal(file.Bytes, await garden.Garden.Http.GetByteArrayAsync(await garden.Garden.SignAsync(file.Bytes, tenant: tenant), Cancel));
            Assert.All([theirs, .. own], xorb => Assert.DoesNotContain($"{xorb.Hash}", answer.ToJsonString(), StringComparison.Ordinal));
        }

        Assert.Empty(Names(await ReconstructionAsync(garden, "other", their)).Intersect(Names(await ReconstructionAsync(garden, "acme", same))));
    }

    [Theory]
    [InlineData(7, 2)]
    [InlineData(8, 1)]
    public async Task Upload_OfAFewOfOthersChunksBetweenNewOnes_SharesRunsThatAreReadAtOnce(int run, int own)
    {
        await using var garden = await StartAsync();
        byte[][] shared = [.. Enumerable.Range(0, run).Select(n => Bytes(2000, 100 + n))];
        var theirs = TestXorb.Of([Bytes(2000, 1), .. shared]);
        var mine = TestXorb.Of([Bytes(2000, 2), .. shared, Bytes(2000, 3)]);
        await SendAsync(garden, "other", [theirs], [TestFile.Of(theirs)]);
        var file = TestFile.Of(mine);

        await SendAsync(garden, "acme", [mine], [file]);

        Assert.Equal(own is 1 ? 2 : 1, (await garden.HeldAsync()).Count(line => line.EndsWith($"in {file.Claim.Sha256}", StringComparison.Ordinal)));
        Assert.Equal(file.Bytes, await Reassembly.OfV2Async(await ReconstructionAsync(garden, "acme", file), (url, range) => garden.FetchAsync(url, range)));
    }

    [Fact]
    public async Task Upload_OfAShortFileOutOfOthersChunks_SharesItWhole()
    {
        await using var garden = await StartAsync();
        var theirs = TestXorb.Of(Pool[..10]);
        var mine = TestXorb.Of(Pool[3..6]);
        await SendAsync(garden, "other", [theirs], [TestFile.Of(theirs)]);
        var before = (await garden.HeldAsync()).Single(line => line.StartsWith("xorb ", StringComparison.Ordinal) && line.Contains($" {theirs.Hash} ", StringComparison.Ordinal)).Split(' ')[1];

        await SendAsync(garden, "acme", [mine], [TestFile.Of(mine)]);

        Assert.Contains($"xorb {before} in {TestFile.Of(mine).Claim.Sha256}", await garden.HeldAsync());
    }

    [Fact]
    public async Task Upload_OfWhatIsDamagedElsewhere_KeepsTheBytesThatWereSent()
    {
        await using var garden = await StartAsync();
        var theirs = TestXorb.Of(EncodingLevel.None, Pool[..20]);
        await SendAsync(garden, "other", [theirs], [TestFile.Of(theirs)]);
        var path = Path.Combine(garden.Garden.Garden.Data, "artifacts", Assert.Single(garden.Garden.StoredPaths()));
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[theirs.Index.Start(5) + 100] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        var mine = TestXorb.Of(Pool[..18]);
        var file = TestFile.Of(mine);

        await SendAsync(garden, "acme", [mine], [file]);

        Assert.Equal(file.Bytes, await garden.Garden.Http.GetByteArrayAsync(await garden.Garden.SignAsync(file.Bytes), Cancel));
    }

    /// <summary>What is made of it holds the chunks that nobody had: to be told of it would tell who had the others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetChunk_OfAFileThatCameThePlainWay_IsNotTold(bool othersHaveIt)
    {
        await using var garden = await StartAsync();
        foreach (var tenant in othersHaveIt ? ["other", "acme"] : new[] { "acme" })
        {
            await garden.Garden.UploadAsync(Pool[0], tenant);
        }

        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(garden, HttpMethod.Get, $"/v1/chunks/default/{XetHashes.OfChunk(Pool[0])}"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(garden, HttpMethod.Head, $"/v1/xorbs/default/{TestXorb.Of(Pool[0]).Hash}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Xorb_AfterItsGrace_IsForgottenWhoeverElseHasItsChunks(bool othersHaveIt)
    {
        var clock = new ManualClock(Start);
        await using var garden = await StartAsync(clock);
        var (mine, theirs) = (TestXorb.Of(Pool[..20]), TestXorb.Of(Pool[..30]));
        if (othersHaveIt)
        {
            await SendAsync(garden, "other", [theirs], [TestFile.Of(theirs)]);
        }

        await SendAsync(garden, "acme", [mine], [TestFile.Of(mine)]);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskAsync(garden));

        // Nothing is told that may not be named for as long as clients count on it.
        clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), await AskAsync(garden));
        clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), await AskAsync(garden));
        await CollectAsync(garden, clock);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), await AskAsync(garden));
        Assert.True(await garden.UploadAsync(mine));

        async Task<(HttpStatusCode Head, HttpStatusCode Chunk)> AskAsync(CasGarden garden) => (
            await IsolationContract.AskAsync(garden, HttpMethod.Head, mine.Path), await IsolationContract.AskAsync(garden, HttpMethod.Get, $"/v1/chunks/default/{XetHashes.OfChunk(Pool[0])}"));
    }

    private static async Task<HttpStatusCode> AskAsync(CasGarden garden, HttpMethod method, string path)
    {
        using var response = await garden.SendAsync(method, path, await garden.TokenAsync());
        return response.StatusCode;
    }

    private static byte[] Repeated(int length, int value) => [.. Enumerable.Repeat((byte)value, length), (byte)(value + 1)];

    /// <summary>Some of them in some order, and some twice.</summary>
    private static List<byte[]> Some(Random random, byte[][] pool)
    {
        var chunks = new List<byte[]>();
        while (chunks.Count < 40)
        {
            var first = random.Next(pool.Length);
            chunks.AddRange(pool[first..Math.Min(first + random.Next(1, 25), pool.Length)]);
        }

        return chunks;
    }

    private static TestFile Any(Random random, TestXorb[] xorbs) => TestFile.Of([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
    {
        var xorb = xorbs[random.Next(xorbs.Length)];
        var first = random.Next(xorb.Chunks.Count);
        return (xorb, first, random.Next(first, xorb.Chunks.Count) + 1);
    })]);

    private static async Task SendAsync(CasGarden garden, string tenant, TestXorb[] xorbs, TestFile[] files)
    {
        foreach (var xorb in xorbs)
        {
            await garden.UploadAsync(xorb, tenant);
        }

        Assert.Equal(1, await garden.RegisterAsync(TestFile.Shard(files, xorbs), tenant));
        garden.Catalog.Commit($"{tenant}/tiny", CasGarden.Commit, files.Select(file => file.Bytes));
    }

    /// <summary>All that a tenant is told of its files, and the bytes behind the URLs.</summary>
    private static async Task<List<string>> ReadAsync(CasGarden garden, TestFile[] files, int seed)
    {
        var (told, random) = (new List<string>(), new Random(seed));
        foreach (var file in files)
        {
            var first = random.Next(file.Bytes.Length);
            var part = $"bytes={first}-{random.Next(first, file.Bytes.Length)}";
            foreach (var (version, range) in new[] { ("v2", "bytes=0-"), ("v1", "bytes=0-"), ("v2", part), ("v1", part) })
            {
                var text = (await CasGarden.JsonAsync(await garden.GetAsync($"/{version}/reconstructions/{file.Hash}", ("Range", range)))).ToJsonString();
                told.Add(text);
                foreach (var url in Urls(JsonNode.Parse(text)!))
                {
                    using var response = await garden.FetchAsync(url);
                    Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                    told.Add(response.Content.Headers.ContentRange + Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(Cancel)));
                }
            }
        }

        told.Add((await CasGarden.JsonAsync(await garden.GetAsync($"/v1/reconstructions?{string.Join('&', files.Select(file => $"file_id={file.Hash}"))}"))).ToJsonString());
        return told;
    }

    private static async Task<JsonNode> ReconstructionAsync(CasGarden garden, string tenant, TestFile file)
    {
        var token = await garden.TokenAsync(write: false, tenant: tenant, repository: $"{tenant}/tiny");
        return await CasGarden.JsonAsync(await garden.SendAsync(HttpMethod.Get, $"/v2/reconstructions/{file.Hash}", token));
    }

    private static async Task<CollectGarbageResponse> CollectAsync(CasGarden garden, ManualClock clock)
    {
        clock.Advance(Grace + TimeSpan.FromMinutes(1));
        return await garden.Garden.As(People.Operator).CollectGarbageAsync(new(), cancellationToken: Cancel);
    }

    /// <summary>Names and signatures are made with it.</summary>
    private static async Task ShareSecretAsync(CasGarden from, CasGarden to)
    {
        var secret = from.Garden.Part<UrlKeyring>().Secret;
        await using (var rows = await to.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            Assert.Equal(1, await rows.Keys.ExecuteUpdateAsync(key => key.SetProperty(one => one.Secret, secret), Cancel));
        }

        await to.Garden.RestartAsync();
    }

    private static IEnumerable<string> Names(JsonNode answer) => answer["xorbs"]!.AsObject().Select(xorb => xorb.Key);

    private static IEnumerable<string> Urls(JsonNode answer) =>
        (answer["xorbs"] ?? answer["fetch_info"])!.AsObject().SelectMany(xorb => xorb.Value!.AsArray()).Select(entry => (string)entry!["url"]!);

    private async Task<CasGarden> StartAsync(ManualClock? clock = null) =>
        await CasGarden.StartAsync(await DatabaseAsync(), clock ?? new(Start), ("Artifacts:CollectEvery", "7.00:00:00"), ("Artifacts:XetGrace", "06:00:00"));
}

public sealed class SqliteIsolationTests : IsolationContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresIsolationTests : IsolationContract, IAsyncDisposable
{
    private readonly List<TestDatabase> _databases = [];

    private protected override async Task<TestDatabase?> DatabaseAsync()
    {
        _databases.Add(await TestDatabase.CreateAsync());
        return _databases[^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }
}
