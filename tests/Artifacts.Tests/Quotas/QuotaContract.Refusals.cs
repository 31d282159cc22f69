using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Tests.Cas;
using ModelGarden.Testing;
using ModelGarden.Xet;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Quotas;

public abstract partial class QuotaContract
{
    [Fact]
    public async Task Prepare_BeyondTheLogicalLimit_RefusedWithTheFigures()
    {
        await using var cas = await StartAsync(("Artifacts:TenantLogicalBytes", "3000"));
        await cas.Garden.UploadAsync(Bytes(1000));
        await cas.Garden.PrepareAsync(Bytes(1500, 2));

        var words = await FailsAsync(StatusCode.ResourceExhausted, "QUOTA_LOGICAL", () => cas.Garden.PrepareAsync(Bytes(501, 3)));

        Assert.All(new[] { "acme", "3000", "1000", "1500", "501", "operator" }, part => Assert.Contains(part, words, StringComparison.Ordinal));
        await cas.Garden.PrepareAsync(Bytes(500, 3));
        // Going on with what is begun, what is there already, and nothing at all.
        await cas.Garden.PrepareAsync(Bytes(1500, 2));
        Assert.True((await cas.Garden.PrepareAsync(Bytes(1000))).Stored);
        await cas.Garden.PrepareAsync([]);
        await cas.Garden.PrepareAsync(Bytes(3000), "globex");
        Assert.Equal(2000, (await UsageAsync(cas)).AnnouncedBytes);
    }

