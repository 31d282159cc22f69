using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Partners;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Licenses;
using Action = ModelGarden.Contracts.V1.Action;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>Answers the one question: gathers the facts, decides, and puts what matters on record.</summary>
internal sealed class DecisionDesk(
    IDbContextFactory<EntitlementDbContext> contexts, PolicyBook policies, ContractBook contracts, DecisionAudit audit, DecisionTally tally, TimeProvider clock, EntitlementMetrics metrics)
{
    public async Task<Verdict> DecideAsync(Question question, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var facts = await FactsAsync(question, now, cancellationToken);
        var verdict = Decider.Decide(question, facts);
        if (Decider.SeatsOf(question, facts, verdict) is { Count: > 0 } seats)
        {
            // Somebody else may have had the last one meanwhile: what is so afterwards decides.
            await TakeAsync(question.Caller, seats, cancellationToken);
            verdict = Decider.Decide(question, await FactsAsync(question, now, cancellationToken));
        }

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

    private async Task TakeAsync(Caller caller, IEnumerable<string> seats, CancellationToken cancellationToken)
    {
        foreach (var contract in seats)
        {
            await contracts.SeatAsync(caller, contract, cancellationToken);
        }
    }

    private async Task<Facts> FactsAsync(Question question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var tenant = Key.Of(question.Tenant);
        var licenses = await LicensesAsync(context, (tenant, Key.Of(question.Caller.Principal.Name)), [.. question.Licenses], now, cancellationToken);
        var quota = question.Action is Action.Call && tenant.Length > 0 ? await Quotas.StateAsync(context, tenant, now, cancellationToken) : null;
        return new(licenses, quota, now)
        {
            Policies = question.IsPolicyMatter && !question.Caller.IsService ? await policies.StandingAsync(context, tenant, cancellationToken) : [],
            Access = question.Gated is { } gated && AccountName.Create(question.Holder) is { Error: null } holder ? (await AccessDesk.FindAsync(context, gated.Id, holder.Value, cancellationToken))?.ToFact() : null,
        };
    }

    private static async Task<Dictionary<string, LicenseFact>> LicensesAsync(
        EntitlementDbContext context, (string Tenant, string Account) who, string[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (ids.Length is 0)
        {
            return [];
        }

        var licenses = await context.Licenses.Where(license => ids.Contains(license.Id)).ToListAsync(cancellationToken);
        var acceptances = await Acceptances.Of(context, who.Tenant, who.Account, ids).ToListAsync(cancellationToken);
        var byContract = licenses.Where(license => license.RequiresContract).Select(license => license.Id).ToArray();
        var contracts = await ContractBook.FactsAsync(context, who, byContract, now, cancellationToken);
        return licenses.ToDictionary(license => license.Id, license => license.ToTerms().FactOf(acceptances.Where(row => row.License == license.Id).Select(row => row.ToFact()), contracts[license.Id], now));
    }
}
