using System.Net;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Integrity;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>Xet clients remember what they have sent, and name it again without sending it: for 21 days hf_xet does. On either database engine.</summary>
public abstract class SentXorbContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly ManualClock _clock = new(Start);

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Collect_XorbWhoseChunksOthersHave_CanBeNamedAsLongAsItsSenderRemembersIt()
    {
        await using var garden = await StartAsync();
        var (theirs, mine) = (TestXorb.Any(1), TestXorb.Any(1));
        await SendAsync(garden, "other", TestXorb.Of([Bytes(20_000, 7), .. theirs.Chunks]));
        await SendAsync(garden, "acme", mine);

        await CollectAsync(garden, TimeSpan.FromDays(21));

        Assert.Equal(1, await garden.RegisterAsync(TestFile.Shard([TestFile.Of((mine, 0, 2))])));
        var report = await CollectAsync(garden, TimeSpan.FromDays(2));
        Assert.Equal(1, report.Xorbs);
        using var head = await garden.SendAsync(HttpMethod.Head, mine.Path, await garden.TokenAsync());
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
    }

    [Fact]
    public async Task Collect_XorbThatNoFileWasEverMadeOf_GoesWhenItsSenderHasForgottenIt()
    {
        await using var garden = await StartAsync();
        var xorb = TestXorb.Any(1);
        await garden.UploadAsync(xorb);

        Assert.Equal(0, (await CollectAsync(garden, TimeSpan.FromDays(20))).Xorbs);
        Assert.False(await garden.UploadAsync(xorb));
        Assert.Equal(0, (await CollectAsync(garden, TimeSpan.FromDays(20))).Xorbs);
        Assert.Equal(1, (await CollectAsync(garden, TimeSpan.FromDays(3))).Xorbs);
        await CollectAsync(garden, TimeSpan.FromDays(3));
        Assert.Empty(garden.Garden.StoredPaths());
    }

    [Fact]
    public async Task Register_FileThatIsDamagedWhereItWasShared_IsMendedFromWhatItsOwnerSent()
    {
        await using var garden = await StartAsync();
        var mine = TestXorb.Any(1);
        await SendAsync(garden, "other", TestXorb.Of([Bytes(20_000, 7), .. mine.Chunks]));
        var file = TestFile.Of(mine);
        var theirs = Assert.Single(garden.Garden.StoredPaths());
        await SendAsync(garden, "acme", mine);
        await DamageAsync(garden, Path.Combine(garden.Garden.Garden.Data, "artifacts", theirs));
        Assert.Contains(file.Claim.Sha256!.Value.Hex, Assert.Single((await IntegrityAsync(garden)).Damages).Files);

        Assert.Equal(1, await garden.RegisterAsync(TestFile.Shard([file])));

        Assert.DoesNotContain(file.Claim.Sha256!.Value.Hex, Assert.Single((await IntegrityAsync(garden)).Damages).Files);
        Assert.Equal(file.Bytes, await garden.Garden.Http.GetByteArrayAsync(await garden.Garden.SignAsync(file.Bytes), Cancel));
        Assert.Equal(0, await garden.RegisterAsync(TestFile.Shard([file])));
    }

    private static async Task SendAsync(CasGarden garden, string tenant, TestXorb xorb)
    {
        await garden.UploadAsync(xorb, tenant);
        var file = TestFile.Of(xorb);
        await garden.RegisterAsync(TestFile.Shard([file], xorb), tenant);
        garden.Catalog.Commit($"{tenant}/tiny", CasGarden.Commit, [file.Bytes]);
    }

    private async Task<CollectGarbageResponse> CollectAsync(CasGarden garden, TimeSpan later)
    {
        _clock.Advance(later);
        return await garden.Garden.As(People.Operator).CollectGarbageAsync(new(), cancellationToken: Cancel);
    }

    private static async Task DamageAsync(CasGarden garden, string path)
    {
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        await using (var context = await garden.Garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Xorbs.ExecuteUpdateAsync(row => row.SetProperty(found => found.ScrubbedAt, DateTimeOffset.UnixEpoch), Cancel);
        }

        while (await garden.Garden.Part<Scrubber>().ScrubNextAsync(Cancel) is not null)
        {
        }
    }

    private static async Task<GetIntegrityResponse> IntegrityAsync(CasGarden garden) => await garden.Garden.As(People.Operator).GetIntegrityAsync(new(), cancellationToken: Cancel);

    private async Task<CasGarden> StartAsync() => await CasGarden.StartAsync(await DatabaseAsync(), _clock, ("Artifacts:CollectEvery", "7.00:00:00"), ("Artifacts:ScrubRate", "1"));
}

public sealed class SqliteSentXorbTests : SentXorbContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresSentXorbTests : SentXorbContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
