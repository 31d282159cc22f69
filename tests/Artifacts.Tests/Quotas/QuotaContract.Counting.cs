using System.Buffers;
using System.Net;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Tests.Cas;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

public abstract partial class QuotaContract
{
    [Fact]
    public async Task Put_FarFromTheStoredLimit_WaitsForNoCounting()
    {
        await using var cas = await StartAsync(("Artifacts:TenantStoredBytes", "100000"));
        using var turn = await cas.Garden.Part<UsageCounter>().EnterAsync("acme", Cancel);

        await cas.Garden.UploadAsync(Bytes(40_000));
        await cas.Garden.UploadAsync(Bytes(40_000, 2));

        var usage = await cas.Garden.As(People.Engineer()).GetStorageUsageAsync(new() { Tenant = "acme" }, cancellationToken: Cancel);
        Assert.Equal((2, 80_000, 0), (usage.Files, usage.LogicalBytes, usage.StoredBytes));
        Assert.InRange(usage.UncountedBytes, 80_001, 80_100);
    }

    [Fact]
    public async Task Put_WhereOnlyTheBoundIsBeyondTheLimit_IsMeasuredAndPasses()
    {
        await using var cas = await StartAsync();
        var file = Bytes(500_000);
        await cas.Garden.UploadAsync([.. file, .. file]);
        var stored = (await UsageAsync(cas)).StoredBytes;
        await SetAsync(cas, stored: stored + 1000);

        await cas.Garden.UploadAsync([.. file, .. file, .. file]);
        using var more = await cas.Garden.PutAsync((await cas.Garden.PrepareAsync(Bytes(2000, 2))).Url, Bytes(2000, 2));

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "QUOTA_STORED", more);
        Assert.InRange((await UsageAsync(cas)).StoredBytes, stored, stored + 1000);
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Put_AfterACollection_HasTheRoomThatIsStillCounted()
    {
        await using var cas = await StartAsync(("Artifacts:TenantStoredBytes", "70000"));
        await cas.Garden.UploadAsync(Bytes(60_000));
        Assert.Equal(60_008, (await UsageAsync(cas)).StoredBytes);
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        await cas.Garden.Part<FileCollection>().CollectAsync(new(_clock.GetUtcNow() - Grace, isDry: false), Cancel);

        await cas.Garden.UploadAsync(Bytes(65_000, 2));

        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Plan_AfterAnotherChangeOfTheTenantsChunks_IsVoid()
    {
        await using var cas = await StartAsync();
        await cas.Garden.UploadAsync(Bytes(30_000));
        await UsageProof.DrainAsync(cas.Garden);
        await using var context = await cas.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var layout = (await context.Layouts.SingleAsync(Cancel)).ToLayout();
        var plans = new[] { await PlanAsync(), await PlanAsync() };

        Assert.True(await UsageLedger.ApplyAsync(context, plans[0], Cancel));
        Assert.False(await UsageLedger.ApplyAsync(context, plans[1], Cancel));

        async Task<UsagePlan> PlanAsync() => (await cas.Garden.Part<UsageLedger>().PlanAsync(context, "acme", new ChunkChanges().Add(layout, 1), Cancel))!;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_OfAFileThatIsHalfCounted_IsRightAfterACollection(bool isCommitted)
    {
        await using var cas = await StartAsync();
        var counter = cas.Garden.Part<UsageCounter>();
        var xorbs = Enumerable.Range(0, 20).Select(n => TestXorb.Of(Bytes(1000, n), Bytes(5000, 100 + n), Bytes(1000, n % 3))).ToList();
        var file = TestFile.Of([.. xorbs.Select(xorb => (xorb, 0, 1)), (xorbs[2], 2, 3), (xorbs[19], 2, 3)]);
        foreach (var xorb in xorbs)
        {
            await cas.UploadAsync(xorb);
        }

        using (await counter.EnterAsync("acme", Cancel))
        {
            await cas.RegisterAsync(TestFile.Shard([file], xorbs));
            Assert.Equal(CountStep.More, await counter.CountSomeAsync(new("acme", 0, Sha256Digest.Of(file.Bytes).Hex), Cancel));
            cas.CommitFiles(isCommitted ? [file.Bytes] : []);
            _clock.Advance(Grace + TimeSpan.FromMinutes(1));
            var run = new CollectionRun(_clock.GetUtcNow() - Grace, isDry: false);
            await cas.Garden.Part<FileCollection>().CollectAsync(run, Cancel);
            await cas.Garden.Part<XorbCollection>().CollectAsync(run, Cancel);
            Assert.Equal((isCommitted ? 0 : 1, isCommitted ? 20 : 0), ((int)run.Report.Files, (int)run.Report.RewrittenXorbs));
        }

        await UsageProof.AssertAsync(cas.Garden);
        await CollectAsync(cas);
        Assert.Equal(isCommitted ? 20 * 1008 : 0, (await UsageAsync(cas)).StoredBytes);
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Usage_OfXorbsThatCameAgainEncodedOtherwise_IsWhatTheyTakeThen()
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1, count: 6);
        await cas.UploadAsync(xorb);
        await cas.RegisterAsync(TestFile.Shard([TestFile.Of(xorb)], xorb));
        Assert.Equal(xorb.Index.Length, (await UsageAsync(cas)).StoredBytes);
        await using (var context = await cas.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            // As the scrub leaves what it cannot repair.
            await context.Xorbs.ExecuteUpdateAsync(row => row.SetProperty(found => found.DamagedChunks, 1), Cancel);
        }

        var plain = Plain(xorb);
        await cas.PostXorbAsync($"{xorb.Hash}", plain.Body);

        Assert.True(plain.Index.Length > xorb.Index.Length);
        Assert.Equal(plain.Index.Length, (await UsageAsync(cas)).StoredBytes);
        await UsageProof.AssertAsync(cas.Garden);
    }

    private static TestXorb Plain(TestXorb xorb)
    {
        var target = new ArrayBufferWriter<byte>();
        var builder = new XorbBuilder(target, new(EncodingLevel.None));
        foreach (var chunk in xorb.Chunks)
        {
            Assert.True(builder.TryAppend(new(XetHashes.OfChunk(chunk), chunk.Length), chunk));
        }

        return new(target.WrittenSpan.ToArray(), builder.Complete(), xorb.Chunks);
    }
}
