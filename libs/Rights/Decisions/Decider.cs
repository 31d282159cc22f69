using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Rights.Decisions;

/// <summary>
/// Decides, from the question and the facts alone, by the rules in their order. One that refuses ends it, and so does a ground that nothing stands against; of other
/// grounds the last one is the decision's.
/// </summary>
public static class Decider
{
    // How long a withdrawal, or a quota used up, may go unnoticed by whoever keeps an answer.
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(5);

    private static readonly Rule[] Rules =
    [
        Rule.Of("SIGN_IN", SignIn, (question, _) => question.Caller.IsAnonymous ? "reading needs no token" : $"{question.Caller.Principal.Name} has signed in"),
        Rule.Of("SERVICE", Service, (_, _) => null),
        Rule.Of("SCOPE_MISSING", Scope, (question, _) => $"the token has the scope {question.Scope}"),
        Rule.Of("ROLE_MISSING", Role, (question, _) => question.Action is Action.Deploy ? $"{question.Caller.Principal.Name} has a role that deploys in {question.Tenant}" : null),
        Rule.Of("READ", Unconditional, (_, _) => null),
        new((question, facts) => question.IsPolicyMatter ? PolicyCheck.Refusal(question.Subject, facts.Policies) : null, PolicySteps),
        Rule.Of("OWNER", Owner, (question, _) => $"{question.Repository} does not belong to {question.Tenant}"),
        new((question, facts) => question.IsOwner ? null : ByLicenses(question, facts), LicenseSteps),
        Rule.Of("ACCESS_GRANTED", (question, facts) => question is { IsOwner: false, Gated: { } gated } ? ByAccess(question, gated, facts) : null, (question, _) => question.IsOwner ? null : "its owner has set no gate"),
        Rule.Of("QUOTA_EXCEEDED", ByQuota, (question, facts) => question.Action is not Action.Call ? null : facts.Quota is { IsLimited: true } ? "the tenant's quota is not used up" : "the tenant has no quota"),
    ];

    /// <summary>The ground was one that policies had to let pass.</summary>
    public static bool IsUnderPolicy(string rule) => rule is "OWNER" or "LICENSE_ACCEPTED" or "LICENSE_FREE" or "ACCESS_GRANTED";

    /// <summary>The audit trail tells of such decisions: of those on people and service accounts, but that they may read or, which is said too often, call.</summary>
    public static bool IsOnRecord(Question question, bool isAllowed) =>
        question is { Caller: { IsService: false, IsAnonymous: false }, Action: not Action.Read } && !(isAllowed && question.Action is Action.Call);

    /// <summary>Such decisions are kept for trying policies on them.</summary>
    public static bool IsCounted(Question question) => question is { IsPolicyMatter: true, Caller: { IsService: false, IsAnonymous: false } };

    /// <summary>The contracts of which the caller takes a seat by doing what it is allowed.</summary>
    public static IReadOnlyList<string> SeatsOf(Question question, Facts facts, Verdict verdict) => verdict is not { Allowed: true, Rule: "LICENSE_ACCEPTED" or "LICENSE_FREE" or "ACCESS_GRANTED" }
        ? []
        : [.. question.Licenses.Select(id => facts.Licenses[id].Contract).Where(contract => contract?.State is ContractState.SeatFree).Select(contract => contract!.Id)];

    /// <param name="question">Who, what, to which model.</param>
    /// <param name="facts">All else.</param>
    /// <param name="steps">Takes the derivation, where one is wanted.</param>
    public static Verdict Decide(Question question, Facts facts, List<DecisionStep>? steps = null)
    {
        Verdict? ground = null;
        foreach (var rule in Rules)
        {
            var verdict = rule.Say(question, facts);
            steps?.AddRange(rule.Tell(question, facts, verdict));
            if (verdict is { Allowed: false })
            {
                return verdict;
            }

            ground = verdict ?? ground;
            if (verdict is { IsFinal: true })
            {
                break;
            }
        }

        return Kept(question, facts, ground!);
    }

    /// <summary>An answer with how long it may be used again: not at all where a quota counts.</summary>
    private static Verdict Kept(Question question, Facts facts, Verdict ground) => question is { Action: Action.Call, Caller.IsService: false } && facts.Quota is { IsLimited: true }
        ? ground
        : ground with { ValidUntil = Earliest(facts.Now + Validity, Ends(question, facts)), EndsAt = Ends(question, facts) };

    private static Verdict? SignIn(Question question, Facts facts) => question is { Caller.IsAnonymous: true, Action: not Action.Read }
        ? Verdict.Refuse("SIGN_IN", $"to {question.Verb} a model needs a token", $"sign in and send a token with the scope {question.Scope}", "you")
        : null;

