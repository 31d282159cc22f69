using System.Net;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Integrity;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Quotas;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Integrity;

/// <summary>What the scrub finds, repairs and tells, on either database engine.</summary>
public abstract class ScrubContract : IDisposable
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(31);
    private readonly string _replica = Directory.CreateTempSubdirectory("replica-").FullName;
    private readonly ManualClock _clock = new();

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Scrub_OfWhatIsWhole_ReadsEachOnceAndFindsNothing()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Bytes(300_000, 1));
        await garden.UploadAsync(Bytes(300_000, 2));

        Assert.Empty(await ScrubAllAsync(garden));
        await MakeDueAsync(garden);
        Assert.Equal(2, (await ScrubAllAsync(garden)).Count);
        Assert.Empty(await ScrubAllAsync(garden));

        var report = await ReportAsync(garden);
        Assert.Equal((2, 0, _clock.GetUtcNow().ToUnixTimeSeconds()), (report.Xorbs, report.DamagedXorbs, report.ScrubbedSince.Seconds));
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("unreadable")]
    public async Task Scrub_DamageWithoutAReplica_IsToldWithTheFilesThatSuffer(string harm)
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        Harm(Assert.Single(Objects(garden)), harm);
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        var damage = Assert.Single((await ReportAsync(garden)).Damages);
        Assert.Equal([Sha256Digest.Of(bytes).Hex], damage.Files);
        Assert.Contains(harm switch { "flipped" => "hash", "cut" => "ends", "unreadable" => "cannot be read", _ => "no such object" }, damage.Fault, StringComparison.Ordinal);
        Assert.True(damage.Chunks >= 1);
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("unreadable")]
    public async Task Scrub_DamageWithAReplica_IsRepaired(string harm)
    {
        await using var garden = await StartAsync(("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", _replica));
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        var path = Assert.Single(Objects(garden));
        CopyToReplica(garden, path);
        Harm(path, harm);
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        Assert.Equal(0, (await ReportAsync(garden)).DamagedXorbs);
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        Assert.Contains(Objects(garden), repaired => repaired != path);
    }

    [Fact]
    public async Task Replica_OfAFolder_IsNeverWrittenTo()
    {
        await using var garden = await StartAsync(("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", _replica));
        await garden.UploadAsync(Bytes(300_000));
        var path = Assert.Single(Objects(garden));
        CopyToReplica(garden, path);
        Harm(path, "gone");
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        Assert.Equal(0, (await ReportAsync(garden)).DamagedXorbs);
        Assert.Equal([Path.GetRelativePath(Path.Combine(garden.Garden.Data, "artifacts"), path)], Directory.EnumerateFiles(_replica, "*", SearchOption.AllDirectories).Select(copy => Path.GetRelativePath(_replica, copy)));
        Assert.Equal([Path.Combine(_replica, "xorbs")], Directory.EnumerateDirectories(_replica));
    }

    [Fact]
    public async Task Replica_ThatIsAway_IsSaidNotMadeAndUsedWhenItIsBack()
    {
        var away = Path.Combine(_replica, "away");
        await using var garden = await StartAsync(("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", away));
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        var path = Assert.Single(Objects(garden));
        var copy = CopyToReplica(garden, path);
        Flip(path, 20);
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        Assert.Equal(1, (await ReportAsync(garden)).DamagedXorbs);
        Assert.False(Directory.Exists(away));
        var said = await Assert.ThrowsAsync<ObjectStoreException>(async () => await garden.Part<ReplicaStore>().Objects!.OpenAsync(ObjectKey.OfXorb(), Cancel));
        Assert.Contains($"folder '{away}' is not there", said.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(away);
        Directory.Move(Path.Combine(_replica, "xorbs"), Path.Combine(away, "xorbs"));
        await MakeDueAsync(garden);
        await ScrubAllAsync(garden);
        Assert.Equal(0, (await ReportAsync(garden)).DamagedXorbs);
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public async Task Scrub_DamageHereAndElsewhereInTheReplica_IsRepairedFromBoth()
    {
        await using var garden = await StartAsync(("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", _replica));
        var bytes = Bytes(600_000);
        await garden.UploadAsync(bytes);
        var path = Assert.Single(Objects(garden));
        var copy = CopyToReplica(garden, path);
        Flip(path, 20);
        Flip(copy, 500_000);
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        Assert.Equal(0, (await ReportAsync(garden)).DamagedXorbs);
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
    }

    [Fact]
    public async Task Scrub_DamageInBoth_IsTold()
    {
        await using var garden = await StartAsync(("Artifacts:Replica:Kind", "folder"), ("Artifacts:Replica:Path", _replica));
        await garden.UploadAsync(Bytes(300_000));
        var path = Assert.Single(Objects(garden));
        Flip(CopyToReplica(garden, path), 20);
        Flip(path, 20);
        await MakeDueAsync(garden);

        await ScrubAllAsync(garden);

        Assert.Equal(1, (await ReportAsync(garden)).DamagedXorbs);
        Assert.Equal([path], Objects(garden));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("gone")]
    public async Task Download_ThatFindsDamage_HasItMendedByWhoSendsTheFileNext(string harm)
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        Harm(Assert.Single(Objects(garden)), harm);

        // Longer than what was read lately stays open.
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));

        Assert.Equal([Sha256Digest.Of(bytes).Hex], Assert.Single((await ReportAsync(garden)).Damages).Files);
        Assert.False((await garden.PrepareAsync(bytes)).Stored);
        await garden.UploadAsync(bytes, "globex");
        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        Assert.Empty((await ReportAsync(garden)).Damages);
        await UsageProof.AssertAsync(garden);
    }

    /// <summary>As when the scrub of another replica ends while a file comes.</summary>
    [Fact]
    public async Task Upload_OfWhatIsFoundDamagedMeanwhile_IsNotAcknowledged()
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        byte[] longer = [.. bytes, .. Bytes(100_000, 2)];
        var upload = await garden.PrepareAsync(longer);
        var goOn = new TaskCompletionSource();
        using var halved = new HalvedContent(longer, goOn.Task);
        var sending = garden.Http.PutAsync(upload.Url, halved, Cancel);
        await halved.HalfSent.InTimeAsync();
        await using (var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Xorbs.ExecuteUpdateAsync(row => row.SetProperty(found => found.DamagedChunks, 1), Cancel);
        }

        goOn.SetResult();

        await RefusedAsync(HttpStatusCode.Conflict, "FILE_WENT", await sending);
        await garden.UploadAsync(longer);
        Assert.Equal(longer, await garden.Http.GetByteArrayAsync(await garden.SignAsync(longer), Cancel));
    }

    [Fact]
    public async Task Upload_OfWhatIsDamagedInTheStore_IsStoredAnew()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Bytes(300_000));
        Flip(Assert.Single(Objects(garden)), 20);
        await MakeDueAsync(garden);
        await ScrubAllAsync(garden);
        byte[] longer = [.. Bytes(300_000), .. Bytes(100_000, 2)];

        await garden.UploadAsync(longer);

        Assert.Equal(longer, await garden.Http.GetByteArrayAsync(await garden.SignAsync(longer), Cancel));
    }

    [Theory]
    [InlineData("the same file", "acme", 300_000)]
    [InlineData("another's same file", "globex", 300_000)]
    [InlineData("another one with the same beginning", "globex", 420_000)]
    public async Task Upload_OfTheDamagedBytes_MendsTheFileThatWasThere(string what, string tenant, int length)
    {
        await using var garden = await StartAsync();
        var bytes = Bytes(300_000);
        await garden.UploadAsync(bytes);
        Flip(Assert.Single(Objects(garden)), 20);
        await MakeDueAsync(garden);
        await ScrubAllAsync(garden);

        await garden.UploadAsync(length == bytes.Length ? bytes : [.. bytes, .. Bytes(length - bytes.Length, 2)], tenant);
        await garden.UploadAsync(bytes, "initech");

        Assert.Equal(bytes, await garden.Http.GetByteArrayAsync(await garden.SignAsync(bytes), Cancel));
        Assert.True((await ReportAsync(garden)).Damages.All(damage => damage.Files.Count is 0), what);
        await UsageProof.AssertAsync(garden);
    }

    [Fact]
    public async Task Damage_ThatWasMendedByHand_IsForgottenAtTheNextScrub()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Bytes(300_000));
        var path = Assert.Single(Objects(garden));
        Flip(path, 20);
        await MakeDueAsync(garden);
        await ScrubAllAsync(garden);
        Assert.Equal(1, (await ReportAsync(garden)).DamagedXorbs);

        Flip(path, 20);
        await MakeDueAsync(garden);
        await ScrubAllAsync(garden);

        Assert.Equal(0, (await ReportAsync(garden)).DamagedXorbs);
    }

    [Fact]
    public async Task Time_ScrubsByItselfAtTheRate()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Bytes(300_000));
        Flip(Assert.Single(Objects(garden)), 20);
        await _clock.WhenAwaitedAsync(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

        _clock.Jump(Month);

        // A byte a second.
        await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(300_000), TimeSpan.FromSeconds(301_000));
        Assert.Equal(1, (await ReportAsync(garden)).DamagedXorbs);
    }

    [Fact]
    public async Task Report_ForOthersThanOperatorsAndAuditors_IsRefused()
    {
        await using var garden = await StartAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await garden.As(People.Engineer()).GetIntegrityAsync(new(), cancellationToken: Cancel));

        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    public void Dispose() => Directory.Delete(_replica, recursive: true);

    // The worker itself waits for the clock, which stands: its first round found nothing due.
    private async Task<ArtifactsGarden> StartAsync(params (string, string)[] settings) =>
        await StartWithAsync([], await DatabaseAsync(), _clock, [("Artifacts:ScrubRate", "1"), .. settings]);

    private static async Task MakeDueAsync(ArtifactsGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.Xorbs.ExecuteUpdateAsync(row => row.SetProperty(found => found.ScrubbedAt, DateTimeOffset.UnixEpoch), Cancel);
    }

    private static async Task<List<long>> ScrubAllAsync(ArtifactsGarden garden)
    {
        var scrubbed = new List<long>();
        while (await garden.Part<Scrubber>().ScrubNextAsync(Cancel) is { } bytes)
        {
            scrubbed.Add(bytes);
        }

        return scrubbed;
    }

    private static async Task<GetIntegrityResponse> ReportAsync(ArtifactsGarden garden) => await garden.As(People.Operator).GetIntegrityAsync(new(), cancellationToken: Cancel);

    private static List<string> Objects(ArtifactsGarden garden) => [.. garden.StoredPaths().Where(path => path.StartsWith("xorbs/", StringComparison.Ordinal)).Select(path => Path.Combine(garden.Garden.Data, "artifacts", path))];

    private string CopyToReplica(ArtifactsGarden garden, string path)
    {
        var copy = Path.Combine(_replica, Path.GetRelativePath(Path.Combine(garden.Garden.Data, "artifacts"), path));
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(path, copy);
        return copy;
    }

    private static void Harm(string path, string harm)
    {
        switch (harm)
        {
            case "flipped":
                Flip(path, 20);
                break;
            case "cut":
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1000]);
                break;
            case "unreadable":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}

public sealed class SqliteScrubTests : ScrubContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresScrubTests : ScrubContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
