using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Entitlement.Keys;
using ModelGarden.Evidence;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Signs the chain's end from time to time, and lets records go that are older than they are to be kept: up to a checkpoint, from which on the rest is verified.</summary>
internal sealed class Checkpoints(
    IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, EvidenceSigner signer, IOptions<EntitlementOptions> options, TimeProvider clock, EntitlementMetrics metrics)
{
    /// <summary>The checkpoint of the chain's end, made now if there is none.</summary>
    public async Task<CheckpointRow> TakeAsync(CancellationToken cancellationToken) =>
        await NewestAsync(cancellationToken) ?? (await ledger.WriteAsync<CheckpointRow>(async page => await TakeAsync(page, cancellationToken), cancellationToken)).Value;

    /// <summary>Removes what is too old; how many records.</summary>
    public async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.Value.AuditRetention;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (options.Value.AuditRetention == TimeSpan.Zero || await LastBeforeAsync(context, before, cancellationToken) is not { } last || !await context.Audit.AnyAsync(row => row.Sequence <= last.Sequence, cancellationToken))
        {
            return 0;
        }

        return (await ledger.WriteAsync<long>(async page => await PruneAsync(page, last, cancellationToken), cancellationToken)).Value;
    }

    /// <summary>Null: records stand behind the newest.</summary>
    private async Task<CheckpointRow?> NewestAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var end = await context.Audit.MaxAsync(record => (long?)record.Sequence, cancellationToken);
        return await context.AuditCheckpoints.FirstOrDefaultAsync(row => row.Sequence == end, cancellationToken);
    }

    private async Task<CheckpointRow> TakeAsync(LedgerPage page, CancellationToken cancellationToken)
    {
        if (await page.Context.AuditCheckpoints.FirstOrDefaultAsync(row => row.Sequence == page.Head.Sequence, cancellationToken) is { } standing)
        {
            return standing;
        }

        var envelope = await signer.SignAsync(page, garden => new Checkpoint(page.Head.Sequence, Convert.ToHexStringLower(page.Head.Hash), page.Now).ToStatement(garden), cancellationToken);
        var made = new CheckpointRow { Sequence = page.Head.Sequence, Hash = page.Head.Hash, At = page.Now, Envelope = Envelopes.Write(envelope) };
        page.Context.Add(made);
        metrics.Signed("checkpoint");
        return made;
    }

    private static Task<CheckpointRow?> LastBeforeAsync(EntitlementDbContext context, DateTimeOffset before, CancellationToken cancellationToken) =>
        context.AuditCheckpoints.Where(row => row.At < before).OrderByDescending(row => row.Sequence).FirstOrDefaultAsync(cancellationToken);

    private static async Task<long> PruneAsync(LedgerPage page, CheckpointRow last, CancellationToken cancellationToken)
    {
        await page.Context.AuditPersons.Where(row => row.Sequence <= last.Sequence).ExecuteDeleteAsync(cancellationToken);
        await page.Context.AuditCheckpoints.Where(row => row.Sequence < last.Sequence).ExecuteDeleteAsync(cancellationToken);
        var removed = await page.Context.Audit.Where(row => row.Sequence <= last.Sequence).ExecuteDeleteAsync(cancellationToken);
        if (removed > 0)
        {
            page.Record("", "", "audit.prune", "", ("until", last.Sequence), ("records", removed));
        }

        return removed;
    }
}