    [Fact]
    public async Task Prepare_AfterUploadsExpired_HasTheirRoom()
    {
        await using var cas = await StartAsync(("Artifacts:TenantLogicalBytes", "3000"));
        await cas.Garden.PrepareAsync(Bytes(3000));
        await FailsAsync(StatusCode.ResourceExhausted, "QUOTA_LOGICAL", () => cas.Garden.PrepareAsync(Bytes(1, 2)));

        _clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1));

        await cas.Garden.PrepareAsync(Bytes(3000, 2));
    }

    [Fact]
    public async Task Prepare_WhenTheStoredLimitIsUsedUp_RefusedUntilItIsRaised()
    {
        await using var cas = await StartAsync(("Artifacts:TenantStoredBytes", "1008"));
        await cas.Garden.UploadAsync(Bytes(1000));
        Assert.Equal(1008, (await UsageAsync(cas)).StoredBytes);

        var words = await FailsAsync(StatusCode.ResourceExhausted, "QUOTA_STORED", () => cas.Garden.PrepareAsync(Bytes(10, 2)));

        Assert.Contains("may take 1008 bytes in the store and take 1008", words, StringComparison.Ordinal);
        await SetAsync(cas, stored: 2000);
        await cas.Garden.UploadAsync(Bytes(10, 2));
    }

    [Theory]
    [InlineData("QUOTA_LOGICAL")]
    [InlineData("QUOTA_STORED")]
    public async Task Put_TwoAtOnceWithRoomForOne_ExactlyOnePasses(string reason)
    {
        await using var cas = await StartAsync();
        for (var round = 0; round < 4; round++)
        {
            byte[][] files = [Bytes(60_000, (2 * round) + 1), Bytes(60_000, (2 * round) + 2)];
            var uploads = await Task.WhenAll(files.Select(file => cas.Garden.PrepareAsync(file)));
            var limit = (round * 61_000) + 100_000;
            await SetAsync(cas, reason is "QUOTA_LOGICAL" ? limit : 0, reason is "QUOTA_STORED" ? limit : 0);

            var answers = await Task.WhenAll(files.Zip(uploads, (file, upload) => Task.Run(() => cas.Garden.PutAsync(upload.Url, file))));

            Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.OK);
            await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, reason, answers.Single(answer => answer.StatusCode is not HttpStatusCode.OK));
            var usage = await UsageAsync(cas);
            Assert.Equal((round + 1, (round + 1) * 60_000, 0), (usage.Files, usage.LogicalBytes, usage.AnnouncedBytes));
            Assert.Single(await cas.Garden.FilesAsync(People.Engineer(), files));
            await SetAsync(cas);
        }

        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Put_OfTheSameFileManyTimesAtOnce_IsCountedOnce()
    {
        await using var cas = await StartAsync();
        var file = Bytes(60_000);
        string[] tenants = ["acme", "globex"];
        var urls = await Task.WhenAll(tenants.SelectMany(tenant => Enumerable.Range(0, 3).Select(async _ => (await cas.Garden.PrepareAsync(file, tenant)).Url)));

        var answers = await Task.WhenAll(urls.Select(url => Task.Run(() => cas.Garden.PutAsync(url, file))));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal((1, 60_000), ((await UsageAsync(cas)).Files, (await UsageAsync(cas)).LogicalBytes));
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Fact]
    public async Task Put_OfChunksThatAreThere_PassesAtTheStoredLimit()
    {
        await using var cas = await StartAsync();
        var file = Bytes(500_000);
        await cas.Garden.UploadAsync([.. file, .. file]);
        var upload = await cas.Garden.PrepareAsync([.. file, .. file, .. file]);
        await SetAsync(cas, stored: 1);

        using var response = await cas.Garden.PutAsync(upload.Url, (byte[])[.. file, .. file, .. file]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Complete_BeyondTheLimit_RefusedAndTheUploadIsForgotten()
    {
        await using var cas = await StartAsync();
        var file = Bytes(PartSize + 10);
        var upload = await cas.Garden.PrepareAsync(file, multipart: true);
        var parts = new[] { (1, await cas.Garden.PutPartAsync(upload, file, 1)), (2, await cas.Garden.PutPartAsync(upload, file, 2)) };
        await SetAsync(cas, logical: PartSize);

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "QUOTA_LOGICAL", await cas.Garden.CompleteAsync(upload, file, parts));

        Assert.Equal(new() { Tenant = "acme", LogicalLimit = PartSize }, await UsageAsync(cas));
        Assert.Empty(await cas.Garden.FilesAsync(People.Service("catalog"), file));
        await RefusedAsync(HttpStatusCode.NotFound, "UPLOAD_NOT_FOUND", await cas.Garden.CompleteAsync(upload, file, parts));
        await FailsAsync(StatusCode.ResourceExhausted, "QUOTA_LOGICAL", () => cas.Garden.PrepareAsync(file, multipart: true));
    }

    [Theory]
    [InlineData("QUOTA_LOGICAL")]
    [InlineData("QUOTA_STORED")]
    public async Task PostShard_OfFilesThatDoNotAllFit_RefusedWhole(string reason)
    {
        await using var cas = await StartAsync();
        var xorb = TestXorb.Any(1, count: 6);
        var shard = TestFile.Shard([TestFile.Of((xorb, 0, 3)), TestFile.Of((xorb, 2, 6))], xorb);
        await cas.UploadAsync(xorb);
        var needed = reason is "QUOTA_LOGICAL" ? xorb.Index.UnpackedLength + xorb.Chunks[2].Length : xorb.Index.Length;
        await SetAsync(cas, reason is "QUOTA_LOGICAL" ? needed - 1 : null, reason is "QUOTA_STORED" ? needed - 1 : null);
        var held = await cas.HeldAsync();

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, reason, await cas.PostShardAsync(shard));
        using var streamed = await cas.PostShardAsync(shard, path: "/v2/shards");
        var last = JsonNode.Parse((await streamed.Content.ReadAsStringAsync(Cancel)).TrimEnd('\n').Split('\n')[^1])!;

        Assert.Equal(("error", false), ((string)last["type"]!, (bool)last["retryable"]!));
        Assert.Contains($"{needed - 1}", (string)last["message"]!, StringComparison.Ordinal);
        Assert.Equal(held, await cas.HeldAsync());
        await SetAsync(cas, reason is "QUOTA_LOGICAL" ? needed : null, reason is "QUOTA_STORED" ? needed : null);
        Assert.Equal(1, await cas.RegisterAsync(shard));
        await UsageProof.AssertAsync(cas.Garden);
    }

    [Theory]
    [InlineData("QUOTA_LOGICAL")]
    [InlineData("QUOTA_STORED")]
    public async Task PostXorb_WhenALimitIsUsedUp_RefusedAndNothingIsKept(string reason)
    {
        await using var cas = await StartAsync();
        await cas.Garden.UploadAsync(Bytes(1000));
        await SetAsync(cas, reason is "QUOTA_LOGICAL" ? 1000 : null, reason is "QUOTA_STORED" ? 1008 : null);
        var (xorb, held) = (TestXorb.Any(1), await cas.HeldAsync());

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, reason, await cas.PostXorbAsync($"{xorb.Hash}", xorb.Body));

        Assert.Equal(held, await cas.HeldAsync());
        await SetAsync(cas, 1001, 1009);
        Assert.True(await cas.UploadAsync(xorb));
    }

    /// <summary>Xorbs that no file is made of are in nobody's usage, and stay for long.</summary>
    [Fact]
    public async Task Sent_MoreThanTwiceTheLimit_IsRefusedUntilItHasExpired()
    {
        await using var cas = await StartAsync();
        await SetAsync(cas, stored: 1000);
        var (first, second, parted) = (TestXorb.Any(1), TestXorb.Any(2), Bytes(2 * PartSize));
        await cas.UploadAsync(first);
        var upload = await cas.Garden.PrepareAsync(parted, multipart: true);
        await using (var context = await cas.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            // As if it had been so long.
            Assert.Equal(first.Index.Length, (await context.TenantXorbs.SingleAsync(Cancel)).SentBytes);
            await context.TenantXorbs.ExecuteUpdateAsync(row => row.SetProperty(sent => sent.SentBytes, 2000 + XetLimits.XorbRead - PartSize), Cancel);
        }

        await cas.Garden.PutPartAsync(upload, parted, 1);
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "QUOTA_SENT", await cas.Garden.PutAsync(upload.PartUrls[1], parted.AsMemory(PartSize)));
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "QUOTA_SENT", await cas.PostXorbAsync($"{second.Hash}", second.Body));
        Assert.True(await cas.UploadAsync(second, "other"));

        _clock.Advance(TimeSpan.FromHours(6));

        Assert.True(await cas.UploadAsync(second));
        await cas.Garden.PutPartAsync(upload, parted, 2);
    }
}
