using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Persistence;

namespace ModelGarden.Artifacts.Collection;

/// <summary>
/// Frees what nobody needs. Each step is one transaction that the database refuses if it is wrong: a file that a tenant has and a xorb that a
/// file needs are held by foreign keys, and a xorb that an upload has found lately by its touch. Objects go last, when no reader can be at them. So it may run
/// beside everything, on several replicas, and be ended at any point.
/// </summary>
internal sealed class Collector(
    IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects, XorbRewriter rewriter, XorbCache cache, IOptions<ArtifactsOptions> options, TimeProvider clock)
{
    private const int PageSize = 500;
    private readonly TimeSpan _grace = options.Value.CollectionGrace;

    public async Task<CollectionReport> CollectAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var report = new CollectionReport();
        await CollectFilesAsync(report, dryRun, cancellationToken);
        await CollectXorbsAsync(report, dryRun, cancellationToken);
        await CollectGarbageAsync(report, dryRun, cancellationToken);
        await CollectOrphansAsync(report, dryRun, cancellationToken);
        return report;
    }

    private async Task CollectFilesAsync(CollectionReport report, bool dryRun, CancellationToken cancellationToken)
    {
        var (before, last) = (clock.GetUtcNow() - _grace, "");
        while (await FilesAsync(before, last, cancellationToken) is { Count: > 0 } files)
        {
            last = files[^1].Sha256;
            foreach (var file in files)
            {
                if (dryRun || await DeleteAsync(file, cancellationToken))
                {
                    (report.Files, report.FileBytes) = (report.Files + 1, report.FileBytes + file.Size);
                }
            }
        }
    }

    private async Task<List<FileRow>> FilesAsync(DateTimeOffset before, string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Files
            .Where(file => file.StoredAt < before && string.Compare(file.Sha256, after) > 0 && !context.TenantFiles.Any(held => held.Sha256 == file.Sha256))
            .OrderBy(file => file.Sha256).Take(PageSize).ToListAsync(cancellationToken);
    }

    private async Task<bool> DeleteAsync(FileRow file, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            if (await context.Files.Where(row => row.Sha256 == file.Sha256).ExecuteDeleteAsync(cancellationToken) is 0)
            {
                return false;
            }

            context.Announce($"file/{file.Sha256}", null);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception.IsForeignKeyViolation())
        {
            // A tenant has just sent it again.
            return false;
        }
    }

    private async Task CollectXorbsAsync(CollectionReport report, bool dryRun, CancellationToken cancellationToken)
    {
        var (before, last) = (clock.GetUtcNow() - _grace, 0L);
        while (await XorbsAsync(before, last, cancellationToken) is { Count: > 0 } xorbs)
        {
            last = xorbs[^1].Id;
            foreach (var row in xorbs)
            {
                await CollectAsync(row, before, report, dryRun, cancellationToken);
            }
        }
    }

    private async Task<List<XorbRow>> XorbsAsync(DateTimeOffset before, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Xorbs.Where(xorb => xorb.TouchedAt < before && xorb.Id > after).OrderBy(xorb => xorb.Id).Take(PageSize).ToListAsync(cancellationToken);
    }

    private async Task CollectAsync(XorbRow row, DateTimeOffset before, CollectionReport report, bool dryRun, CancellationToken cancellationToken)
    {
        var xorb = row.ToStoredXorb();
        var need = await rewriter.NeedAsync(xorb, cancellationToken);
        if (need.Chunks.Count is 0)
        {
            if (dryRun || await DeleteAsync(xorb, before, cancellationToken))
            {
                (report.Xorbs, report.DoomedBytes) = (report.Xorbs + 1, report.DoomedBytes + row.StoredBytes);
            }
        }
        else if (need.StoredBytes < row.StoredBytes * options.Value.RewriteBelow && (dryRun || await rewriter.RewriteAsync(row, xorb, need, before, cancellationToken)))
        {
            (report.RewrittenXorbs, report.DoomedBytes) = (report.RewrittenXorbs + 1, report.DoomedBytes + row.StoredBytes - need.StoredBytes);
        }
    }

    private async Task<bool> DeleteAsync(StoredXorb xorb, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            if (!await XorbDeletion.DeleteAsync(context, xorb, before, clock.GetUtcNow(), cancellationToken))
            {
                return false;
            }

            await transaction.CommitAsync(cancellationToken);
            cache.Forget(xorb.Id);
            return true;
        }
        catch (Exception exception) when (exception.IsForeignKeyViolation())
        {
            // A file needs it since.
            return false;
        }
    }

    /// <summary>What lost its name long ago: no reader that found it then is still at it.</summary>
    private async Task CollectGarbageAsync(CollectionReport report, bool dryRun, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - _grace;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var garbage in await context.Garbage.Where(row => row.Since < before).ToListAsync(cancellationToken))
        {
            report.Objects++;
            if (!dryRun)
            {
                await objects.DeleteAsync(ObjectKey.FromStored(garbage.Object), cancellationToken);
                await context.Garbage.Where(row => row.Object == garbage.Object).ExecuteDeleteAsync(cancellationToken);
            }
        }
    }

    /// <summary>Objects of writers that died between the store and the database.</summary>
    private async Task CollectOrphansAsync(CollectionReport report, bool dryRun, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - _grace;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await foreach (var entry in objects.ListAsync(ObjectKey.Xorbs, cancellationToken))
        {
            var key = entry.Key.Value;
            if (entry.WrittenAt < before && !await context.Xorbs.AnyAsync(row => row.Object == key, cancellationToken)
                && !await context.Garbage.AnyAsync(row => row.Object == key, cancellationToken))
            {
                report.Objects++;
                if (!dryRun)
                {
                    await objects.DeleteAsync(entry.Key, cancellationToken);
                }
            }
        }
    }
}
