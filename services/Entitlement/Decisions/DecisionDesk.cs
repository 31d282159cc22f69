using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Licenses;
using ModelGarden.Entitlement.Partners;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using Action = ModelGarden.Contracts.V1.Action;

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
        if (SeatsOf(question, facts, verdict) is { Count: > 0 } seats)
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

    /// <summary>The contracts of which the caller takes a seat by doing what it is allowed.</summary>
    private static List<string> SeatsOf(Question question, Facts facts, Verdict verdict) => verdict is not { Allowed: true, Rule: "LICENSE_ACCEPTED" or "LICENSE_FREE" or "ACCESS_GRANTED" }
        ? []
        : [.. question.Licenses.Select(id => facts.Licenses[id].Contract).Where(contract => contract?.State is ContractState.SeatFree).Select(contract => contract!.Id)];

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
        var quota = question.Action is Action.Call && tenant.Length > 0 ? await QuotaState.ReadAsync(context, tenant, now, cancellationToken) : null;
        return new(licenses, quota, now)
        {
            Policies = question.IsPolicyMatter && !question.Caller.IsService ? await policies.StandingAsync(context, tenant, cancellationToken) : [],
            Access = question.Gated is { } gated && AccountName.Create(question.Holder) is { Error: null } holder ? await AccessDesk.FindAsync(context, gated.Id, holder.Value, cancellationToken) : null,
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
        return licenses.ToDictionary(license => license.Id, license => FactOf(license, acceptances, contracts[license.Id], now));
    }

    private static LicenseFact FactOf(LicenseRow license, List<AcceptanceRow> acceptances, IEnumerable<ContractFact> contracts, DateTimeOffset now)
    {
        var ends = acceptances.FindAll(row => license.IsMetBy(row, now)).ConvertAll(license.EndOf);
        // The one that lasts longest; null lasts for good.
        var end = ends.Contains(null) ? null : ends.Max();
        var contract = !license.RequiresContract ? null : contracts.OrderByDescending(one => one.State).ThenByDescending(one => one.Ends).FirstOrDefault() ?? ContractFact.None;
        return new(license.Title, license.RequiresAcceptance, ends.Count > 0, contract?.Until < (end ?? DateTimeOffset.MaxValue) ? contract.Until : end) { Contract = contract };
    }
}
