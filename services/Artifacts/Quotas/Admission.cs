using Microsoft.EntityFrameworkCore;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Files;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Quotas;

/// <summary>
/// Decides whether a tenant may have a file more. An upper bound of what it takes decides in the transaction that adds it; only where that is beyond the limit are its chunks
/// compared with the tenant's, before that transaction, which then decides by the outcome unless the tenant's chunks have changed meanwhile.
/// </summary>
internal sealed class Admission(IDbContextFactory<ArtifactsDbContext> contexts, Xorbs xorbs, UsageCounter counter, StorageQuotas quotas)
{
    private const int MaximumAttempts = 5;
    private const int FilesOfAStatement = 500;

    /// <summary>Gives the file, which is there, to its tenant, within a transaction that is to be rolled back where this is refused or not known yet.</summary>
    /// <param name="context">Has the transaction.</param>
    /// <param name="file">What is added.</param>
    /// <param name="measured">Null: only the upper bound is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Nothing is kept then.</param>
    /// <exception cref="ErrorException">FILE_WENT: its layout is not there.</exception>
    public async Task<QuotaDecision> HoldAsync(ArtifactsDbContext context, NewFile file, Measured? measured, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What others wrote of it may be what counts; locked first, so that nobody rewrites or deletes it meanwhile.
        var layout = await UsageLedger.LockLayoutAsync(context, file.Digest.Hex, cancellationToken) ?? throw new ErrorException(ArtifactsErrors.FileWent(file.Digest));
        if (await UsageLedger.HoldAsync(context, file.Tenant, file.Digest.Hex, now, now, cancellationToken))
        {
            return file.IsMadeHere ? QuotaDecision.Accepted : await quotas.DecideAsync(context, file, layout, measured, cancellationToken);
        }

        await context.TenantFiles.Where(held => held.Tenant == file.Tenant && held.Sha256 == file.Digest.Hex)
            .ExecuteUpdateAsync(held => held.SetProperty(found => found.NamedAt, now), cancellationToken);
        return QuotaDecision.Accepted;
    }

    /// <summary>Has the file written: as things stand, and with its chunks measured where that decides nothing. Null: it is written.</summary>
    /// <exception cref="ErrorException">QUOTA_BUSY: the tenant's chunks change too fast.</exception>
    public async Task<Error?> DecideAsync(NewFile file, Func<Measured?, Task<QuotaDecision>> write, CancellationToken cancellationToken)
    {
        if (await write(null) is { IsKnown: true } decision)
        {
            return decision.Refusal;
        }

        using var turn = await counter.EnterAsync(file.Tenant, cancellationToken);
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            if (await write(await MeasureAsync(file, cancellationToken)) is { IsKnown: true } measured)
            {
                return measured.Refusal;
            }
        }

        throw new ErrorException(ArtifactsErrors.QuotaBusy(file.Tenant));
    }

    /// <summary>Why files of so many bytes together as a tenant claims to have sent are too many for it; null: they are not. Those that it has already cost nothing.</summary>
    public async Task<Error?> RefusalAsync(string tenant, IReadOnlyCollection<ShardFile> claimed, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var size = 0L;
        foreach (var some in claimed.Where(file => file.Sha256 is not null).DistinctBy(file => file.Sha256).Chunk(FilesOfAStatement))
        {
            var digests = some.Select(file => file.Sha256!.Value.Hex).ToList();
            var held = await context.TenantFiles.Where(row => row.Tenant == tenant && digests.Contains(row.Sha256)).Select(row => row.Sha256).ToHashSetAsync(cancellationToken);
            size += some.Where(file => !held.Contains(file.Sha256!.Value.Hex)).Sum(file => file.Length);
        }

        return (await quotas.DecideAsync(tenant, size, 0, null, cancellationToken)).Refusal;
    }

    /// <summary>Why these files of one tenant, of which it has none, cannot all be added as things stand; null: they can. Nothing is changed.</summary>
    /// <exception cref="FileNotFoundException">A xorb was collected since it was found.</exception>
    public async Task<Error?> RefusalAsync(string tenant, IReadOnlyCollection<NewFile> files, CancellationToken cancellationToken)
    {
        var (changes, size, storedBytes) = (new ChunkChanges(), 0L, 0L);
        foreach (var file in files.DistinctBy(file => file.Digest))
        {
            (size, storedBytes) = (size + file.Size, storedBytes + await xorbs.LengthAsync(file.Layout!, cancellationToken));
            changes.Add(file.Layout!, 1);
        }

        if (await quotas.DecideAsync(tenant, size, storedBytes, null, cancellationToken) is { IsKnown: true } decision)
        {
            return decision.Refusal;
        }

        using var turn = await counter.EnterAsync(tenant, cancellationToken);
        var plan = await counter.MeasureAsync(tenant, changes, cancellationToken);
        return plan is null ? null : (await quotas.DecideAsync(tenant, size, storedBytes, plan, cancellationToken)).Refusal;
    }

    /// <summary>By the layout that will count: the one that is there, unless a better one comes.</summary>
    private async Task<Measured?> MeasureAsync(NewFile file, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await context.Layouts.SingleOrDefaultAsync(found => found.Sha256 == file.Digest.Hex, cancellationToken);
        var isReplaced = file.Layout is not null && row is not null && await FileXorb.AnyDamagedAsync(context, file.Digest.Hex, cancellationToken);
        var layout = row is null || isReplaced ? file.Layout : row.ToLayout();
        return layout is not null && await counter.MeasureAsync(file.Tenant, new ChunkChanges().Add(layout, 1), cancellationToken) is { } plan ? new(layout.ToBytes(), plan) : null;
    }
}

/// <param name="Terms">What the file is made of, as it is written down.</param>
/// <param name="Plan">What the tenant would take with it.</param>
internal sealed record Measured(byte[] Terms, UsagePlan Plan);

/// <param name="IsKnown">False: to be measured.</param>
/// <param name="Refusal">Null: it may be.</param>
internal sealed record QuotaDecision(bool IsKnown, Error? Refusal)
{
    public static readonly QuotaDecision Accepted = new(true, null);

    public static readonly QuotaDecision Unknown = new(false, null);

    public static QuotaDecision Refused(Error refusal) => new(true, refusal);
}
