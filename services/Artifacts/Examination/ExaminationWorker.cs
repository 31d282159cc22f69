using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Files;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

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
            try
            {
                var outdated = await OutdatedAsync(stoppingToken);
                while (await DoubtSomeAsync(outdated, stoppingToken))
                {
                }

                await ExamineAllAsync(outdated, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogStopped(exception, Pause);
            }
        }
    }

    /// <summary>The examiners whose word does not count any more, and nobody, for what is pending: there are few, however many files.</summary>
    private async Task<string[]> OutdatedAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var examiners = await context.Files.Select(file => file.Examiner).Distinct().ToListAsync(cancellationToken);
        return [.. examiners.Where(examiner.IsOutdated).Append("").Distinct()];
    }

    /// <summary>Makes a batch of clean files of other examiners pending; those that were found worse stay what they are. False: there are no more.</summary>
    private async Task<bool> DoubtSomeAsync(string[] outdated, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var files = await context.Files.AsNoTracking().Where(file => outdated.Contains(file.Examiner) && file.Verdict == Verdict.Clean)
            .OrderBy(file => file.Sha256).Take(Batch).ToListAsync(cancellationToken);
        foreach (var file in files)
        {
            await KeepAsync(within => FileVerdicts.DoubtAsync(within, file, clock.GetUtcNow(), cancellationToken), cancellationToken);
        }

        return files.Count is Batch;
    }

    private async Task ExamineAllAsync(string[] outdated, CancellationToken cancellationToken)
    {
        var last = "";
        while (await NextAsync(outdated, last, cancellationToken) is { } file)
        {
            last = file.Sha256;
            await ExamineAsync(file, cancellationToken);
        }
    }

    private async Task<FileRow?> NextAsync(string[] outdated, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files.Where(file => outdated.Contains(file.Examiner) && string.Compare(file.Sha256, after) > 0)
            .OrderBy(file => file.Sha256).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task ExamineAsync(FileRow file, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = await chunks.OpenAsync(Sha256Digest.Create(file.Sha256).OrThrow(), cancellationToken)
                ?? throw new FileNotFoundException($"file {file.Sha256} has no layout, though it was acknowledged");
            var examined = await examiner.ExamineFullyAsync(file.Sha256, reader, cancellationToken);
            await KeepAsync(context => FileVerdicts.ReplaceAsync(context, file, examined, clock.GetUtcNow(), cancellationToken), cancellationToken);
            if (ConversionQueue.IsConvertible(examined))
            {
                conversions.Wake();
            }
        }
        catch (IOException exception)
        {
            // The verdict stays as it is: never clean by accident. Tried again at the next round.
            LogFailed(exception, file.Sha256);
        }
    }

    private Task KeepAsync(Func<ArtifactsDbContext, Task> write, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await write(context);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        },
        cancellationToken);

    [LoggerMessage(501, LogLevel.Error, "file {Sha256} could not be examined")]
    private partial void LogFailed(Exception exception, string sha256);

    [LoggerMessage(502, LogLevel.Error, "examination stopped, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);
}
