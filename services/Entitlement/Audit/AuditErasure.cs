using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Forgets who an account was. The records stay, with commitments that nobody can open any more.</summary>
internal sealed class AuditErasure(Ledger ledger)
{
    /// <summary>In how many records there was a name.</summary>
    public Task<Result<long>> EraseAsync(Caller caller, AccountName account, CancellationToken cancellationToken) =>
        ledger.WriteAsync<long>(async page => await EraseAsync(page, caller, Key.Of(account.Value), cancellationToken), cancellationToken);

    private static async Task<long> EraseAsync(LedgerPage page, Caller caller, string account, CancellationToken cancellationToken)
    {
        long records = await page.Context.AuditPersons.Where(person => person.Account == account).Select(person => person.Sequence).Distinct().CountAsync(cancellationToken);
        if (records > 0)
        {
            await page.Context.AuditPersons.Where(person => person.Account == account).ExecuteDeleteAsync(cancellationToken);
            // With the name beside it, what these tell of decisions would open the records again.
            await page.Context.DecisionMarks.Where(mark => mark.Account == account).ExecuteDeleteAsync(cancellationToken);
            await page.Context.Database.ExecuteSqlAsync($"DELETE FROM decided WHERE lower(account) = {account}", cancellationToken);
            page.Record("", caller.Principal.Name, "audit.erase", "", ("records", records));
        }

        return records;
    }
}
