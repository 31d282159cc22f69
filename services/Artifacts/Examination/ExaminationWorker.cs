using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Examination;

/// <summary>
/// Examines what is pending or was examined by an older examiner: at start, whenever it is woken, and every few minutes for what failed before. One file at a
/// time: uploads come first. What older rules found clean is pending until then.
/// </summary>
internal sealed partial class ExaminationWorker(
    IDbContextFactory<ArtifactsDbContext> contexts, ChunkStore chunks, Examiner examiner, ExaminationQueue queue, ConversionQueue conversions, TimeProvider clock, ILogger<ExaminationWorker> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = clock.CreateTimer(_ => queue.Wake(), null, TimeSpan.Zero, Pause);
        while (!stoppingToken.IsCancellationRequested)
        {
            await queue.WokenAsync(stoppingToken);
            await DoubtAsync(stoppingToken);
            await ExamineAllAsync(stoppingToken);
        }
    }

    /// <summary>Makes clean files of another examiner pending, a batch at a time; those that were found worse stay what they are.</summary>
    private async Task DoubtAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await DoubtSomeAsync(cancellationToken))
            {
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopped(exception, Pause);
        }
    }

    private async Task<bool> DoubtSomeAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var current = examiner.Current;
        var files = await context.Files.AsNoTracking().Where(file => file.Examiner != current && file.Verdict == Verdict.Clean)
            .OrderBy(file => file.Sha256).Take(Batch).ToListAsync(cancellationToken);
        foreach (var file in files)
        {
            var doubted = file.ToStoredFile();
            doubted.Verdict = Verdict.Pending;
            await KeepAsync(file, doubted, cancellationToken);
        }

        return files.Count is Batch;
    }

    private async Task ExamineAllAsync(CancellationToken cancellationToken)
    {
        var last = "";
        try
        {
            while (await NextAsync(last, cancellationToken) is { } file)
            {
                last = file.Sha256;
                await ExamineAsync(file, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopped(exception, Pause);
        }
    }

    private async Task<FileRow?> NextAsync(string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var current = examiner.Current;
        return await context.Files.Where(file => file.Examiner != current && string.Compare(file.Sha256, after) > 0)
            .OrderBy(file => file.Sha256).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task ExamineAsync(FileRow file, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = await chunks.OpenAsync(Sha256Digest.Create(file.Sha256).OrThrow(), cancellationToken)
                ?? throw new FileNotFoundException($"file {file.Sha256} has no layout, though it was acknowledged");
            await KeepAsync(file, await examiner.ExamineFullyAsync(file.Sha256, reader, file.Hint, cancellationToken), cancellationToken);
        }
        catch (IOException exception)
        {
            // The verdict stays as it is: never clean by accident. Tried again at the next round.
            LogFailed(exception, file.Sha256);
        }
    }

    /// <summary>Only over the examination that was found: another replica, or an upload, may have been quicker.</summary>
    private async Task KeepAsync(FileRow file, StoredFile examined, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var kept = await context.Files.Where(row => row.Sha256 == file.Sha256 && row.Examiner == file.Examiner).ExecuteUpdateAsync(
            row => row.SetProperty(found => found.Verdict, examined.Verdict)
                .SetProperty(found => found.Examiner, examined.Examiner)
                .SetProperty(found => found.Report, examined.ToByteArray()),
            cancellationToken);
        if (kept is 1)
        {
            await ConversionQueue.AddAsync(context, examined, clock.GetUtcNow(), cancellationToken);
            context.Announce($"file/{file.Sha256}", examined);
            await context.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (ConversionQueue.IsConvertible(examined))
        {
            conversions.Wake();
        }
    }

    [LoggerMessage(501, LogLevel.Error, "file {Sha256} could not be examined")]
    private partial void LogFailed(Exception exception, string sha256);

    [LoggerMessage(502, LogLevel.Error, "examination stopped, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);
}
