using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Shards that do not say what is: refused whole, with the reason, and nothing is registered; on either database engine.</summary>
public abstract class ShardLieContract : IAsyncLifetime
{
    private const int MaximumFileSize = 10_000_000;
    private static readonly ShardLies Known = new();
    private CasGarden? _started;
    private IReadOnlyList<string> _held = [];

    private CasGarden Garden => _started!;

    public static TheoryData<string> Lies => [.. Known.Names];

    public async ValueTask InitializeAsync()
    {
        _started = await StartAsync(("Artifacts:MaximumFileSize", $"{MaximumFileSize}"), ("Artifacts:SinglePutLimit", $"{MaximumFileSize}"));
        await Garden.UploadAsync(ShardLies.First);
        await Garden.UploadAsync(ShardLies.Second);
        await Garden.UploadAsync(ShardLies.Foreign, tenant: "other");
        _held = await Garden.HeldAsync();
    }

    public virtual ValueTask DisposeAsync() => _started?.DisposeAsync() ?? ValueTask.CompletedTask;

    private protected abstract Task<CasGarden> StartAsync(params (string, string)[] settings);

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Post_Lie_RefusedAndNothingRegistered(string lie)
    {
        var (shard, words) = Known.Of(lie);

        Assert.Contains(words, await RefusalAsync(shard), StringComparison.Ordinal);

        Assert.Equal(_held, await Garden.HeldAsync());
        Assert.Empty(await Garden.Garden.FilesAsync(People.Engineer(), ShardLies.True.Bytes));
        Assert.Equal(1, await Garden.RegisterAsync(ShardLies.TrueShard));
    }

    [Fact]
    public async Task Post_TrueFileBesideALyingOne_NeitherRegistered()
    {
        var (truth, lie) = (TestFile.Of(ShardLies.First), ShardLies.True.With(file => file with { Sha256 = Sha256Digest.Of([1]) }));

        await RefusalAsync(TestFile.Shard([truth, lie]));
        await RefusalAsync(TestFile.Shard([lie, truth]));

        Assert.Equal(_held, await Garden.HeldAsync());
        Garden.CommitFiles(truth.Bytes, ShardLies.True.Bytes);
        foreach (var hash in new[] { truth.Hash, lie.Hash })
        {
            await RefusedAsync(HttpStatusCode.NotFound, "FILE_NOT_FOUND", await Garden.GetAsync($"/v2/reconstructions/{hash}"));
        }

        Assert.Equal(1, await Garden.RegisterAsync(TestFile.Shard([truth])));
    }

