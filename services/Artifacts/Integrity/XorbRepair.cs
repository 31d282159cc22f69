using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Collection;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>Writes a damaged xorb anew: each chunk from the store where it is whole there, else from the replica.</summary>
internal sealed partial class XorbRepair(
    IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects, ReplicaStore replica, XorbCache cache, TimeProvider clock, ILogger<XorbRepair> logger)
{
    /// <summary>False: there is no replica, or it does not have what is missing either.</summary>
    public async Task<bool> RepairAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        if (replica.Objects is not { } copies)
        {
            return false;
        }

        using var own = await TryOpenOwnAsync(xorb, cancellationToken);
        using var other = await OpenAsync(copies, xorb, cancellationToken);
        var key = ObjectKey.OfXorb();
        if (!await WriteAsync(xorb, key, own, other, cancellationToken))
        {
            return false;
        }

        if (await ReplaceAsync(xorb, key, cancellationToken))
        {
            LogRepaired(xorb.Hash.ToString(), key.Value);
        }

        return true;
    }

    /// <summary>Null: it is not there, or cannot be read.</summary>
    private async Task<OpenXorb?> TryOpenOwnAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(objects, xorb, cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not ObjectStoreException { Fault: StoreFault.Unreachable })
        {
            return null;
        }
    }

    /// <summary>Null: that store does not have it.</summary>
    private static async Task<OpenXorb?> OpenAsync(IObjectCopies store, StoredXorb xorb, CancellationToken cancellationToken) =>
        await store.OpenAsync(xorb.Object, cancellationToken) is { } reader ? new(reader, new(xorb, reader)) : null;

    private async Task<bool> WriteAsync(StoredXorb xorb, ObjectKey key, OpenXorb? own, OpenXorb? other, CancellationToken cancellationToken)
    {
        await using var writer = await objects.CreateAsync(key, cancellationToken);
        var copy = new XorbCopy(writer);
        for (var number = 0; number < xorb.Index.Count; number++)
        {
            var whole = await HasAsync(own, number, cancellationToken) ? own : await HasAsync(other, number, cancellationToken) ? other : null;
            if (whole is null)
            {
                return false;
            }

            await copy.AppendAsync(xorb.Index.Chunks[number], whole.Chunks.Current, cancellationToken);
        }

        await copy.CommitAsync(cancellationToken);
        return true;
    }

    private static async ValueTask<bool> HasAsync(OpenXorb? xorb, int number, CancellationToken cancellationToken) =>
        xorb is not null && await xorb.Chunks.ReadAsync(number, cancellationToken);

    /// <summary>False: it was collected or repaired meanwhile; the new object has no name and goes with the others that have none.</summary>
    private async Task<bool> ReplaceAsync(StoredXorb xorb, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var isReplaced = await context.Xorbs.Where(row => row.Id == xorb.Id && row.Object == xorb.Object.Value).ExecuteUpdateAsync(
            row => row.SetProperty(found => found.Object, key.Value).SetProperty(found => found.DamagedChunks, 0).SetProperty(found => found.Fault, "").SetProperty(found => found.ScrubbedAt, now),
            cancellationToken) is 1;
        if (isReplaced)
        {
            await GarbageObject.AddAsync(context, xorb.Object.Value, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        cache.Forget(xorb.Id);
        return isReplaced;
    }

    [LoggerMessage(562, LogLevel.Warning, "xorb {Xorb} was damaged and is repaired from the replica: object {Object}")]
    private partial void LogRepaired(string xorb, string @object);

    private sealed record OpenXorb(IObjectReader Reader, StoredChunks Chunks) : IDisposable
    {
        public void Dispose()
        {
            Chunks.Dispose();
            Reader.Dispose();
        }
    }
}
