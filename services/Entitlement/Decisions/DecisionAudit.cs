using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Rights.Decisions;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>
/// Puts decisions on record without a record for every call: the first grant of a download or deployment by each rule, and the first
/// refusal of each kind on a day, a thousand of them a tenant. Anonymous callers and services are nobody to hold to account.
/// </summary>
internal sealed class DecisionAudit(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger)
{
    private const int RefusalsPerDay = 1000;
    private const int RememberedLimit = 20_000;
    private readonly ConcurrentDictionary<DecisionMarkRow, bool> _told = new();

    public async Task TellAsync(Question question, Verdict verdict, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!Decider.IsOnRecord(question, verdict.Allowed))
        {
            return;
        }

        var mark = MarkOf(question, verdict, now);
        if (_told.ContainsKey(mark) || await IsToldAsync(mark, cancellationToken))
        {
            return;
        }

        await ledger.WriteAsync(page => TellAsync(page, question, verdict, mark, cancellationToken), cancellationToken);
        Remember(mark);
    }

    private async Task<bool> IsToldAsync(DecisionMarkRow mark, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await IsMarkedAsync(context, mark, cancellationToken))
        {
            return false;
        }

        Remember(mark);
        return true;
    }

    private static async Task<Kernel.Result<bool>> TellAsync(LedgerPage page, Question question, Verdict verdict, DecisionMarkRow mark, CancellationToken cancellationToken)
    {
        if (await IsMarkedAsync(page.Context, mark, cancellationToken) || await IsFullAsync(page, mark, cancellationToken))
        {
            return false;
        }

        page.Context.Add(mark);
        page.Record(
            mark.Tenant,
            question.Caller.Principal.Name,
            $"{mark.Action}.{(verdict.Allowed ? "grant" : "refuse")}",
            question.Repository.Value,
            ("rule", verdict.Rule),
            ("licenses", string.Join(' ', question.Licenses)),
            ("token", question.Caller.Principal.TokenId));
        return true;
    }

    /// <summary>Refusals of earlier days are forgotten on the way; the trail keeps what it told.</summary>
    private static async Task<bool> IsFullAsync(LedgerPage page, DecisionMarkRow mark, CancellationToken cancellationToken)
    {
        if (mark.Day.Length is 0)
        {
            return false;
        }

        await page.Context.DecisionMarks.Where(old => old.Day != "" && old.Day.CompareTo(mark.Day) < 0).ExecuteDeleteAsync(cancellationToken);
        return await page.Context.DecisionMarks.CountAsync(other => other.Day == mark.Day && other.Tenant == mark.Tenant, cancellationToken) >= RefusalsPerDay;
    }

    private static Task<bool> IsMarkedAsync(EntitlementDbContext context, DecisionMarkRow mark, CancellationToken cancellationToken) =>
        context.DecisionMarks.AnyAsync(
            other => other.Tenant == mark.Tenant && other.Account == mark.Account && other.Action == mark.Action
                && other.Repository == mark.Repository && other.Rule == mark.Rule && other.Day == mark.Day,
            cancellationToken);

    private static DecisionMarkRow MarkOf(Question question, Verdict verdict, DateTimeOffset now) => new()
    {
        Tenant = Key.Of(question.Tenant),
        Account = Key.Of(question.Caller.Principal.Name),
        Action = Key.Of(question.Action.ToString()),
        Repository = Key.Of(question.Repository.Value),
        Rule = verdict.Rule,
        Day = verdict.Allowed ? "" : Day.Of(now),
    };

    private void Remember(DecisionMarkRow mark)
    {
        if (_told.Count >= RememberedLimit)
        {
            _told.Clear();
        }

        _told[mark] = true;
    }
}
