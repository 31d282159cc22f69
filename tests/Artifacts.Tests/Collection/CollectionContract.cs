using System.Net;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Conversion;
using ModelGarden.Contracts.V1;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>What is collected and when, on either database engine.</summary>
public abstract class CollectionContract
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(24);
    private readonly ManualClock _clock = new();
    private readonly RepositoriesDouble _repositories = new();

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Collect_FileThatNoRepositoryHas_GoesAfterTheGraceAndItsBytesAfterAnother()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);

        Assert.Equal(new(), await CollectAsync(garden));
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        var first = await CollectAsync(garden);

        Assert.Equal((1, 300_000, 1, 0, 0), (first.Files, first.FileBytes, first.Xorbs, first.RewrittenXorbs, first.Objects));
        Assert.InRange(first.GarbageBytes, 300_000, 301_000);
        Assert.Empty(await garden.FilesAsync(People.Service("catalog"), bytes));
        Assert.Single(garden.StoredPaths());
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        Assert.Equal(new() { Objects = 1 }, await CollectAsync(garden));
        Assert.Empty(garden.StoredPaths());
        await AssertNoRowsAsync(garden);
    }

    [Fact]
    public async Task Collect_FileOfARepository_StaysUntilItIsDeletedThere()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        _repositories.Commit(bytes);
        _clock.Advance(Grace * 3);

        Assert.Equal(new(), await CollectAsync(garden));
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        _repositories.Delete(bytes);
        Assert.Equal(1, (await CollectAsync(garden)).Files);
    }

    [Fact]
    public async Task Collect_FileThatItsTenantHasJustAskedFor_StaysToBeCommitted()
    {
        await using var garden = await StartAsync();
        var (prepared, asked) = (Bytes(1000, 1), Bytes(1000, 2));
        await garden.UploadAsync(prepared);
        await garden.UploadAsync(asked);
        _clock.Advance(Grace * 2);

        Assert.True((await garden.PrepareAsync(prepared)).Stored);
        Assert.Single(await garden.FilesAsync(People.Engineer(), asked));

        Assert.Equal(0, (await CollectAsync(garden)).Files);
    }

    [Fact]
    public async Task Collect_FileThatOthersHaveAskedFor_IsNotKeptByThat()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes);
        _clock.Advance(Grace * 2);

        Assert.False((await garden.PrepareAsync(bytes, "globex")).Stored);
        Assert.Empty(await garden.FilesAsync(People.Engineer("globex"), bytes));

        Assert.Equal(1, (await CollectAsync(garden)).Files);
    }

    [Fact]
    public async Task Collect_FileThatOnlyOthersRepositoriesHave_IsLetGoOfByItsTenant()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes);
        await garden.UploadAsync(bytes, "globex");
        await garden.UploadAsync(bytes, "initech");
        _repositories.Commit(bytes, "acme");
        _clock.Advance(Grace * 2);
        Assert.Single(await garden.FilesAsync(People.Engineer("initech"), bytes));

        Assert.Equal(new() { Holds = 1 }, await CollectAsync(garden, dryRun: true));
        Assert.Equal(new() { Holds = 1 }, await CollectAsync(garden));

        Assert.Single(await garden.FilesAsync(People.Engineer("acme"), bytes));
        Assert.Empty(await garden.FilesAsync(People.Engineer("globex"), bytes));
        Assert.Single(await garden.FilesAsync(People.Engineer("initech"), bytes));
        await garden.UploadAsync(bytes, "globex");
        Assert.Equal(new(), await CollectAsync(garden));
    }

    [Fact]
    public async Task Collect_FileOfARepositoryWhoseTenantNeverSentIt_StaysWithTheLastWhoHasIt()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes, "globex");
        await garden.UploadAsync(bytes, "initech");
        _repositories.Commit(bytes, "acme");
        _clock.Advance(Grace * 2);

        Assert.Equal(new() { Holds = 1 }, await CollectAsync(garden));

        Assert.Single([.. await garden.FilesAsync(People.Engineer("globex"), bytes), .. await garden.FilesAsync(People.Engineer("initech"), bytes)]);
        Assert.Equal(new(), await CollectAsync(garden));
    }

    [Fact]
    public async Task Collect_CheckpointThatOnlyOthersHave_TakesWhatItWasConvertedToAlong()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        await garden.UploadAsync(Checkpoints.Digits, "globex");
        var converted = (await ConversionContract.AnnouncedAsync(garden, Checkpoints.Digits)).Sha256;
        await garden.UploadAsync(Checkpoints.Digits, "initech");
        _repositories.Commit(Checkpoints.Digits, "acme");
        _repositories.Commit(Checkpoints.Digits, "globex");
        _clock.Advance(Grace * 2);

        // Whichever of the two comes first.
        Assert.Equal(2, (await CollectAsync(garden)).Holds + (await CollectAsync(garden)).Holds);

        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Equal(["acme", "globex"], await context.TenantFiles.Where(held => held.Sha256 == converted).Select(held => held.Tenant).Order().ToListAsync(Cancel));
    }

    [Fact]
    public async Task Collect_XorbMostlyDead_IsRewrittenAndItsFilesAreAsBefore()
    {
        await using var garden = await StartAsync();
        var (large, small) = (Bytes(1_000_000), Bytes(1_000_000)[..300_000]);
        await garden.UploadAsync(large);
        await garden.UploadAsync(small);
        _repositories.Commit(small);
        var before = Assert.Single(garden.StoredPaths(), path => Length(garden, path) > 900_000);
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));

        var report = await CollectAsync(garden);

        Assert.Equal((1, 1), (report.Files, report.RewrittenXorbs));
        Assert.InRange(report.GarbageBytes, 600_000, 900_000);
        Assert.Equal(small, await garden.Http.GetByteArrayAsync(await garden.SignAsync(small), Cancel));
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        await CollectAsync(garden);
        Assert.DoesNotContain(before, garden.StoredPaths());
        Assert.InRange(garden.StoredPaths().Sum(path => Length(garden, path)), 300_000, 400_000);
        Assert.Equal(small, await garden.Http.GetByteArrayAsync(await garden.SignAsync(small), Cancel));
    }

    [Fact]
    public async Task Collect_WhatACheckpointWasConvertedTo_StaysAndGoesWithIt()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Checkpoints.Digits);
        _repositories.Commit(Checkpoints.Digits);
        var converted = (await ConversionContract.AnnouncedAsync(garden, Checkpoints.Digits)).Sha256;
        _clock.Advance(Grace * 3);

        Assert.Equal(0, (await CollectAsync(garden)).Files);
        Assert.Equal(0, (await CollectAsync(garden, dryRun: true)).Files);
        Assert.Single((await garden.As(People.Engineer()).GetFilesAsync(new() { Sha256 = { converted } }, cancellationToken: Cancel)).Files);

        _repositories.Delete(Checkpoints.Digits);
        Assert.Equal(1, (await CollectAsync(garden)).Files);
        _clock.Advance(Grace * 2);
        Assert.Equal(1, (await CollectAsync(garden)).Files);
    }

    [Fact]
    public async Task Collect_AfterARewrite_TheSameBytesAreStillRecognised()
    {
        await using var garden = await StartAsync();
        var (large, small) = (Bytes(1_000_000), Bytes(1_000_000)[..300_000]);
        await garden.UploadAsync(large);
        await garden.UploadAsync(small);
        _repositories.Commit(small);
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        await CollectAsync(garden);
        var paths = garden.StoredPaths().Count;

        await garden.UploadAsync(small[..200_000]);

        // Only its last chunk is one that nobody has.
        Assert.InRange(Length(garden, garden.StoredPaths().MaxBy(path => File.GetLastWriteTimeUtc(PathOf(garden, path)))!), 1, 140_000);
        Assert.Equal(paths + 1, garden.StoredPaths().Count);
    }

    [Fact]
    public async Task DryRun_SaysWhatWouldHappenAndChangesNothing()
    {
        await using var garden = await StartAsync();
        var (large, small, other) = (Bytes(1_000_000), Bytes(1_000_000)[..300_000], Bytes(50_000, 7));
        await garden.UploadAsync(large);
        await garden.UploadAsync(small);
        await garden.UploadAsync(other);
        _repositories.Commit(small);
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        var paths = garden.StoredPaths();

        var dry = await CollectAsync(garden, dryRun: true);

        Assert.Equal(paths, garden.StoredPaths());
        Assert.Single(await garden.FilesAsync(People.Service("catalog"), large));
        Assert.Equal((2, 1_050_000, 1, 1), (dry.Files, dry.FileBytes, dry.Xorbs, dry.RewrittenXorbs));
        Assert.Equal(dry, await CollectAsync(garden));
    }

    [Fact]
    public async Task Collect_WhileCatalogCannotSay_ChangesNothing()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Bytes(1000));
        _clock.Advance(Grace * 2);
        _repositories.IsDown = true;

        await Assert.ThrowsAsync<RpcException>(() => CollectAsync(garden));

        Assert.Single(await garden.FilesAsync(People.Service("catalog"), Bytes(1000)));
        _repositories.IsDown = false;
        Assert.Equal(1, (await CollectAsync(garden)).Files);
    }

    [Fact]
    public async Task Collect_ByAnotherThanAnOperator_IsRefused()
    {
        await using var garden = await StartAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await garden.As(People.Engineer()).CollectGarbageAsync(new() { DryRun = true }, cancellationToken: Cancel));

        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Collect_XorbThatIsDamaged_IsLeftAndKeepsNoOtherFromGoing()
    {
        await using var garden = await StartAsync();
        var (large, small) = (Bytes(1_000_000), Bytes(1_000_000)[..300_000]);
        await garden.UploadAsync(large);
        await garden.UploadAsync(small);
        _repositories.Commit(small);
        var path = PathOf(garden, Assert.Single(garden.StoredPaths(), path => Length(garden, path) > 900_000));
        await garden.UploadAsync(Bytes(1000, 5));
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 20;
            file.WriteByte((byte)(large[12] ^ 1));
        }

        _clock.Advance(Grace + TimeSpan.FromMinutes(1));
        var report = await CollectAsync(garden);

        Assert.Equal((2, 1, 0), (report.Files, report.Xorbs, report.RewrittenXorbs));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Collect_ObjectOfAWriterThatDied_GoesAfterTheGrace()
    {
        await using var garden = await StartAsync();
        await using (var writer = await garden.Part<IObjectStore>().CreateAsync(ObjectKey.OfXorb(), Cancel))
        {
            await writer.WriteAsync(new byte[10], Cancel);
            await writer.CommitAsync(Cancel);
        }

        Assert.Equal(0, (await CollectAsync(garden)).Objects);
        _clock.Advance(Grace + TimeSpan.FromMinutes(1));

        Assert.Equal(1, (await CollectAsync(garden)).Objects);
        Assert.Empty(garden.StoredPaths());
    }

    [Fact]
    public async Task Time_CollectsByItself()
    {
        await using var garden = await StartAsync(("Artifacts:CollectEvery", "00:30:00"));
        var bytes = Bytes(1000);
        await garden.UploadAsync(bytes);
        await _clock.WhenAwaitedAsync(TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        // At once: else a token would be hours old when it is looked at.
        _clock.Jump(Grace + TimeSpan.FromHours(1));

        using var call = new ChangeFeed.ChangeFeedClient(garden.Garden.As(People.Service("catalog"), "artifacts")).Watch(new() { From = 1 }, cancellationToken: Cancel);
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            if (call.ResponseStream.Current.Change is { State: null })
            {
                break;
            }
        }

        Assert.Empty(await garden.FilesAsync(People.Service("catalog"), bytes));
    }

    [Fact]
    public async Task Collect_FileOfACompletedUpload_AskedAgainItSaysThatItWent()
    {
        await using var garden = await StartAsync(("Artifacts:UploadLifetime", "10.00:00:00"));
        var bytes = Bytes(2 * PartSize);
        var (listed, upload) = (await garden.PrepareAsync(bytes, multipart: true), await garden.PrepareResumableAsync(bytes));
        var etags = new[] { (1, await garden.PutPartAsync(listed, bytes, 1)), (2, await garden.PutPartAsync(listed, bytes, 2)) };
        using var completed = await garden.CompleteAsync(listed, bytes, etags);
        Assert.Equal((2 * PartSize, true), await garden.ProgressAsync(upload));
        _clock.Advance(Grace + TimeSpan.FromHours(2));
        Assert.Equal(1, (await CollectAsync(garden)).Files);

        await RefusedAsync(HttpStatusCode.NotFound, "FILE_GONE", await garden.CompleteAsync(listed, bytes, etags));
        await RefusedAsync(HttpStatusCode.NotFound, "FILE_GONE", await garden.PutAsync(listed.PartUrls[0], bytes.AsMemory(0, PartSize)));
        await RefusedAsync(HttpStatusCode.NotFound, "FILE_GONE", await garden.AppendAsync(upload, bytes, 0));
        upload = await garden.PrepareResumableAsync(bytes);
        Assert.Equal((0, false), await garden.ProgressAsync(upload));
        using var first = await garden.AppendAsync(upload, bytes, 0);
        using var second = await garden.AppendAsync(upload, bytes, PartSize);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Single(await garden.FilesAsync(People.Engineer(), bytes));
    }

    [Fact]
    public async Task Collect_FileSentInOneRequest_SentThereAgainItIsTaken()
    {
        await using var garden = await StartAsync(("Artifacts:UploadLifetime", "10.00:00:00"));
        var bytes = Bytes(1000);
        var upload = await garden.PrepareAsync(bytes);
        using var first = await garden.PutAsync(upload.Url, bytes);
        _clock.Advance(Grace + TimeSpan.FromHours(2));
        Assert.Equal(1, (await CollectAsync(garden)).Files);

        using var again = await garden.PutAsync(upload.Url, bytes);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Single(await garden.FilesAsync(People.Engineer(), bytes));
    }

    private async Task<ArtifactsGarden> StartAsync(params (string, string)[] settings) =>
        await StartWithAsync([_repositories.Definition], await DatabaseAsync(), _clock, [("Artifacts:CollectEvery", "7.00:00:00"), .. settings]);

    private static async Task<CollectGarbageResponse> CollectAsync(ArtifactsGarden garden, bool dryRun = false) =>
        await garden.As(People.Operator).CollectGarbageAsync(new() { DryRun = dryRun }, cancellationToken: Cancel);

    private static string PathOf(ArtifactsGarden garden, string stored) => Path.Combine(garden.Garden.Data, "artifacts", stored);

    private static long Length(ArtifactsGarden garden, string stored) => new FileInfo(PathOf(garden, stored)).Length;

    private static async Task AssertNoRowsAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Equal(
            (0, 0, 0, 0, 0, 0, 0, 0),
            (await context.Files.CountAsync(Cancel), await context.TenantFiles.CountAsync(Cancel), await context.Layouts.CountAsync(Cancel), await context.FileXorbs.CountAsync(Cancel),
                await context.Xorbs.CountAsync(Cancel), await context.Chunks.CountAsync(Cancel), await context.TenantXorbs.CountAsync(Cancel), await context.Garbage.CountAsync(Cancel)));
    }
}

public sealed class SqliteCollectionTests : CollectionContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresCollectionTests : CollectionContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
