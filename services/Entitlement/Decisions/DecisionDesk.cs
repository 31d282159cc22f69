using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Kernel;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>Answers the one question: gathers the facts, decides, and puts what matters on record.</summary>
internal sealed class DecisionDesk(
    IDbContextFactory<EntitlementDbContext> contexts, PolicyBook policies, DecisionAudit audit, DecisionTally tally, TimeProvider clock, EntitlementMetrics metrics)
{
    public async Task<Verdict> DecideAsync(Question question, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var verdict = Decider.Decide(question, await FactsAsync(question, now, cancellationToken));
        await audit.TellAsync(question, verdict, now, cancellationToken);
        tally.Count(question, verdict, now);
        metrics.Decided(Key.Of(question.Action.ToString()), verdict.Rule);
        return verdict;
    }

    /// <summary>What would be decided now, with every rule that was looked at; nothing of it is put on record.</summary>
    public async Task<(Verdict Verdict, List<DecisionStep> Steps)> ExplainAsync(Question question, CancellationToken cancellationToken)
    {
        var steps = new List<DecisionStep>();
        return (Decider.Decide(question, await FactsAsync(question, clock.GetUtcNow(), cancellationToken), steps), steps);
    }

    private async Task<Facts> FactsAsync(Question question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var tenant = Key.Of(question.Tenant);
        var licenses = await LicensesAsync(context, tenant, [.. question.Licenses], now, cancellationToken);
        var quota = question.Action is Action.Call && tenant.Length > 0 ? await QuotaState.ReadAsync(context, tenant, now, cancellationToken) : null;
        return new(licenses, quota, now)
        {
            Policies = question.IsPolicyMatter && !question.Caller.IsService ? await policies.StandingAsync(context, tenant, cancellationToken) : [],
            Access = question.Gated is { } gated && AccountName.Create(question.Holder) is { Error: null } holder ? await AccessDesk.FindAsync(context, gated.Id, holder.Value, cancellationToken) : null,
        };
    }

    private static async Task<Dictionary<string, LicenseFact>> LicensesAsync(
        EntitlementDbContext context, string tenant, string[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (ids.Length is 0)
        {
            return [];
        }

        var licenses = await context.Licenses.Where(license => ids.Contains(license.Id)).ToListAsync(cancellationToken);
        var acceptances = await context.Acceptances
            .Where(row => row.Tenant == tenant && ids.Contains(row.License) && row.WithdrawnAt == null).ToListAsync(cancellationToken);
        return licenses.ToDictionary(license => license.Id, license => FactOf(license, acceptances, now));
    }

    private static LicenseFact FactOf(LicenseRow license, List<AcceptanceRow> acceptances, DateTimeOffset now)
    {
        var standing = acceptances.Find(row => row.License == license.Id && row.LicenseVersion == license.Version && row.Stands(now));
        return new(license.Title, license.RequiresAcceptance, standing is not null, standing?.Until);
    }
}
