using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Conversion;
using ModelGarden.Artifacts.Examination;
using ModelGarden.Artifacts.Quotas;
using ModelGarden.Artifacts.Uploads;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Files;

/// <summary>The files that there are, and who has them.</summary>
internal sealed class StoredFiles(
    IDbContextFactory<ArtifactsDbContext> contexts, ChunkStore chunks, Xorbs xorbs, Examiner examiner, ExaminationQueue queue, ConversionQueue conversions, Admission admission, UsageCounter counter,
    ArtifactsMetrics metrics, TimeProvider clock)
{
    /// <summary>The file's bytes are in the store already, whoever sent them, and as far as is known none of them is damaged.</summary>
    public async Task<bool> ExistsAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files.AnyAsync(file => file.Sha256 == sha256, cancellationToken) && !await FileXorb.AnyDamagedAsync(context, sha256, cancellationToken);
    }

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
        if (owner is null)
        {
            return [.. (await context.Files.Where(file => digests.Contains(file.Sha256)).ToListAsync(cancellationToken)).Select(file => file.ToStoredFile())];
        }

        await TenantFile.NameAsync(context, owner, digests, clock.GetUtcNow(), cancellationToken);
        var held = await context.TenantFiles.Where(held => held.Tenant == owner && digests.Contains(held.Sha256))
            .Join(context.Files, held => held.Sha256, file => file.Sha256, (held, file) => new { File = file, held.AddedAt }).ToListAsync(cancellationToken);
        return held.ConvertAll(row => AsKnownSince(row.File.ToStoredFile(), row.AddedAt));
    }

    /// <summary>When a file was examined before its holder sent it, somebody else had it: he is not told.</summary>
    private static StoredFile AsKnownSince(StoredFile file, DateTimeOffset added)
    {
        if (file.ExaminedAt is not null && file.ExaminedAt.ToDateTimeOffset() < added)
        {
            file.ExaminedAt = added.ToTimestamp();
        }

        return file;
    }

    /// <summary>
    /// Adds a file whose bytes are in the store, verified: examines it, then writes in one transaction that it is there, that the tenant has it, and
    /// that the upload by which it came is complete.
    /// </summary>
    /// <returns>Null, or QUOTA_LOGICAL, QUOTA_STORED: the tenant would have too much; the upload is forgotten.</returns>
    /// <exception cref="ErrorException">FILE_WENT: what the file shares with others was collected meanwhile; it is to be sent again.</exception>
    public async Task<Error?> AddAsync(NewFile file, UploadSession? session, CancellationToken cancellationToken)
    {
        var refusal = await TryAddAsync(file, session, cancellationToken);
        if (refusal is not null)
        {
            // It counts no longer among the uploads that are begun.
            await ForgetAsync(session, cancellationToken);
        }

        return refusal;
    }

    /// <summary>Null: it is added.</summary>
    private async Task<Error?> TryAddAsync(NewFile file, UploadSession? session, CancellationToken cancellationToken)
    {
        try
        {
            var known = await KnownAsync(file, cancellationToken);
            var examined = known?.ToStoredFile() ?? await ExamineAsync(file, cancellationToken);
            var storedBytes = file.Layout is null ? 0 : await xorbs.LengthAsync(file.Layout, cancellationToken);
            var adding = new Adding(file, known, examined, storedBytes, session);
            if (await admission.DecideAsync(file, measured => WriteAsync(adding, measured, cancellationToken), cancellationToken) is { } refusal)
            {
                return refusal;
            }

            Tell(adding);
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException || exception.IsForeignKeyViolation())
        {
            throw new ErrorException(ArtifactsErrors.FileWent(file.Digest), exception);
        }
    }

    private async Task<FileRow?> KnownAsync(NewFile file, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var known = await context.Files.SingleOrDefaultAsync(row => row.Sha256 == file.Digest.Hex, cancellationToken);

        // It was there when its upload began, so nothing was written.
        return known is null && file.Layout is null ? throw new ErrorException(ArtifactsErrors.FileWent(file.Digest)) : known;
    }

    /// <summary>Nothing is written unless the tenant may have the file. What this takes does not grow with the number of its chunks: they are counted later.</summary>
    private Task<QuotaDecision> WriteAsync(Adding adding, Measured? measured, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var (file, now) = (adding.File, clock.GetUtcNow());
            await (adding.Known is { } known
                ? FileVerdicts.ReplaceAsync(context, known, adding.Examined, now, cancellationToken)
                : FileVerdicts.AddAsync(context, adding.Examined, now, cancellationToken));
            await FileRow.LockAsync(context, file.Digest.Hex, cancellationToken);
            await WriteLayoutAsync(context, adding, cancellationToken);
            await RequireSoundAsync(context, file, cancellationToken);
            var decision = await admission.HoldAsync(context, file, measured, now, cancellationToken);
            if (decision is { IsKnown: true, Refusal: null })
            {
                await HoldConvertedAsync(context, file, now, cancellationToken);
                await CompleteAsync(context, adding.Session, cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            return decision;
        },
        cancellationToken);

    private void Tell(Adding added)
    {
        chunks.Forget(added.File.Digest);
        metrics.Uploaded(added.Known is null);
        counter.Wake();
        if (added.Examined.Verdict is Verdict.Pending)
        {
            queue.Wake();
        }

        if (ConversionQueue.IsConvertible(added.Examined))
        {
            conversions.Wake();
        }
    }

    private async Task<StoredFile> ExamineAsync(NewFile file, CancellationToken cancellationToken)
    {
        using var reader = file.Layout is { } layout
            ? chunks.Open(layout)
            : await chunks.OpenAsync(file.Digest, cancellationToken) ?? throw new ErrorException(ArtifactsErrors.FileWent(file.Digest));
        return await examiner.ExamineSoonAsync(file.Digest.Hex, reader, cancellationToken);
    }

    /// <summary>Nothing is written where another upload of the same file was quicker: its layout is as good, unless what it is made of is damaged.</summary>
    private static async Task WriteLayoutAsync(ArtifactsDbContext context, Adding adding, CancellationToken cancellationToken)
    {
        if (adding.File is not { Layout: { } layout, Digest.Hex: var sha256 })
        {
            return;
        }

        LayoutRow? damaged = null;
        if (await FileXorb.AnyDamagedAsync(context, sha256, cancellationToken))
        {
            damaged = await UsageLedger.LockLayoutAsync(context, sha256, cancellationToken);
            await FileXorb.ReleaseAllAsync(context, sha256, cancellationToken);
            await context.Layouts.Where(row => row.Sha256 == sha256).ExecuteDeleteAsync(cancellationToken);
        }

        if (await context.Database.ExecuteSqlAsync(
            $"INSERT INTO file_layouts (sha256, xet_hash, terms, stored_bytes) VALUES ({sha256}, {layout.Hash.ToString()}, {layout.ToBytes()}, {adding.StoredBytes}) ON CONFLICT DO NOTHING", cancellationToken) is 0)
        {
            return;
        }

        await FileXorb.AddAsync(context, sha256, layout, cancellationToken);
        if (damaged is not null)
        {
            await UsageLedger.ReplaceAsync(context, damaged, cancellationToken);
        }
    }

    /// <summary>Nothing is acknowledged that is known to be damaged: what was found good when the upload began may not be any more.</summary>
    private async Task RequireSoundAsync(ArtifactsDbContext context, NewFile file, CancellationToken cancellationToken)
    {
        if (await FileXorb.AnyDamagedAsync(context, file.Digest.Hex, cancellationToken))
        {
            // Another replica may have found it: who sends again is not to be given the same ones.
            xorbs.Forget(file.Layout?.Xorbs ?? []);
            throw new ErrorException(ArtifactsErrors.FileWent(file.Digest));
        }
    }

    /// <summary>Who has a checkpoint has what it was converted to, whatever limits it has: that was the garden's doing.</summary>
    private static async Task HoldConvertedAsync(ArtifactsDbContext context, NewFile file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await context.Conversions.Where(made => made.Source == file.Digest.Hex && made.Target != null).Select(made => made.Target).SingleOrDefaultAsync(cancellationToken) is { } target)
        {
            await UsageLedger.HoldAsync(context, file.Tenant, target, now, now, cancellationToken);
        }
    }

    private async Task ForgetAsync(UploadSession? session, CancellationToken cancellationToken)
    {
        if (session is not null)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await context.Sessions.Where(row => row.Id == session.Id).ExecuteDeleteAsync(cancellationToken);
        }
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

    /// <param name="File">What is added.</param>
    /// <param name="Known">Its row as it was found; null: there was none.</param>
    /// <param name="Examined">What its examination said.</param>
    /// <param name="StoredBytes">What its layout takes.</param>
    /// <param name="Session">The upload by which it came, if any.</param>
    private sealed record Adding(NewFile File, FileRow? Known, StoredFile Examined, long StoredBytes, UploadSession? Session);
}

/// <summary>A file whose bytes are in the store and have this digest.</summary>
/// <param name="Tenant">Who has proved to have all of it; in lower case.</param>
/// <param name="Digest">Recomputed from its bytes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Layout">Null: the file was there before.</param>
/// <param name="IsMadeHere">By the garden itself: it counts, and is never refused.</param>
internal sealed record NewFile(string Tenant, Sha256Digest Digest, long Size, FileLayout? Layout, bool IsMadeHere = false);
