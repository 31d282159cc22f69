using System.Net;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using ModelGarden.Xet;
using ModelGarden.Xet.Tests;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>The Xet protocol's core, and what tenants see of each other, on either database engine.</summary>
public abstract class CasContract
{
    private protected abstract Task<CasGarden> StartAsync();

    [Fact]
    public async Task Upload_OverXet_DownloadsOverXetAndPlainHttp()
    {
        await using var cas = await StartAsync();
        var (first, second) = (TestXorb.Any(1, count: 9), TestXorb.OfFile(Bytes(700_000, 2)));
        var file = TestFile.Of((first, 2, 5), (second, 0, second.Chunks.Count), (first, 0, 9), (first, 4, 5));

        await cas.StoreAsync(file, first, second);

        Assert.Equal(file.Bytes, await cas.DownloadAsync(file.Hash));
        Assert.Equal(file.Bytes, await PlainAsync(cas, file.Bytes));
        Assert.Equal(file.Bytes.Length, Assert.Single(await cas.Garden.FilesAsync(People.Engineer(), file.Bytes)).Size);
        Assert.True((await cas.Garden.PrepareAsync(file.Bytes)).Stored);
    }

    [Theory]
    [InlineData("hello_world")]
    [InlineData("one_byte_61")]
    [InlineData("zeros_1MiB")]
    [InlineData("splitmix64_seed0_1000000")]
    [InlineData("splitmix64_seed2_5MiB")]
    public async Task Upload_Plain_IsTheSameToXetClients(string vector)
    {
        await using var cas = await StartAsync();
        var (bytes, hash) = (XetVectors.BytesOf(vector), (string)XetVectors.Input(vector)["file_hash"]!);

        await cas.Garden.UploadAsync(bytes);
        cas.CommitFiles(bytes);

        var files = await cas.Garden.As(People.Engineer()).GetFilesAsync(new() { Sha256 = { Sha256Digest.Of(bytes).Hex } }, cancellationToken: Cancel);
        Assert.Equal(hash, Assert.Single(files.XetHashes).Value);
        Assert.Equal(bytes, await cas.DownloadAsync(hash));
        using var head = await cas.SendAsync(HttpMethod.Head, $"/v1/files/{hash}", await cas.TokenAsync(write: false));
        Assert.Equal(bytes.Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Upload_OverXet_OutlivesARestart()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        var file = TestFile.Of(xorb);
        await cas.StoreAsync(file, xorb);

        await cas.Garden.RestartAsync();

        Assert.Equal(file.Bytes, await cas.DownloadAsync(file.Hash));
        Assert.False(await cas.UploadAsync(xorb));
        Assert.Equal(0, await cas.RegisterAsync(TestFile.Shard([file], xorb)));
    }

    [Fact]
    public async Task Upload_PlainAndOverXet_ShareTheFile()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.OfFile(Bytes(300_000, 3));
        var file = TestFile.Of(xorb);
        await cas.Garden.UploadAsync(file.Bytes, tenant: "other");
        var held = (await cas.HeldAsync()).Where(line => line.StartsWith("layout ", StringComparison.Ordinal)).ToList();

        await cas.StoreAsync(file, xorb);

        Assert.Equal(held, (await cas.HeldAsync()).Where(line => line.StartsWith("layout ", StringComparison.Ordinal)));
        Assert.Equal(file.Bytes, await cas.DownloadAsync(file.Hash));
    }

