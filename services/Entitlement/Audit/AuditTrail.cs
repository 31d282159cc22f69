using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Reads the audit trail, and holds it against itself.</summary>
internal sealed class AuditTrail(IDbContextFactory<EntitlementDbContext> contexts)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;

    /// <summary>The tenant's records; the whole garden's for operators, auditors and services.</summary>
    public async Task<Result<AuditRow[]>> ListAsync(Caller caller, long after, int pageSize, CancellationToken cancellationToken)
    {
        if (pageSize is < 0 or > LargestPage || after < 0)
        {
            return Error.Invalid("BAD_PAGE", $"a page has 1 to {LargestPage} records (0: {DefaultPage}), after a sequence that is not negative");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var records = context.Audit.Where(record => record.Sequence > after);
        if (!caller.IsOperator && !caller.IsService && !caller.HasRole(Roles.Auditor))
        {
            var tenant = Key.Of(caller.Principal.Tenant);
            records = records.Where(record => record.Tenant == tenant);
        }

        return await records.OrderBy(record => record.Sequence).Take(pageSize is 0 ? DefaultPage : pageSize).ToArrayAsync(cancellationToken);
    }

    /// <summary>The first thing wrong with the whole chain as it is stored, or null.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var heads = await context.Database.SqlQuery<Ledger.HeadRow>(
            $"SELECT sequence AS \"Sequence\", hash AS \"Hash\" FROM audit_head WHERE id = 1").ToListAsync(cancellationToken);
        var head = heads.Single().ToHead();
        var at = AuditChain.Beginning;
        while (at.Sequence < head.Sequence)
        {
            var page = await context.Audit.Where(record => record.Sequence > at.Sequence && record.Sequence <= head.Sequence)
                .OrderBy(record => record.Sequence).Take(LargestPage).ToListAsync(cancellationToken);
            if (page.Count is 0)
            {
                return $"records {at.Sequence + 1} to {head.Sequence} are missing at the end";
            }

            if (AuditChain.Fault(at, page) is { } fault)
            {
                return fault;
            }

            at = new(page[^1].Sequence, page[^1].Hash);
        }

        return at.Hash.AsSpan().SequenceEqual(head.Hash) ? null : "the end of the chain is not the one that was written last";
    }
}
