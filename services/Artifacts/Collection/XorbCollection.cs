using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Collection;

/// <summary>Deletes the xorbs that no file needs and has those rewritten that are mostly dead. Only those are looked at that a file has let go of since the last time.</summary>
internal sealed partial class XorbCollection(
    IDbContextFactory<ArtifactsDbContext> contexts, XorbRewriter rewriter, XorbCache cache, IOptions<ArtifactsOptions> options, TimeProvider clock, ILogger<XorbCollection> logger)
{
    private const int PageSize = 100;

    public async Task CollectAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        if (!run.IsDry)
        {
            await ForgetSendersAsync(cancellationToken);
        }

        var last = 0L;
        while (await XorbsAsync(run, last, cancellationToken) is { Count: > 0 } xorbs)
        {
            last = xorbs[^1].Id;
            foreach (var xorb in xorbs)
            {
                await CollectAsync(run, xorb, cancellationToken);
            }
        }
    }

    /// <summary>Who sent a xorb is told of it for a while only.</summary>
    private async Task ForgetSendersAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.TenantXorbs.Where(known => known.KnownUntil < now).ExecuteDeleteAsync(cancellationToken);
    }

    // A dry run has not told the xorbs what let go of them.
    private async Task<List<XorbRow>> XorbsAsync(CollectionRun run, long after, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Xorbs.Where(xorb => xorb.TouchedAt < run.Before && xorb.KeptUntil < now && xorb.Id > after && (run.IsDry || xorb.ReleasesSeen < xorb.Releases))
            .OrderBy(xorb => xorb.Id).Take(PageSize).ToListAsync(cancellationToken);
    }

    private async Task CollectAsync(CollectionRun run, XorbRow row, CancellationToken cancellationToken)
    {
        var (xorb, report) = (row.ToStoredXorb(), run.Report);
        var need = await rewriter.NeedAsync(xorb, run, cancellationToken);
        if (need.Chunks.Count is 0)
        {
            if (run.IsDry || await DeleteAsync(xorb, run.Before, cancellationToken))
            {
                (report.Xorbs, report.GarbageBytes) = (report.Xorbs + 1, report.GarbageBytes + row.StoredBytes);
            }
        }
        else if (need.StoredBytes < row.StoredBytes * options.Value.RewriteBelow)
        {
            var isRewritten = run.IsDry || await RewriteAsync(row, xorb, need, run.Before, cancellationToken);
            foreach (var file in need.Files)
            {
                run.Layouts.Forget(file);
            }

            if (isRewritten)
            {
                (report.RewrittenXorbs, report.GarbageBytes) = (report.RewrittenXorbs + 1, report.GarbageBytes + row.StoredBytes - need.StoredBytes);
            }
        }
        else if (!run.IsDry)
        {
            await SeenAsync(row, cancellationToken);
        }
    }

    /// <summary>False: not now. One that is damaged, or whose users' counts do not add up, is left as it is, and keeps no other from being collected.</summary>
    private async Task<bool> RewriteAsync(XorbRow row, StoredXorb xorb, XorbNeed need, DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            return await rewriter.RewriteAsync(row, xorb, need, before, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogNotRewritten(exception, xorb.Hash);
            return false;
        }
    }

    /// <summary>Enough of it is needed, until a file lets go of it again.</summary>
    private async Task SeenAsync(XorbRow row, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Xorbs.Where(xorb => xorb.Id == row.Id).ExecuteUpdateAsync(xorb => xorb.SetProperty(found => found.ReleasesSeen, row.Releases), cancellationToken);
    }

    /// <summary>False: an upload or a file has come to it since.</summary>
    private async Task<bool> DeleteAsync(StoredXorb xorb, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var isDeleted = await contexts.TryStepAsync(context => XorbDeletion.DeleteAsync(context, xorb, before, clock.GetUtcNow(), cancellationToken), cancellationToken);
        if (isDeleted)
        {
            cache.Forget(xorb.Id);
        }

        return isDeleted;
    }

    [LoggerMessage(553, LogLevel.Error, "xorb {Xorb} could not be rewritten")]
    private partial void LogNotRewritten(Exception exception, XetHash xorb);
}
