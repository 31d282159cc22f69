using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>What is asked: may the one do that to this?</summary>
internal sealed record Question(Caller Caller, Action Action, RepositoryName Repository, IReadOnlyList<string> Licenses)
{
    /// <summary>Null: its owner lets everyone in.</summary>
    public GatedRepository? Gated { get; init; }

    /// <summary>Of a call: the account on whose access the endpoint rests.</summary>
    public string PinnedBy { get; init; } = "";

    /// <summary>The account whose access to a gated repository counts. Who calls gets answers, no weights: whoever put them there has his access at stake.</summary>
    public string Holder => PinnedBy.Length > 0 ? PinnedBy : Caller.Principal.Name;

    public string Tenant => Caller.Principal.Tenant;

    public bool IsOwner => Caller.IsOf(Repository.Owner.Value);

    public string Scope => Action switch
    {
        Action.Deploy => Scopes.Deploy,
        Action.Call => Scopes.Call,
        _ => Scopes.Read,
    };
}

/// <summary>Decides, from the question and the facts alone. The first rule that speaks decides; their order is the order below.</summary>
internal static class Decider
{
    // How long a withdrawal, or a quota used up, may go unnoticed by whoever keeps an answer.
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(5);

    public static Verdict Decide(Question question, Facts facts)
    {
        var verdict = Who(question) ?? Ground(question) ?? ByLicensesAndAccess(question, facts);
        if (!verdict.Allowed)
        {
            return verdict;
        }

        return question is { Action: Action.Call, Caller.IsService: false } && facts.Quota is { IsLimited: true } quota
            ? ByQuota(question, quota, facts.Now) ?? verdict
            : verdict with { ValidUntil = Earliest(facts.Now + Validity, Ends(question, facts)), EndsAt = Ends(question, facts) };
    }

    /// <summary>Refusals for who the caller is and what its token is for.</summary>
    private static Verdict? Who(Question question) => question switch
    {
        { Caller.IsAnonymous: true, Action: not Action.Read } => Verdict.Refuse(
            "SIGN_IN", $"to {Verb(question)} a model needs a token", $"sign in and send a token with the scope {question.Scope}", "you"),
        { Caller.IsService: true } => Verdict.Allow("SERVICE", $"{question.Caller.Principal.Name} is a service of this garden"),
        _ when !question.Caller.HasScope(question.Scope) => Verdict.Refuse(
            "SCOPE_MISSING", $"the token lacks the scope {question.Scope}", $"make a token with it: garden tokens create --scope {question.Scope}", "you"),
        { Action: Action.Deploy } when !MayDeploy(question.Caller) => Verdict.Refuse(
            "ROLE_MISSING",
            $"{question.Caller.Principal.Name} is neither engineer nor admin in {question.Tenant}",
            $"give {question.Caller.Principal.Name} the role engineer in {question.Tenant}",
            $"admin of {question.Tenant}"),
        _ => null,
    };

    /// <summary>Grounds that need no licence.</summary>
    private static Verdict? Ground(Question question) => question switch
    {
        { Action: Action.Read } => Verdict.Allow("READ", "reading about a model needs no licence"),
        { IsOwner: true } => Verdict.Allow("OWNER", $"{question.Repository} belongs to {question.Tenant}"),
        { Action: Action.Download, Caller.IsCurator: true } => Verdict.Allow("CURATOR", $"{question.Caller.Principal.Name} reviews models for this garden"),
        _ => null,
    };

    private static Verdict ByLicensesAndAccess(Question question, Facts facts)
    {
        var licensed = ByLicenses(question, facts);
        return licensed.Allowed && question.Gated is { } gated ? ByAccess(question, gated, facts) : licensed;
    }

