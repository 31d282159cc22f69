using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Files;

/// <summary>The files that there are, and who has them.</summary>
internal sealed class StoredFiles(
    IDbContextFactory<ArtifactsDbContext> contexts, ChunkStore chunks, Examiner examiner, ExaminationQueue queue, ConversionQueue conversions, ArtifactsMetrics metrics, TimeProvider clock)
{
    /// <summary>The file's bytes are in the store already, whoever sent them, and as far as is known none of them is damaged.</summary>
    public async Task<bool> ExistsAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files.AnyAsync(file => file.Sha256 == sha256, cancellationToken) && !await IsDamagedAsync(context, sha256, cancellationToken);
    }

    private static Task<bool> IsDamagedAsync(ArtifactsDbContext context, string sha256, CancellationToken cancellationToken) =>
        context.FileXorbs.AnyAsync(needed => needed.Sha256 == sha256 && context.Xorbs.Any(xorb => xorb.Id == needed.Xorb && xorb.DamagedChunks > 0), cancellationToken);

    public async Task<StoredFile?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await context.Files.SingleOrDefaultAsync(file => file.Sha256 == digest.Hex, cancellationToken))?.ToStoredFile();
    }

    /// <summary>Whether the tenant, in lower case, has the file; it will for long enough to commit it.</summary>
    public async Task<bool> IsHeldAsync(string tenant, Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await TenantFile.NameAsync(context, tenant, [digest.Hex], clock.GetUtcNow(), cancellationToken);
        return await context.TenantFiles.AnyAsync(held => held.Tenant == tenant && held.Sha256 == digest.Hex, cancellationToken);
    }

    /// <summary>Those of these files that there are; or that this tenant has, and will have for long enough to commit them.</summary>
    public async Task<IReadOnlyList<StoredFile>> ListAsync(IReadOnlyCollection<string> digests, string? tenant, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = tenant?.ToLowerInvariant();
        var files = context.Files.Where(file => digests.Contains(file.Sha256));
        if (owner is not null)
        {
            await TenantFile.NameAsync(context, owner, digests, clock.GetUtcNow(), cancellationToken);
            files = files.Where(file => context.TenantFiles.Any(held => held.Tenant == owner && held.Sha256 == file.Sha256));
        }

        return [.. (await files.ToListAsync(cancellationToken)).Select(file => file.ToStoredFile())];
    }

    /// <summary>
    /// Adds a file whose bytes are in the store, verified: examines it, then writes in one transaction that it is there, that the tenant has it, and
    /// that the upload by which it came is complete.
    /// </summary>
    /// <exception cref="ErrorException">FILE_WENT: what the file shares with others was collected meanwhile; it is to be sent again.</exception>
    public async Task AddAsync(NewFile file, UploadSession? session, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var known = await context.Files.SingleOrDefaultAsync(row => row.Sha256 == file.Digest.Hex, cancellationToken);
            if (known is null && file.Layout is null)
            {
                // It was there when its upload began, so nothing was written.
                throw new ErrorException(ArtifactsErrors.FileWent(file.Digest));
            }

            var examined = known?.Hint == file.Hint ? known.ToStoredFile() : await ExamineAsync(file, cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            await (known is null
                ? FileVerdicts.AddAsync(context, file.Hint, examined, clock.GetUtcNow(), cancellationToken)
                : FileVerdicts.ReplaceAsync(context, known, file.Hint, examined, clock.GetUtcNow(), cancellationToken));
            await WriteLayoutAsync(context, file, cancellationToken);
            await WriteHolderAsync(context, file, cancellationToken);
            await CompleteAsync(context, session, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            chunks.Forget(file.Digest);
            metrics.Uploaded(known is null);
            if (examined.Verdict is Verdict.Pending)
            {
                queue.Wake();
            }

            if (ConversionQueue.IsConvertible(examined))
            {
                conversions.Wake();
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException || exception.IsForeignKeyViolation())
        {
            throw new ErrorException(ArtifactsErrors.FileWent(file.Digest), exception);
        }
    }

    private async Task<StoredFile> ExamineAsync(NewFile file, CancellationToken cancellationToken)
    {
        using var reader = file.Layout is { } layout
            ? chunks.Open(layout)
            : await chunks.OpenAsync(file.Digest, cancellationToken) ?? throw new ErrorException(ArtifactsErrors.FileWent(file.Digest));
        return await examiner.ExamineSoonAsync(file.Digest.Hex, reader, file.Hint, cancellationToken);
    }

    /// <summary>Nothing is written where another upload of the same file was quicker: its layout is as good, unless what it is made of is damaged.</summary>
    private static async Task WriteLayoutAsync(ArtifactsDbContext context, NewFile file, CancellationToken cancellationToken)
    {
        if (file.Layout is not null && await IsDamagedAsync(context, file.Digest.Hex, cancellationToken))
        {
            await FileXorb.ReleaseAllAsync(context, file.Digest.Hex, cancellationToken);
            await context.Layouts.Where(damaged => damaged.Sha256 == file.Digest.Hex).ExecuteDeleteAsync(cancellationToken);
        }

        if (file.Layout is not { } layout || await context.Database.ExecuteSqlAsync(
            $"INSERT INTO file_layouts (sha256, xet_hash, terms) VALUES ({file.Digest.Hex}, {layout.Hash.ToString()}, {layout.ToBytes()}) ON CONFLICT DO NOTHING", cancellationToken) is 0)
        {
            return;
        }

        context.FileXorbs.AddRange(layout.Xorbs.Select(xorb => new FileXorb { Sha256 = file.Digest.Hex, Xorb = xorb }));
    }

    private async Task WriteHolderAsync(ArtifactsDbContext context, NewFile file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tenant_files (tenant, sha256, added_at, named_at) VALUES ({file.Tenant}, {file.Digest.Hex}, {now}, {now})
            ON CONFLICT (tenant, sha256) DO UPDATE SET named_at = excluded.named_at
            """,
            cancellationToken);

        // Who has a checkpoint has what it was converted to.
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tenant_files (tenant, sha256, added_at, named_at) SELECT {file.Tenant}, target, {now}, {now} FROM conversions WHERE source = {file.Digest.Hex} AND target IS NOT NULL ON CONFLICT DO NOTHING",
            cancellationToken);
    }

    private async Task CompleteAsync(ArtifactsDbContext context, UploadSession? session, CancellationToken cancellationToken)
    {
        if (session is null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        await context.Parts.Where(part => part.Session == session.Id).ExecuteDeleteAsync(cancellationToken);
        await context.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(row => row.SetProperty(found => found.CompletedAt, now), cancellationToken);
    }
}

/// <summary>A file whose bytes are in the store and have this digest.</summary>
/// <param name="Tenant">Who has proved to have all of it; in lower case.</param>
/// <param name="Digest">Recomputed from its bytes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Hint">See <see cref="Examiner.HintOf"/>.</param>
/// <param name="Layout">Null: the file was there before.</param>
internal sealed record NewFile(string Tenant, Sha256Digest Digest, long Size, string Hint, FileLayout? Layout);