    [Fact]
    public async Task PostXorb_Again_SaysThatItIsThere()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);

        Assert.True(await cas.UploadAsync(xorb));
        var held = await cas.HeldAsync();

        Assert.False(await cas.UploadAsync(xorb));
        Assert.Equal(held, await cas.HeldAsync());
    }

    [Fact]
    public async Task PostXorb_ManyAtOnce_OneIsKept()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1, count: 30, length: 20_000);
        await cas.TokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => cas.UploadAsync(xorb, n % 2 is 0 ? "acme" : "other"))));

        Assert.Contains(true, answers);
        Assert.Single(cas.Garden.StoredPaths());
        Assert.Equal(2, (await cas.HeldAsync()).Count(line => line.Contains(" of ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task PostXorb_ThatAnotherTenantHas_AnswersAsIfNew()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        await cas.UploadAsync(xorb, "other");

        Assert.True(await cas.UploadAsync(xorb));

        Assert.False(await cas.UploadAsync(xorb));
        Assert.Single(cas.Garden.StoredPaths());
    }

    [Fact]
    public async Task PostShard_OfAFileThatAnotherTenantHas_AnswersAsIfNew()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        var shard = TestFile.Shard([TestFile.Of(xorb)], xorb);
        await cas.UploadAsync(xorb, "other");
        await cas.RegisterAsync(shard, "other");
        await cas.UploadAsync(xorb);

        Assert.Equal(1, await cas.RegisterAsync(shard));

        Assert.Equal(0, await cas.RegisterAsync(shard));
    }

    [Fact]
    public async Task HeadXorb_OfAnotherTenant_AsOfNobody()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        await cas.UploadAsync(xorb, "other");

        using var others = await cas.SendAsync(HttpMethod.Head, xorb.Path, await cas.TokenAsync());
        using var own = await cas.SendAsync(HttpMethod.Head, xorb.Path, await cas.TokenAsync(tenant: "other", repository: "other/tiny"));

        Assert.Equal((HttpStatusCode.NotFound, "XORB_NOT_FOUND"), (others.StatusCode, others.Headers.GetValues("X-Error-Code").Single()));
        Assert.Equal((HttpStatusCode.OK, (long?)xorb.SentLength), (own.StatusCode, own.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task GetChunk_OfAnotherTenant_AsOfNobody()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        await cas.UploadAsync(xorb, "other");
        await cas.Garden.UploadAsync(xorb.Chunks[0], tenant: "third");

        var answers = new List<string>();
        foreach (var hash in new[] { xorb.Index.Chunks[0].Hash, xorb.Index.Chunks[3].Hash, xorb.Hash })
        {
            using var response = await cas.SendAsync(HttpMethod.Get, $"/v1/chunks/default/{hash}", await cas.TokenAsync());
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            answers.Add(await response.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Single(answers.Distinct());
    }

    [Theory]
    [InlineData("default")]
    [InlineData("default-merkledb")]
    public async Task GetChunk_OfTheTenant_ItsXorbWithKeyedHashes(string prefix)
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1);
        await cas.UploadAsync(xorb, "other");
        await cas.UploadAsync(xorb);

        using var response = await cas.SendAsync(HttpMethod.Get, $"/v1/chunks/{prefix}/{xorb.Index.Chunks[2].Hash}", await cas.TokenAsync());

        Assert.Equal((HttpStatusCode.OK, "application/octet-stream"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var shard = await response.Content.ReadAsByteArrayAsync(Cancel);
        var told = Assert.Single(ShardReader.Read(shard).Value.Xorbs);
        var key = XetHash.FromBytes(shard.AsSpan(shard.Length - 128, XetHash.Size));
        Assert.Equal(xorb.Hash, told.Hash);
        Assert.Equal(xorb.Index.Chunks.ToArray().Select(chunk => XetHashes.Keyed(key, chunk.Hash)), told.Chunks.Select(chunk => chunk.Hash));
        Assert.False(key.IsZero);
    }

    [Fact]
    public async Task Locate_ChunkThatVeryManyXorbsHave_ItsOldestPlaceAndHidesNoOther()
    {
        await using var cas = await StartAsync();
        var common = Bytes(3000, 1);
        TestXorb[] xorbs = [.. Enumerable.Range(0, 30).Select(n => TestXorb.Of(Bytes(2000, 10 + n), common))];
        var own = TestXorb.Of(common, Bytes(2000, 5));
        foreach (var xorb in xorbs)
        {
            await cas.UploadAsync(xorb, "other");
        }

        await cas.UploadAsync(own);
        var key = Xorbs.KeyOf(XetHashes.OfChunk(common));
        var (before, behind) = (xorbs.Last(xorb => Xorbs.KeyOf(xorb.Index.Chunks[0].Hash) < key), xorbs.Last(xorb => Xorbs.KeyOf(xorb.Index.Chunks[0].Hash) > key));

        var found = await cas.Garden.Part<Xorbs>().LocateAsync([XetHashes.OfChunk(common), before.Index.Chunks[0].Hash, behind.Index.Chunks[0].Hash], Cancel);

        Assert.Equal((xorbs[0].Hash, 1), (found[XetHashes.OfChunk(common)].Xorb.Hash, found[XetHashes.OfChunk(common)].Number));
        Assert.Equal([before.Hash, behind.Hash], new[] { before, behind }.Select(xorb => found[xorb.Index.Chunks[0].Hash].Xorb.Hash));
        using var response = await cas.SendAsync(HttpMethod.Get, $"/v1/chunks/default/{XetHashes.OfChunk(common)}", await cas.TokenAsync());
        Assert.Equal(own.Hash, Assert.Single(ShardReader.Read(await response.Content.ReadAsByteArrayAsync(Cancel)).Value.Xorbs).Hash);
    }

    [Fact]
    public async Task Reconstruction_OfWhatTheCommitHasNot_AsOfNothing()
    {
        await using var cas = await StartAsync();
        var (own, other) = (TestXorb.Any(1), TestXorb.Any(2));
        var (file, foreign) = (TestFile.Of(own), TestFile.Of(other));
        await cas.StoreAsync(file, own);
        await cas.UploadAsync(other, "other");
        await cas.RegisterAsync(TestFile.Shard([foreign], other), "other");

        foreach (var path in new[] { $"/v2/reconstructions/{foreign.Hash}", $"/v1/reconstructions/{foreign.Hash}", $"/v1/reconstructions?file_id={file.Hash}&file_id={foreign.Hash}" })
        {
            await RefusedAsync(HttpStatusCode.NotFound, "FILE_NOT_FOUND", await cas.GetAsync(path));
        }

        using var head = await cas.SendAsync(HttpMethod.Head, $"/v1/files/{foreign.Hash}", await cas.TokenAsync());
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    private static async Task<byte[]> PlainAsync(CasGarden cas, byte[] bytes) => await cas.Garden.Http.GetByteArrayAsync(await cas.Garden.SignAsync(bytes), Cancel);
}

public sealed class SqliteCasTests : CasContract
{
    private protected override Task<CasGarden> StartAsync() => CasGarden.StartAsync();
}

public sealed class PostgresCasTests : CasContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<CasGarden> StartAsync() => await CasGarden.StartAsync(_database = await TestDatabase.CreateAsync());

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
