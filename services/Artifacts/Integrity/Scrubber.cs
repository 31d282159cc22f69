using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>Reads every stored xorb and verifies each of its chunks; has repaired what is damaged, and writes down what cannot be.</summary>
internal sealed partial class Scrubber(
    IDbContextFactory<ArtifactsDbContext> contexts, IObjectStore objects, XorbRepair repair, XorbCache cache, ArtifactsMetrics metrics, IOptions<ArtifactsOptions> options, TimeProvider clock, ILogger<Scrubber> logger)
{
    private readonly ArtifactsOptions _options = options.Value;

    /// <summary>Scrubs the xorb that was verified longest ago, if that is long enough ago; its stored bytes, or null where none is due.</summary>
    public async Task<long?> ScrubNextAsync(CancellationToken cancellationToken)
    {
        if (await NextAsync(cancellationToken) is not { } row)
        {
            return null;
        }

        var xorb = row.ToStoredXorb();
        var damage = await TryInspectAsync(xorb, cancellationToken);
        if (damage is null)
        {
            await KeepAsync(xorb, null, cancellationToken);
        }
        else if (!await RepairAsync(xorb, cancellationToken))
        {
            metrics.FoundDamaged();
            LogDamaged(xorb.Hash.ToString(), xorb.Object.Value, damage.Chunks, damage.Fault);
            await KeepAsync(xorb, damage, cancellationToken);
        }

        return row.StoredBytes;
    }

    /// <summary>False too where the replica cannot be asked: it is tried again when this xorb is scrubbed again.</summary>
    private async Task<bool> RepairAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        try
        {
            return await repair.RepairAsync(xorb, cancellationToken);
        }
        catch (IOException exception)
        {
            LogNotRepaired(exception, xorb.Hash.ToString());
            return false;
        }
    }

    private async Task<XorbRow?> NextAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - _options.ScrubEvery;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Xorbs.Where(row => row.ScrubbedAt < before).OrderBy(row => row.ScrubbedAt).ThenBy(row => row.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>One object that cannot be read is damage of its own; a store that does not serve at all says nothing of its objects.</summary>
    private async Task<Damage?> TryInspectAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        try
        {
            return await InspectAsync(xorb, cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not ObjectStoreException { Fault: StoreFault.Unreachable or StoreFault.NoBucket })
        {
            await objects.CheckAsync(cancellationToken);
            return new(xorb.Index.Count, $"the object cannot be read: {exception.Message}");
        }
    }

    /// <summary>Null: all is as it was stored.</summary>
    private async Task<Damage?> InspectAsync(StoredXorb xorb, CancellationToken cancellationToken)
    {
        using var reader = await objects.OpenAsync(xorb.Object, cancellationToken);
        if (reader is null)
        {
            return new(xorb.Index.Count, "the store has no such object");
        }

        using var chunks = new StoredChunks(xorb, reader);
        var (damaged, first) = (0, "");
        for (var number = 0; number < xorb.Index.Count; number++)
        {
            if (!await chunks.ReadAsync(number, cancellationToken))
            {
                (damaged, first) = (damaged + 1, damaged is 0 ? $"chunk {number}: {chunks.Fault}" : first);
            }
        }

        return damaged is 0 ? null : new(damaged, first);
    }

    // One that was collected meanwhile is another matter.
    private async Task KeepAsync(StoredXorb xorb, Damage? damage, CancellationToken cancellationToken)
    {
        var (now, chunks, fault) = (clock.GetUtcNow(), damage?.Chunks ?? 0, damage?.Fault ?? "");
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Xorbs.Where(row => row.Id == xorb.Id && row.Object == xorb.Object.Value).ExecuteUpdateAsync(
            row => row.SetProperty(found => found.ScrubbedAt, now).SetProperty(found => found.DamagedChunks, chunks).SetProperty(found => found.Fault, fault), cancellationToken);
        cache.Forget(xorb.Id);
    }

    [LoggerMessage(561, LogLevel.Critical, "xorb {Xorb} (object {Object}) is damaged in {Chunks} chunks and cannot be repaired: {Fault}")]
    private partial void LogDamaged(string xorb, string @object, int chunks, string fault);

    [LoggerMessage(564, LogLevel.Error, "xorb {Xorb} could not be repaired")]
    private partial void LogNotRepaired(Exception exception, string xorb);

    /// <param name="Chunks">How many are damaged.</param>
    /// <param name="Fault">What is wrong with the first of them.</param>
    private sealed record Damage(int Chunks, string Fault);
}
