using System.Globalization;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>A report of what another service decided by what the feed told it, checked.</summary>
internal sealed record ToldDecisions(string Id, IReadOnlyList<ToldDecision> Decisions)
{
    private const int MostDecisions = 1000;

    public static Result<ToldDecisions> Create(TellDecisionsRequest request)
    {
        if (request.Decisions.Count > MostDecisions)
        {
            return Error.Invalid("BAD_REPORT", $"the report has {request.Decisions.Count} decisions: at most {MostDecisions} are taken at once");
        }

        var decisions = request.Decisions.Select(ToldDecision.Create).ToList();
        return (Text.Refusal("id", request.Id, 1, 64) ?? decisions.Find(one => one.Error is not null)?.Error) is { } fault
            ? fault
            : new ToldDecisions(request.Id, decisions.ConvertAll(one => one.Value));
    }
}

/// <summary>A decision, and how often it was made on a day.</summary>
internal sealed record ToldDecision(string Tenant, string Account, Action Action, Resource Thing, string Rule, string Day, long Count)
{
    private const int LongestRule = 64;
    private const int MostTimes = 1_000_000_000;

    public static Result<ToldDecision> Create(DecisionCount told)
    {
        var (tenant, account) = (TenantName.Create(told.Tenant), AccountName.Create(told.Account));
        var question = Question.Create(told.Action, told.Resource, Nobody);
        return (tenant.Error ?? account.Error ?? question.Error ?? Text.Refusal("rule", told.Rule, 1, LongestRule) ?? Fault(told)) is { } fault
            ? fault
            : new ToldDecision(tenant.Value.Value, account.Value.Value, told.Action, question.Value.Thing, told.Rule, told.Day, told.Count);
    }

    private static Hosting.Access.Caller Nobody { get; } = new(new(), "");

    private static Error? Fault(DecisionCount told) => told switch
    {
        { Action: not (Action.Download or Action.Deploy or Action.Call) } => Error.Invalid("BAD_ACTION", $"decisions on action {(int)told.Action} are not kept: those on downloads, deployments and calls are"),
        { Count: <= 0 or > MostTimes } => Error.Invalid("BAD_REPORT", $"a decision was made 1 to {MostTimes} times, not {told.Count}"),
        _ when !DateOnly.TryParseExact(told.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) => Error.Invalid("BAD_REPORT", $"'{Text.Shorten(told.Day)}' is no day: YYYY-MM-DD is expected"),
        _ => null,
    };
}
