using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Artifacts.Files;

/// <summary>
/// Writes what examinations found, each only over what it was compared with: two of one file may end at once, in uploads, in the worker, in other replicas, and that
/// by the newest rules counts whoever is quicker. Part of the caller's transaction.
/// </summary>
internal static class FileVerdicts
{
    // Not who found it clean: should that one examine again, as after a step back to older rules, it has to see that it is to.
    private const string NobodyYet = "";

    /// <summary>Writes a file that was not there when its upload began; another upload of it may have been quicker.</summary>
    public static async Task AddAsync(ArtifactsDbContext context, StoredFile examined, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (!await InsertAsync(context, FileRow.From(examined, now), cancellationToken))
        {
            if (await FindAsync(context, examined.Sha256, cancellationToken) is { } known)
            {
                await ReplaceAsync(context, known, examined, now, cancellationToken);
                return;
            }
        }

        await AnnounceAsync(context, examined, now, cancellationToken);
    }

    /// <summary>
    /// Writes another examination of a file, if it says more than the one that is known by now. Never makes the file anew: one that was collected meanwhile has no
    /// layout any more, and who sends it is refused for that.
    /// </summary>
    public static async Task ReplaceAsync(ArtifactsDbContext context, FileRow known, StoredFile examined, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var found = known; found is not null && VerdictOrder.Replaces(examined, found.ToStoredFile()); found = await FindAsync(context, known.Sha256, cancellationToken))
        {
            if (await SetAsync(context, found, examined, examined.Examiner, cancellationToken))
            {
                await AnnounceAsync(context, examined, now, cancellationToken);
                return;
            }
        }
    }

    /// <summary>Makes a file pending that older rules found clean; one that was examined meanwhile stays what it is.</summary>
    public static async Task DoubtAsync(ArtifactsDbContext context, FileRow known, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var doubted = known.ToStoredFile();
        doubted.Verdict = Verdict.Pending;
        if (await SetAsync(context, known, doubted, NobodyYet, cancellationToken))
        {
            await AnnounceAsync(context, doubted, now, cancellationToken);
        }
    }

    private static Task<FileRow?> FindAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken) =>
        context.Files.AsNoTracking().SingleOrDefaultAsync(row => row.Sha256 == sha256, cancellationToken);

    private static async Task<bool> InsertAsync(ArtifactsDbContext context, FileRow row, CancellationToken cancellationToken) => await context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO files (sha256, size, verdict, examiner, report, stored_at)
        VALUES ({row.Sha256}, {row.Size}, {(int)row.Verdict}, {row.Examiner}, {row.Report}, {row.StoredAt.ToUnixTimeMilliseconds()}) ON CONFLICT DO NOTHING
        """,
        cancellationToken) is 1;

    /// <summary>False: it is not the known one any more.</summary>
    private static async Task<bool> SetAsync(ArtifactsDbContext context, FileRow known, StoredFile file, string examiner, CancellationToken cancellationToken)
    {
        var report = file.ToByteArray();
        return await context.Files.Where(row => row.Sha256 == known.Sha256 && row.Report == known.Report).ExecuteUpdateAsync(
            row => row.SetProperty(found => found.Verdict, file.Verdict).SetProperty(found => found.Examiner, examiner).SetProperty(found => found.Report, report),
            cancellationToken) is 1;
    }

    private static async Task AnnounceAsync(ArtifactsDbContext context, StoredFile examined, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await ConversionQueue.AddAsync(context, examined, now, cancellationToken);
        context.Announce($"file/{examined.Sha256}", examined);
    }
}
