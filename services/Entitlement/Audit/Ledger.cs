using Microsoft.EntityFrameworkCore;
using ModelGarden.Evidence;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>
/// Makes changes to the garden's rules: one at a time in the whole garden, whatever the number of replicas, each in one transaction with
/// the audit records that tell of it and the feed's changes. What returns an error leaves nothing behind.
/// </summary>
internal sealed class Ledger(IDbContextFactory<EntitlementDbContext> contexts, TimeProvider clock, EntitlementMetrics metrics)
{
    public async Task<Result<T>> WriteAsync<T>(Func<LedgerPage, Task<Result<T>>> change, CancellationToken cancellationToken)
        where T : notnull
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var page = new LedgerPage(context, await HoldAsync(context, cancellationToken), clock.GetUtcNow());
        var result = await change(page);
        if (result.Error is not null)
        {
            return result;
        }

        await SaveAsync(page, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Audited(page.Records);
        return result;
    }

    /// <summary>Writing the row holds it until the transaction ends: others wait here, and then read what was committed before them.</summary>
    private static async Task<AuditHead> HoldAsync(EntitlementDbContext context, CancellationToken cancellationToken)
    {
        // A list, since SQLite steps through RETURNING as through a query: composing over it is refused.
        var heads = await context.Database.SqlQuery<HeadRow>(
            $"UPDATE audit_head SET sequence = sequence WHERE id = 1 RETURNING sequence AS \"Sequence\", hash AS \"Hash\"").ToListAsync(cancellationToken);
        return heads.Single().ToHead();
    }

    private static async Task SaveAsync(LedgerPage page, CancellationToken cancellationToken)
    {
        await page.Context.SaveChangesAsync(cancellationToken);
        if (page.Records > 0)
        {
            var (sequence, hash) = page.Head;
            await page.Context.Database.ExecuteSqlAsync($"UPDATE audit_head SET sequence = {sequence}, hash = {hash} WHERE id = 1", cancellationToken);
        }
    }

    /// <summary>The chain's end in the store.</summary>
    internal sealed record HeadRow(long Sequence, byte[]? Hash)
    {
        public AuditHead ToHead() => Hash is null ? AuditChain.Beginning : new(Sequence, Hash);
    }
}

/// <summary>One change being made: the store inside its transaction, its time, and the records that will tell of it.</summary>
internal sealed class LedgerPage(EntitlementDbContext context, AuditHead head, DateTimeOffset now)
{
    public EntitlementDbContext Context { get; } = context;

    /// <summary>To the millisecond, as it is stored.</summary>
    public DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());

    public AuditHead Head { get; private set; } = head;

    public int Records { get; private set; }

    /// <summary>Tells of this change: who did what to what in which tenant. What is <see cref="Personal"/> stands apart, as the account does.</summary>
    public void Record(string tenant, string account, string action, string subject, params (string Name, object Value)[] detail) =>
        Record(Now, tenant, account, action, (object)subject, detail);

    /// <summary>The same of something done to a person.</summary>
    public void Record(string tenant, string account, string action, Personal subject, params (string Name, object Value)[] detail) =>
        Record(Now, tenant, account, action, (object)subject, detail);

    /// <summary>The same of what happened elsewhere, at another time.</summary>
    public void Record(DateTimeOffset at, string tenant, string account, string action, object subject, params (string Name, object Value)[] detail)
    {
        var record = new AuditRow
        {
            Sequence = 0,
            At = at,
            Tenant = tenant,
            Account = Stand(account.Length > 0 ? Personal.Name(account) : ""),
            Action = action,
            Subject = Stand(subject),
            Detail = CanonicalJson.Write(detail.Select(member => (member.Name, member.Value is Personal ? Stand(member.Value) : member.Value))),
        }.Behind(Head);
        Context.Add(record);
        Head = new(record.Sequence, record.Hash);
        Records++;
    }

    /// <summary>What stands for it in the chain.</summary>
    private string Stand(object value)
    {
        if (value is not Personal personal)
        {
            return (string)value;
        }

        if (personal.Value.Length is 0)
        {
            return "";
        }

        var made = Commitment.Make(personal.Value);
        Context.Add(new AuditPersonRow { Commitment = made.Commitment, Sequence = Head.Sequence + 1, Account = Key.Of(personal.Account), Value = personal.Value, Salt = made.Salt.ToByteArray() });
        return made.Commitment;
    }
}