    private static Verdict ByAccess(Question question, GatedRepository gated, Facts facts) => facts.Access switch
    {
        { } request when request.Grants(facts.Now) => Verdict.Allow("ACCESS_GRANTED", $"{Holder(question)} has access to {gated.Name}"),
        { Status: AccessStatus.Pending } when !gated.IsAutomatic => Verdict.Refuse(
            "ACCESS_PENDING", $"the request of {Holder(question)} for access to {gated.Name} is pending", $"accept the request of {question.Holder}", $"the owner of {gated.Name}"),
        { Status: AccessStatus.Rejected } request => Verdict.Refuse(
            "ACCESS_REJECTED",
            $"the request of {Holder(question)} for access to {gated.Name} was rejected{(question.PinnedBy.Length > 0 ? "" : AccessErrors.Because(request))}",
            $"grant {question.Holder} access",
            $"the owner of {gated.Name}"),
        var request => Verdict.Refuse(
            "ACCESS_NOT_REQUESTED",
            request is { Status: AccessStatus.Accepted } ? $"the access of {Holder(question)} to {gated.Name} ended at {request.Until:u}" : $"{gated.Name} is gated and {Holder(question)} has not asked for access",
            $"ask for access at {gated.AskAddress}{(gated.Kind is RepositoryKind.Dataset or RepositoryKind.App ? "" : $", or: garden models access ask {gated.Name}")}",
            question.PinnedBy.Length > 0 ? question.PinnedBy : "you"),
    };

    private static string Holder(Question question) => question.PinnedBy.Length > 0 ? $"{question.PinnedBy}, on whose access this endpoint rests," : question.Holder;

    private static Verdict ByLicenses(Question question, Facts facts)
    {
        if (question.Licenses.Count is 0)
        {
            return Verdict.Refuse(
                "NO_LICENSE",
                $"{question.Repository} states no licence",
                $"state a licence in the card of {question.Repository}",
                $"its publisher {question.Repository.Owner}");
        }

        return question.Licenses.Select(id => Refusal(question, id, facts)).FirstOrDefault(refusal => refusal is not null) ?? Granted(question, facts);
    }

    private static Verdict? Refusal(Question question, string id, Facts facts) => facts.Licenses.GetValueOrDefault(id) switch
    {
        null => Verdict.Refuse("LICENSE_UNKNOWN", $"the garden does not know the licence {id} of {question.Repository}", $"add the licence {id} with its text", "a curator of the garden"),
        { Contract: { } contract } when contract.Refusal(question, id) is { } refusal => refusal,
        { RequiresAcceptance: true, Accepted: false } license => Verdict.Refuse(
            "LICENSE_NOT_ACCEPTED",
            $"{question.Tenant} has not accepted {license.Title} ({id}), the licence of {question.Repository}",
            $"accept {id} for {question.Tenant}: garden licenses accept {id}",
            $"admin or legal of {question.Tenant}"),
        _ => null,
    };

    private static Verdict Granted(Question question, Facts facts)
    {
        var licenses = string.Join(", ", question.Licenses);
        return question.Licenses.Any(id => facts.Licenses[id].RequiresAcceptance)
            ? Verdict.Allow("LICENSE_ACCEPTED", $"{question.Tenant} has accepted {licenses}")
            : Verdict.Allow("LICENSE_FREE", $"{licenses} is free to use without acceptance");
    }

    private static Verdict? ByQuota(Question question, Usage.QuotaState quota, DateTimeOffset now)
    {
        if (quota.Exhausted is not { } exhausted)
        {
            return null;
        }

        var midnight = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        var refusal = Verdict.Refuse(
            "QUOTA_EXCEEDED",
            $"{question.Tenant} has used {exhausted} of today; it renews at midnight UTC",
            $"wait until then, or raise the quota of {question.Tenant}",
            "an operator of the garden");
        return refusal with { RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((midnight - now).TotalSeconds)) };
    }

    private static bool MayDeploy(Caller caller) => caller.IsOperator || caller.HasRole(Roles.Engineer) || caller.HasRole(Roles.Admin);

    /// <summary>When the first acceptance, or the access, that the answer may rest on ends.</summary>
    private static DateTimeOffset? Ends(Question question, Facts facts) =>
        question.Licenses.Select(id => facts.Licenses.GetValueOrDefault(id)?.Until).Append(facts.Access?.Until).Where(until => until is not null).Min();

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    private static string Verb(Question question) => question.Action switch
    {
        Action.Deploy => "deploy",
        Action.Call => "call",
        _ => "download",
    };
}