    [Fact]
    public async Task Post_OverAnothersXorb_RefusedAsOverNobodys()
    {
        var foreign = await RefusalAsync(TestFile.Shard([TestFile.Of(ShardLies.Foreign)]));
        var unknown = await RefusalAsync(TestFile.Shard([TestFile.Of(ShardLies.Unknown)]));

        Assert.Equal(unknown, foreign.Replace($"{ShardLies.Foreign.Hash}", $"{ShardLies.Unknown.Hash}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_CutAnywhere_RefusedAndNothingRegistered()
    {
        // What follows the second bookend may be missing: some clients leave it out.
        var needed = ShardLies.TrueShard.Length - 200;
        for (var length = 0; length < needed; length += 16)
        {
            Assert.Contains("BAD_SHARD", await ReasonAsync(ShardLies.TrueShard[..length]), StringComparison.Ordinal);
        }

        Assert.Equal(_held, await Garden.HeldAsync());
        Assert.Equal(1, await Garden.RegisterAsync(ShardLies.TrueShard[..needed]));
    }

    [Fact]
    public async Task Post_RandomDamage_RefusedOrTrueAllTheSame()
    {
        var truth = new[] { Sha256Digest.Of(ShardLies.True.Bytes).Hex, Sha256Digest.Of([]).Hex };
        var (held, taken) = (_held, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var shard = new Mutator(seed).Mutate(ShardLies.TrueShard);
            using var response = await Garden.PostShardAsync(shard);
            if (response.StatusCode is HttpStatusCode.OK)
            {
                // The damage is behind what is read, or in flags that any client may set.
                Assert.All(ShardReader.Read(shard).Value.Files, file => Assert.Contains(file.Sha256!.Value.Hex, truth));
                (held, taken) = (await Garden.HeldAsync(), taken + 1);
                continue;
            }

            Assert.Equal((HttpStatusCode.BadRequest, seed), (response.StatusCode, seed));
            Assert.Equal(held, await Garden.HeldAsync());
        }

        Assert.InRange(taken, 0, 200);
        Assert.All(held.Where(line => line.StartsWith("layout ", StringComparison.Ordinal)), line => Assert.Contains(truth, digest => line.Contains(digest, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Post_MoreFilesThanAShardMayHave_Refused()
    {
        var empty = new ShardFile(default, [], [], Sha256Digest.Of([]));

        Assert.Contains("10001 where 10000", await RefusalAsync(TestFile.Write(new([.. Enumerable.Repeat(empty, 10_001)], []))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MoreBytesThanAFileMayHave_Refused()
    {
        var count = (MaximumFileSize / ShardLies.True.Bytes.Length) + 1;
        var file = TestFile.Of([.. Enumerable.Repeat((ShardLies.First, 0, 4), count)]);

        Assert.Contains($"where {MaximumFileSize} are allowed", await RefusalAsync(TestFile.Shard(Enumerable.Repeat(file, 2))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MoreChunksThanAShardMayReferTo_Refused()
    {
        // Chunks of one byte: little to be read, and many to be looked at.
        var segment = new ShardSegment(ShardLies.First.Hash, 8192, 0, 8192);
        var file = new ShardFile(ShardLies.True.Claim.Hash, [.. Enumerable.Repeat(segment, 8193)], [.. Enumerable.Repeat(ShardLies.First.Hash, 8193)], Sha256Digest.Of([1]));
        await using var garden = await StartAsync();
        await garden.UploadAsync(ShardLies.First);

        using var response = await garden.PostShardAsync(TestFile.Write(new([file], [])));

        Assert.Contains("chunks together where 67108864", await WordsAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_XorbsThatAreNotDescribedOrNotUsed_Registered()
    {
        // Nothing says that a shard's xorbs must be used, or be described.
        Assert.Equal(1, await Garden.RegisterAsync(TestFile.Shard([ShardLies.True])));
        Assert.Equal(0, await Garden.RegisterAsync(TestFile.Shard([ShardLies.True], ShardLies.First)));
        Assert.Equal(0, await Garden.RegisterAsync(TestFile.Shard([], ShardLies.First)));
    }

    private async Task<string> RefusalAsync(byte[] shard)
    {
        using var response = await Garden.PostShardAsync(shard);
        Assert.Equal((HttpStatusCode.BadRequest, "BAD_SHARD"), (response.StatusCode, response.Headers.GetValues("X-Error-Code").Single()));
        return await WordsAsync(response);
    }

    private async Task<string> ReasonAsync(byte[] shard)
    {
        using var response = await Garden.PostShardAsync(shard);
        return response.Headers.GetValues("X-Error-Code").Single();
    }

    private static async Task<string> WordsAsync(HttpResponseMessage response) => (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!;
}

public sealed class SqliteShardLieTests : ShardLieContract
{
    private protected override Task<CasGarden> StartAsync(params (string, string)[] settings) => CasGarden.StartAsync(settings: settings);
}

public sealed class PostgresShardLieTests : ShardLieContract
{
    private readonly List<TestDatabase> _databases = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    private protected override async Task<CasGarden> StartAsync(params (string, string)[] settings)
    {
        _databases.Add(await TestDatabase.CreateAsync());
        return await CasGarden.StartAsync(_databases[^1], settings: settings);
    }
}
