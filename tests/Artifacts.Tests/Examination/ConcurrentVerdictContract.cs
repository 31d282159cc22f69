using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Scanning;
using ModelGarden.Testing;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Examination;

/// <summary>Two examinations of one file at once: newer rules count, whichever ends first, on either database engine.</summary>
public abstract class ConcurrentVerdictContract
{
    private static readonly byte[] Words = "words that are plain"u8.ToArray();
    private static readonly byte[] Last = Later();
    private readonly HeldScanner _scanner = new();

    private protected abstract Task<TestDatabase?> DatabaseAsync();

    [Fact]
    public async Task Uploads_OfANewFileAtOnce_OneVerdictForBoth()
    {
        await using var garden = await StartAsync();
        var held = _scanner.HoldNext();
        var uploading = garden.UploadAsync(Words, "acme");
        await held.Entered.InTimeAsync();
        await garden.UploadAsync(Words, "globex");

        held.Release();

        await uploading;
        await AssertIsAsync(garden, Verdict.Clean, garden.Part<Examiner>().Current);
    }

    [Fact]
    public async Task Worker_WhileAReplicaWithNewerRulesIsQuicker_TheirVerdictStays()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Words);
        await garden.UploadAsync(Last);
        await SetAsync(garden, Words, new() { Verdict = Verdict.Pending });
        await SetAsync(garden, Last, new() { Verdict = Verdict.Pending });
        var held = _scanner.HoldNext();
        garden.Part<ExaminationQueue>().Wake();
        await held.Entered.InTimeAsync();
        await SetAsync(garden, Words, new() { Verdict = Verdict.Malicious, Examiner = "garden-formats/1000" });

        held.Release();

        await AnnouncedAsync(garden, Last);
        await AssertIsAsync(garden, Verdict.Malicious, "garden-formats/1000");
    }

    [Fact]
    public async Task Worker_FileOfNewerRules_IsLeftAndOneOfOlderIsExaminedAgain()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Words);
        await garden.UploadAsync(Last);
        await SetAsync(garden, Words, new() { Verdict = Verdict.Malicious, Examiner = "garden-formats/1000" });
        await SetAsync(garden, Last, new() { Verdict = Verdict.Malicious, Examiner = "garden-formats/1" });

        garden.Part<ExaminationQueue>().Wake();

        await AnnouncedAsync(garden, Last);
        Assert.Equal(Verdict.Malicious, (await FileAsync(garden)).Verdict);
        await garden.UploadAsync(Words, "globex");
        Assert.Equal(Verdict.Malicious, (await FileAsync(garden)).Verdict);
    }

    /// <summary>As after a step to newer rules and back before they had looked at it.</summary>
    [Fact]
    public async Task Worker_FileThatOthersDoubted_IsExaminedAgainByTheOneThatFoundItClean()
    {
        await using var garden = await StartAsync();
        await garden.UploadAsync(Words);
        await using (var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel))
        {
            await FileVerdicts.DoubtAsync(context, await context.Files.SingleAsync(Cancel), DateTimeOffset.UnixEpoch, Cancel);
            await context.SaveChangesAsync(Cancel);
        }

        Assert.Equal(Verdict.Pending, (await FileAsync(garden)).Verdict);
        garden.Part<ExaminationQueue>().Wake();

        await AnnouncedAsync(garden, Words);
    }

    private async Task<ArtifactsGarden> StartAsync()
    {
        var definition = ArtifactsModule.Definition;
        return await StartWithAsync(
            [
                definition with
                {
                    Add = builder =>
                    {
                        definition.Add(builder);
                        builder.Services.AddSingleton<IFileScanner>(_scanner);
                    },
                },
            ],
            await DatabaseAsync(),
            null,
            ("Artifacts:ExaminationPatience", "00:05:00"));
    }

    /// <summary>Words whose digest comes behind that of the others: the worker gets to them later.</summary>
    private static byte[] Later() =>
        Enumerable.Range(0, 100).Select(number => Encoding.ASCII.GetBytes($"words {number}")).First(words => string.CompareOrdinal(Sha256Digest.Of(words).Hex, Sha256Digest.Of(Words).Hex) > 0);

    private static async Task SetAsync(ArtifactsGarden garden, byte[] bytes, StoredFile to)
    {
        (to.Sha256, to.Size) = (Sha256Digest.Of(bytes).Hex, bytes.Length);
        var row = FileRow.From(to, DateTimeOffset.UnixEpoch);
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        await context.Files.Where(file => file.Sha256 == row.Sha256).ExecuteUpdateAsync(
            file => file.SetProperty(set => set.Verdict, row.Verdict).SetProperty(set => set.Examiner, row.Examiner).SetProperty(set => set.Report, row.Report), Cancel);
        context.Announce($"file/{row.Sha256}", to);
        await context.SaveChangesAsync(Cancel);
    }

    private static Task<StoredFile> AnnouncedAsync(ArtifactsGarden garden, byte[] bytes) => ExaminationContract.AnnouncedAsync(
        garden, Sha256Digest.Of(bytes).Hex, file => file.Verdict is Verdict.Clean && file.Examiner == garden.Part<Examiner>().Current);

    private static async Task<StoredFile> FileAsync(ArtifactsGarden garden) =>
        Assert.Single((await garden.As(People.Service("catalog")).GetFilesAsync(new() { Sha256 = { Sha256Digest.Of(Words).Hex } }, cancellationToken: Cancel)).Files);

    /// <summary>That the report and what is searched by say so.</summary>
    private static async Task AssertIsAsync(ArtifactsGarden garden, Verdict verdict, string examiner)
    {
        var sha256 = Sha256Digest.Of(Words).Hex;
        await using var context = await garden.Part<IDbContextFactory<ArtifactsDbContext>>().CreateDbContextAsync(Cancel);
        var row = await context.Files.SingleAsync(file => file.Sha256 == sha256, Cancel);
        Assert.Equal((verdict, verdict, examiner), (row.Verdict, row.ToStoredFile().Verdict, row.Examiner));
    }
}

/// <summary>Finds nothing, and is kept from saying so as long as a test wants.</summary>
internal sealed class HeldScanner : IFileScanner
{
    private Hold? _next;

    public string Signature => "held/1";

    public Hold HoldNext() => _next = new();

    public async Task<IReadOnlyList<Formats.Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _next, null) is { } hold)
        {
            await hold.HoldAsync();
        }

        return [];
    }

    internal sealed class Hold
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public void Release() => _released.SetResult();

        public Task HoldAsync()
        {
            _entered.SetResult();
            return _released.Task.InTimeAsync();
        }
    }
}

public sealed class SqliteConcurrentVerdictTests : ConcurrentVerdictContract
{
    private protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresConcurrentVerdictTests : ConcurrentVerdictContract, IAsyncDisposable
{
    private TestDatabase? _database;

    private protected override async Task<TestDatabase?> DatabaseAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