    private static Verdict? Service(Question question, Facts facts) => question.Caller.IsService
        ? Verdict.AllowFinally("SERVICE", $"{question.Caller.Principal.Name} is a service of this garden")
        : null;

    private static Verdict? Scope(Question question, Facts facts) => question.Caller.HasScope(question.Scope)
        ? null
        : Verdict.Refuse("SCOPE_MISSING", $"the token lacks the scope {question.Scope}", $"make a token with it: garden tokens create --scope {question.Scope}", "you");

    private static Verdict? Role(Question question, Facts facts) => (question.Action, question.Caller.Principal.Name) switch
    {
        (Action.Deploy, var name) when !MayDeploy(question.Caller) => Verdict.Refuse(
            "ROLE_MISSING", $"{name} is neither engineer nor admin in {question.Tenant}", $"give {name} the role engineer in {question.Tenant}", $"admin of {question.Tenant}"),
        (Action.Curate, var name) when !question.Caller.IsCurator => Verdict.Refuse(
            "ROLE_MISSING", $"{name} is no curator of the garden", $"give {name} the role curator in {question.Tenant}", "an operator of the garden"),
        (Action.Administer, var name) when !(question.Caller.IsOperator || (question.IsOwner && question.Caller.HasRole(Roles.Admin))) => Verdict.Refuse(
            "ROLE_MISSING",
            $"{name} is no admin of {question.Repository.Owner}, to which {question.Repository} belongs",
            question.IsOwner ? $"give {name} the role admin in {question.Tenant}" : $"ask an admin of {question.Repository.Owner} to do it",
            $"admin of {question.Repository.Owner}"),
        _ => null,
    };

    /// <summary>Grounds that nothing stands against.</summary>
    private static Verdict? Unconditional(Question question, Facts facts) => question switch
    {
        { Action: Action.Read } => Verdict.AllowFinally("READ", "reading about a model needs no licence"),
        { Action: Action.Curate } => Verdict.AllowFinally("CURATOR", $"{question.Caller.Principal.Name} reviews models for this garden"),
        { Action: Action.Administer } => Verdict.AllowFinally("ADMIN", $"{question.Caller.Principal.Name} administers what belongs to {question.Repository.Owner}"),
        { Action: Action.Download, Caller.IsCurator: true } => Verdict.AllowFinally("CURATOR", $"{question.Caller.Principal.Name} reviews models for this garden"),
        _ => null,
    };

    private static Verdict? Owner(Question question, Facts facts) => question.IsOwner ? Verdict.Allow("OWNER", $"{question.Repository} belongs to {question.Tenant}") : null;

    private static List<DecisionStep> PolicySteps(Question question, Facts facts, Verdict? verdict)
    {
        if (!question.IsPolicyMatter)
        {
            return [];
        }

        var steps = PolicyCheck.Steps(question.Subject, facts.Policies).ToList();
        return steps.Count > 0 ? steps : [Rule.Passed(PolicyCheck.Denied, $"no policy of the garden or of {question.Tenant} says who may {question.Verb} models")];
    }

    private static IEnumerable<DecisionStep> LicenseSteps(Question question, Facts facts, Verdict? verdict)
    {
        if (verdict is null)
        {
            return [];
        }

        var passed = question.Licenses.TakeWhile(id => Refusal(question, id, facts) is null).Select(id => facts.Licenses[id] switch
        {
            { RequiresAcceptance: true } license => Rule.Passed("LICENSE_NOT_ACCEPTED", $"{question.Tenant} has accepted {license.Title} ({id})"),
            var license => Rule.Passed("LICENSE_NOT_ACCEPTED", $"{license.Title} ({id}) needs no acceptance"),
        });
        return passed.Append(Rule.StepOf(verdict));
    }

    private static Verdict ByAccess(Question question, GatedRepository gated, Facts facts) => facts.Access switch
    {
        { } request when request.Grants(facts.Now) => Verdict.Allow("ACCESS_GRANTED", $"{Holder(question)} has access to {gated.Name}"),
        { Status: AccessStatus.Pending } when !gated.IsAutomatic => Verdict.Refuse(
            "ACCESS_PENDING", $"the request of {Holder(question)} for access to {gated.Name} is pending", $"accept the request of {question.Holder}", $"the owner of {gated.Name}"),
        { Status: AccessStatus.Rejected } request => Verdict.Refuse(
            "ACCESS_REJECTED",
            $"the request of {Holder(question)} for access to {gated.Name} was rejected{(question.PinnedBy.Length > 0 ? "" : request.Because)}",
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

    private static Verdict? ByQuota(Question question, Facts facts)
    {
        if (question.Action is not Action.Call || facts.Quota?.Exhausted is not { } exhausted)
        {
            return null;
        }

        var now = facts.Now;
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
}
