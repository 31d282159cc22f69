using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Files;

/// <summary>The files that there are, and who has them.</summary>
internal sealed class StoredFiles(
    IDbContextFactory<ArtifactsDbContext> contexts, Examiner examiner, ExaminationQueue queue, ArtifactsMetrics metrics, TimeProvider clock)
{
    /// <summary>The file's bytes are in the store already, whoever sent them.</summary>
    public async Task<bool> ExistsAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files.AnyAsync(file => file.Sha256 == sha256, cancellationToken);
    }

    public async Task<StoredFile?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await context.Files.SingleOrDefaultAsync(file => file.Sha256 == digest.Hex, cancellationToken))?.ToStoredFile();
    }

    /// <summary>Those of these files that there are, or that this tenant has.</summary>
    public async Task<IReadOnlyList<StoredFile>> ListAsync(IReadOnlyCollection<string> digests, string? tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = tenant?.ToLowerInvariant();
        var files = context.Files.Where(file => digests.Contains(file.Sha256));
        if (owner is not null)
        {
            files = files.Where(file => context.TenantFiles.Any(held => held.Tenant == owner && held.Sha256 == file.Sha256));
        }

        return [.. (await files.ToListAsync(cancellationToken)).Select(file => file.ToStoredFile())];
    }

    /// <summary>
    /// Ends an upload whose bytes are in the store, verified: examines the file, then writes in one transaction that it is there, that the tenant has it, and
    /// that the upload is complete.
    /// </summary>
    public async Task AddAsync(UploadSession session, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var known = await context.Files.SingleOrDefaultAsync(file => file.Sha256 == session.Sha256, cancellationToken);
        var examined = known?.Hint == session.Hint ? known.ToStoredFile() : await examiner.ExamineSoonAsync(session.Sha256, session.Size, session.Hint, cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await WriteFileAsync(context, known, FileRow.From(examined, session.Hint, clock.GetUtcNow()), examined, cancellationToken);
        await WriteHolderAsync(context, session, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Uploaded(known is null);
        if (examined.Verdict is Verdict.Pending)
        {
            queue.Wake();
        }
    }

    private static async Task WriteFileAsync(ArtifactsDbContext context, FileRow? known, FileRow row, StoredFile examined, CancellationToken cancellationToken)
    {
        if (known is not null && !Examiner.SaysMore(examined, known.ToStoredFile()))
        {
            return;
        }

        var now = row.StoredAt.ToUnixTimeMilliseconds();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO files (sha256, size, hint, verdict, examiner, report, stored_at)
            VALUES ({row.Sha256}, {row.Size}, {row.Hint}, {(int)row.Verdict}, {row.Examiner}, {row.Report}, {now})
            ON CONFLICT (sha256) DO UPDATE SET hint = excluded.hint, verdict = excluded.verdict, examiner = excluded.examiner, report = excluded.report
            """,
            cancellationToken);
        context.Announce($"file/{row.Sha256}", examined);
    }

    private async Task WriteHolderAsync(ArtifactsDbContext context, UploadSession session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tenant_files (tenant, sha256, added_at) VALUES ({session.Tenant}, {session.Sha256}, {now.ToUnixTimeMilliseconds()}) ON CONFLICT DO NOTHING", cancellationToken);
        await context.Parts.Where(part => part.Session == session.Id).ExecuteDeleteAsync(cancellationToken);
        await context.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(row => row.SetProperty(found => found.CompletedAt, now), cancellationToken);
    }
}
