using Microsoft.EntityFrameworkCore;
using ModelGarden.Evidence;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Reads the audit trail, and holds it against itself.</summary>
internal sealed class AuditTrail(IDbContextFactory<EntitlementDbContext> contexts)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;

    /// <summary>The tenant's records; the whole garden's for operators, auditors and services.</summary>
    public async Task<Result<AuditPage[]>> ListAsync(Caller caller, long after, int pageSize, CancellationToken cancellationToken)
    {
        if (pageSize is < 0 or > LargestPage || after < 0)
        {
            return Error.Invalid("BAD_PAGE", $"a page has 1 to {LargestPage} records (0: {DefaultPage}), after a sequence that is not negative");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var records = context.Audit.Where(record => record.Sequence > after);
        if (!SeesAll(caller))
        {
            var tenant = Key.Of(caller.Principal.Tenant);
            records = records.Where(record => record.Tenant == tenant);
        }

        return await ReadAsync(context, records, pageSize is 0 ? DefaultPage : pageSize, cancellationToken);
    }

    /// <summary>Whose the whole garden's trail is; others' is their tenant's.</summary>
    public static bool SeesAll(Caller caller) => caller.IsOperator || caller.IsService || caller.HasRole(Roles.Auditor);

    /// <summary>The first of these records, with what is known of the persons in them.</summary>
    public static async Task<AuditPage[]> ReadAsync(EntitlementDbContext context, IQueryable<AuditRow> records, int limit, CancellationToken cancellationToken)
    {
        var rows = await records.OrderBy(record => record.Sequence).Take(limit).ToListAsync(cancellationToken);
        var sequences = rows.ConvertAll(row => row.Sequence);
        var persons = (await context.AuditPersons.Where(person => sequences.Contains(person.Sequence)).ToListAsync(cancellationToken)).ToLookup(person => person.Sequence);
        return [.. rows.Select(row => new AuditPage(row, [.. persons[row.Sequence]]))];
    }

    /// <summary>The first thing wrong with the whole chain as it is stored, or null.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var heads = await context.Database.SqlQuery<Ledger.HeadRow>(
            $"SELECT sequence AS \"Sequence\", hash AS \"Hash\" FROM audit_head WHERE id = 1").ToListAsync(cancellationToken);
        var head = heads.Single().ToHead();
        var at = await BeginningAsync(context, cancellationToken);
        while (at.Sequence < head.Sequence)
        {
            var page = await context.Audit.Where(record => record.Sequence > at.Sequence && record.Sequence <= head.Sequence)
                .OrderBy(record => record.Sequence).Take(LargestPage).ToListAsync(cancellationToken);
            if (page.Count is 0)
            {
                return $"records {at.Sequence + 1} to {head.Sequence} are missing at the end";
            }

            if (AuditChain.Fault(at, page.Select(row => row.ToMessage())) is { } fault)
            {
                return fault;
            }

            at = new(page[^1].Sequence, page[^1].Hash);
        }

        return at.Hash.AsSpan().SequenceEqual(head.Hash) ? null : "the end of the chain is not the one that was written last";
    }

    /// <summary>What the oldest record follows: nothing, or a checkpoint where older ones were let go.</summary>
    private static async Task<AuditHead> BeginningAsync(EntitlementDbContext context, CancellationToken cancellationToken)
    {
        var before = await context.Audit.MinAsync(record => (long?)record.Sequence, cancellationToken) - 1;
        var checkpoint = await context.AuditCheckpoints.FirstOrDefaultAsync(row => row.Sequence == before, cancellationToken);
        return checkpoint is null ? AuditChain.Beginning : new(checkpoint.Sequence, checkpoint.Hash);
    }
}
