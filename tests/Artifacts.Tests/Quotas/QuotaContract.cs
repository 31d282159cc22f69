using System.Net;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Tests.Cas;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

/// <summary>What tenants are told that they keep, and what is refused to those who would keep more, on either database engine.</summary>
public abstract partial class QuotaContract
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);
    private readonly ManualClock _clock = new();

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Usage_OfFilesThatOverlap_CountsTheirSizesAndEachChunkOnce()
    {
        await using var cas = await StartAsync();
        var large = Bytes(1_000_000);
        await cas.Garden.UploadAsync(large);
        var alone = await UsageAsync(cas);
        Assert.Equal((1, 1_000_000), (alone.Files, alone.LogicalBytes));
        Assert.InRange(alone.StoredBytes, 1_000_000, 1_001_000);

        await cas.Garden.UploadAsync([.. large, .. large]);
        Assert.True((await cas.Garden.PrepareAsync(large)).Stored);

        var both = await UsageAsync(cas);
        Assert.Equal((2, 3_000_000), (both.Files, both.LogicalBytes));
        // Where one copy follows on the other a chunk or two are new.
        Assert.InRange(both.StoredBytes, 1_000_001, 1_400_000);
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Usage_BesideTenantsWithTheSameBytes_IsAsIfAlone()
    {
        var blocks = Enumerable.Range(0, 5).Select(seed => Bytes(200_000, seed)).ToList();
        byte[][] files = [blocks[0], [.. blocks[0], .. blocks[1]], [.. blocks[2], .. blocks[0]], [.. blocks[3], .. blocks[4], .. blocks[1]], [], [.. blocks[0], .. blocks[0]]];
        byte[][] others = [[.. blocks[1], .. blocks[2]], [.. blocks[2], .. blocks[0]], [.. blocks[3], .. blocks[4], .. blocks[1]], blocks[4]];
        await using var alone = await CasGarden.StartAsync();
        await using var shared = await StartAsync();
        foreach (var (n, file) in files.Index())
        {
            if (n < others.Length)
            {
                // By both ways: its xorbs have chunks that acme has in others already.
                await shared.Garden.UploadAsync(others[n], "globex");
                await UploadOverXetAsync(shared, others[^(n + 1)], "globex");
            }

            await alone.Garden.UploadAsync(file);
            await shared.Garden.UploadAsync(file);

            Assert.Equal(await UsageAsync(alone), await UsageAsync(shared));
        }

        await UsageProof.AssertAsync(shared.Garden);
    }

    [Fact]
    public async Task Usage_OfOneChunkInAnothersXorb_IsThatChunk()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1, count: 20, length: 30_000);
        await cas.UploadAsync(xorb, "globex");
        await cas.RegisterAsync(TestFile.Shard([TestFile.Of(xorb)], xorb), "globex");

        await cas.Garden.UploadAsync(xorb.Chunks[4]);

        Assert.Equal(xorb.Index.Start(5) - xorb.Index.Start(4), (await UsageAsync(cas)).StoredBytes);
        Assert.Equal(xorb.Index.Length, (await UsageAsync(cas, "globex")).StoredBytes);
    }

    [Fact]
    public async Task Usage_OfAChunkInTwoXorbs_CountsItOnceUntilTheLastGoes()
    {
        await using var cas = await StartAsync();
        var (first, second) = (TestXorb.Any(1, count: 4), TestXorb.Of([.. TestXorb.Any(1, count: 4).Chunks, Bytes(5000, 9)]));
        var (one, two) = (TestFile.Of(first), TestFile.Of((second, 0, 4)));
        var longer = TestFile.Of((second, 1, 5));
        await cas.UploadAsync(first);
        await cas.UploadAsync(second);
        await cas.RegisterAsync(TestFile.Shard([one, longer], first, second));

        Assert.Equal(second.Index.Length, (await UsageAsync(cas)).StoredBytes);
        Assert.Equal(one.Bytes, two.Bytes);
        cas.CommitFiles(longer.Bytes);
        await CollectAsync(cas);

        Assert.Equal(second.Index.Length - second.Index.Start(1), (await UsageAsync(cas)).StoredBytes);
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Usage_OfWhatIsCollected_IsGivenBack()
    {
        await using var cas = await StartAsync();
        await cas.Garden.UploadAsync(Bytes(300_000));
        await cas.Garden.UploadAsync(Bytes(300_000)[..200_000], "globex");

        await CollectAsync(cas);

        Assert.Equal(new() { Tenant = "acme" }, await UsageAsync(cas));
        Assert.Equal(new() { Tenant = "globex" }, await UsageAsync(cas, "globex"));
        await using var context = await cas.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        Assert.False(await context.TenantChunks.AnyAsync(Cancel));
    }

    [Fact]
    public async Task Usage_AfterARewrite_IsThatOfTheFilesThatAreLeft()
    {
        await using var cas = await StartAsync();
        var (large, small) = (Bytes(1_000_000), Bytes(1_000_000)[..300_000]);
        await cas.Garden.UploadAsync(small, "initech");
        var expected = (await UsageAsync(cas, "initech")).StoredBytes;
        await cas.Garden.UploadAsync(Bytes(1000, 7), "initech");
        await cas.Garden.UploadAsync(large);
        await cas.Garden.UploadAsync(small);
        await cas.Garden.UploadAsync(small, "globex");
        Array.ForEach(["acme", "globex", "initech"], tenant => cas.CommitFilesOf(tenant, small));

        var report = await CollectAsync(cas);

        Assert.Equal(2, report.Files);
        foreach (var tenant in new[] { "acme", "globex", "initech" })
        {
            Assert.Equal(new() { Tenant = tenant, Files = 1, LogicalBytes = 300_000, StoredBytes = expected }, await UsageAsync(cas, tenant));
        }

        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Usage_OfFilesFromBeforeItWasKept_IsCountedAfterwards()
    {
        await using var cas = await StartAsync();
        await cas.Garden.UploadAsync(Bytes(1_000_000));
        await cas.Garden.UploadAsync(Bytes(1_000_000)[..400_000]);
        await cas.Garden.UploadAsync(Bytes(300_000, 2), "globex");
        var (acme, globex) = (await UsageAsync(cas), await UsageAsync(cas, "globex"));
        await using (var context = await cas.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            // As the script leaves it.
            await using var transaction = await context.Database.BeginTransactionAsync(Cancel);
            await context.Database.ExecuteSqlAsync($"UPDATE file_layouts SET stored_bytes = (SELECT SUM(stored_bytes) FROM xorbs)", Cancel);
            await context.Database.ExecuteSqlAsync($"UPDATE tenant_files SET counted_to = 0, uncounted_bytes = (SELECT SUM(stored_bytes) FROM xorbs)", Cancel);
            await context.Database.ExecuteSqlAsync(
                $"UPDATE tenant_usage SET stored_bytes = 0, uncounted_bytes = (SELECT SUM(uncounted_bytes) FROM tenant_files WHERE tenant_files.tenant = tenant_usage.tenant)", Cancel);
            await context.TenantChunks.ExecuteDeleteAsync(Cancel);
            await transaction.CommitAsync(Cancel);
        }

        cas.CommitFiles(Bytes(1_000_000), Bytes(1_000_000)[..400_000]);
        await CollectAsync(cas);
        Assert.Equal(new() { Tenant = "globex" }, await UsageAsync(cas, "globex"));
        await cas.Garden.UploadAsync(Bytes(300_000, 2), "globex");

        Assert.Equal((acme, globex), (await UsageAsync(cas), await UsageAsync(cas, "globex")));
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Usage_AskedFor_IsToldToMembersAndOperators()
    {
        await using var cas = await StartAsync();
        await cas.Garden.UploadAsync(Bytes(1000));

        foreach (var asking in new[] { People.Engineer(), People.Operator, People.Service("catalog") })
        {
            Assert.Equal(1000, (await cas.Garden.As(asking).GetStorageUsageAsync(new() { Tenant = "Acme" }, cancellationToken: Cancel)).LogicalBytes);
        }

        foreach (var tenant in new[] { "acme", "nobody" })
        {
            await FailsAsync(StatusCode.PermissionDenied, "NOT_YOUR_TENANT", async () => await cas.Garden.As(People.Admin("globex")).GetStorageUsageAsync(new() { Tenant = tenant }, cancellationToken: Cancel));
        }
    }

    [Fact]
    public async Task Quota_Set_IsTheOperatorsAloneAndCanBeTakenBack()
    {
        await using var cas = await StartAsync(("Artifacts:TenantLogicalBytes", "5000"));

        Assert.Equal((5000, 0), Limits(await UsageAsync(cas)));
        Assert.Equal((0, 700), Limits(await SetAsync(cas, logical: 0, stored: 700)));
        Assert.Equal((5000, 0), Limits(await UsageAsync(cas, "globex")));
        Assert.Equal((5000, 0), Limits(await SetAsync(cas)));
        await FailsAsync(StatusCode.PermissionDenied, "ROLE_MISSING", async () => await cas.Garden.As(People.Admin()).SetStorageQuotaAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await FailsAsync(StatusCode.InvalidArgument, "BAD_QUOTA", () => SetAsync(cas, logical: -1));
        await FailsAsync(StatusCode.InvalidArgument, "BAD_QUOTA", () => SetAsync(cas, stored: -1));
    }

    private static (long, long) Limits(StorageUsage usage) => (usage.LogicalLimit, usage.StoredLimit);

    private async Task<CasGarden> StartAsync(params (string, string)[] settings) =>
        await CasGarden.StartAsync(await DatabaseAsync(), _clock, [("Artifacts:CollectEvery", "7.00:00:00"), ("Artifacts:XetGrace", "06:00:00"), .. settings]);

    private async Task<CollectGarbageResponse> CollectAsync(CasGarden cas)
    {
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        return await cas.Garden.As(People.Operator).CollectGarbageAsync(new(), cancellationToken: Cancel);
    }

    /// <summary>When all is counted.</summary>
    private static async Task<StorageUsage> UsageAsync(CasGarden cas, string tenant = "acme")
    {
        await UsageProof.DrainAsync(cas.Garden);
        return await cas.Garden.As(People.Engineer(tenant)).GetStorageUsageAsync(new() { Tenant = tenant }, cancellationToken: Cancel);
    }

    private static async Task<StorageUsage> SetAsync(CasGarden cas, long? logical = null, long? stored = null, string tenant = "acme")
    {
        var request = new SetStorageQuotaRequest { Tenant = tenant };
        if (logical is { } logicalBytes)
        {
            request.LogicalBytes = logicalBytes;
        }

        if (stored is { } storedBytes)
        {
            request.StoredBytes = storedBytes;
        }

        return await cas.Garden.As(People.Operator).SetStorageQuotaAsync(request, cancellationToken: Cancel);
    }

    /// <summary>Cut as every client cuts it, in a xorb of its own.</summary>
    private static async Task UploadOverXetAsync(CasGarden cas, byte[] bytes, string tenant)
    {
        var xorb = TestXorb.OfFile([.. bytes, 1]);
        await cas.UploadAsync(xorb, tenant);
        await cas.RegisterAsync(TestFile.Shard([TestFile.Of(xorb)], xorb), tenant);
    }

    private static async Task<string> FailsAsync(StatusCode status, string reason, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((status, reason), (exception.StatusCode, exception.Trailers.GetValue("garden-reason")));
        return exception.Status.Detail;
    }
}

public sealed class SqliteQuotaTests : QuotaContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresQuotaTests : QuotaContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
