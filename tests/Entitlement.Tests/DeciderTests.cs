using System.Text.RegularExpressions;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Entitlement.Tests;

/// <summary>The rules one by one, and which of them goes before which.</summary>
public sealed partial class DeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 22, 59, 30, TimeSpan.Zero);

    private static readonly Dictionary<string, LicenseFact> Licenses = new()
    {
        ["free"] = new("Free", false, false, null),
        ["signed"] = new("Signed", true, true, null),
        ["open"] = new("Open", true, false, null),
    };

    public static TheoryData<Action, string, bool, string> Rules => new()
    {
        { Action.Download, "anonymous", false, "SIGN_IN" },
        { Action.Deploy, "anonymous", false, "SIGN_IN" },
        { Action.Call, "anonymous", false, "SIGN_IN" },
        { Action.Read, "anonymous", true, "READ" },
        { Action.Call, "service", true, "SERVICE" },
        { Action.Download, "scopeless", false, "SCOPE_MISSING" },
        { Action.Deploy, "scopeless", false, "SCOPE_MISSING" },
        { Action.Call, "scopeless", false, "SCOPE_MISSING" },
        { Action.Deploy, "legal", false, "ROLE_MISSING" },
        { Action.Deploy, "engineer", false, "LICENSE_NOT_ACCEPTED" },
        { Action.Deploy, "owner", true, "OWNER" },
        { Action.Download, "owner", true, "OWNER" },
        { Action.Call, "owner", true, "OWNER" },
        { Action.Download, "curator", true, "CURATOR" },
        { Action.Download, "operator", true, "CURATOR" },
        { Action.Call, "curator", false, "LICENSE_NOT_ACCEPTED" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Decide_WhoAsks_DecidesByTheFirstRuleThatSpeaks(Action action, string who, bool allowed, string rule)
    {
        var verdict = Decide(PrincipalOf(who), action, null, "open");

        Assert.Equal((allowed, rule), (verdict.Allowed, verdict.Rule));
        Assert.DoesNotContain(rule, verdict.Message, StringComparison.Ordinal);
        Assert.Equal(allowed, verdict.MissingStep.Length is 0);
        Assert.Equal(allowed, verdict.Who.Length is 0);
        Assert.True(allowed || verdict.Message.Contains(verdict.Who, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", false, "NO_LICENSE", "its publisher meta")]
    [InlineData("free", true, "LICENSE_FREE", "")]
    [InlineData("signed", true, "LICENSE_ACCEPTED", "")]
    [InlineData("signed free", true, "LICENSE_ACCEPTED", "")]
    [InlineData("signed free open", false, "LICENSE_NOT_ACCEPTED", "admin or legal of acme")]
    [InlineData("strange open", false, "LICENSE_UNKNOWN", "a curator of the garden")]
    public void Decide_Licenses_AllMustBeRight(string licenses, bool allowed, string rule, string who)
    {
        var verdict = Decide(People.Engineer(), Action.Download, null, licenses.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((allowed, rule, who), (verdict.Allowed, verdict.Rule, verdict.Who));
    }

    [Fact]
    public void Decide_NotAccepted_NamesLicenceAndTheCommandThatHelps()
    {
        var verdict = Decide(People.Engineer(), Action.Download, null, "open");

        Assert.Equal("accept open for acme: garden licenses accept open", verdict.MissingStep);
        Assert.Equal(
            "acme has not accepted Open (open), the licence of meta/llama; admin or legal of acme can change that: accept open for acme: garden licenses accept open",
            verdict.Message);
    }

    [Theory]
    [InlineData(0, 0, 5, 5, true)]
    [InlineData(100, 0, 99, 5, true)]
    [InlineData(100, 0, 100, 5, false)]
    [InlineData(0, 5, 100, 4, true)]
    [InlineData(0, 5, 100, 5, false)]
    public void Decide_CallUnderAQuota_IsHeldAgainstWhatWasUsed(long tokens, long requests, long usedTokens, long usedRequests, bool allowed)
    {
        var verdict = Decide(People.Engineer(), Action.Call, new(tokens, requests, usedTokens, usedRequests), "free");

        Assert.Equal(allowed, verdict.Allowed);
        Assert.Equal(allowed ? (0, "LICENSE_FREE") : (3630, "QUOTA_EXCEEDED"), (verdict.RetryAfterSeconds, verdict.Rule));
    }

    [Fact]
    public void Decide_Allowed_MayBeKeptForSecondsUnlessAQuotaCounts()
    {
        Assert.Equal(Now.AddSeconds(5), Decide(People.Engineer(), Action.Call, new(0, 0, 1, 1), "free").ValidUntil);
        Assert.Null(Decide(People.Engineer(), Action.Call, new(9, 0, 1, 1), "free").ValidUntil);
        Assert.Null(Decide(People.Engineer(), Action.Call, null, "open").ValidUntil);
    }

    [Theory]
    [InlineData("engineer", Action.Download, "free", "ACCESS_NOT_REQUESTED", "you")]
    [InlineData("engineer", Action.Deploy, "free", "ACCESS_NOT_REQUESTED", "you")]
    [InlineData("engineer", Action.Call, "free", "ACCESS_NOT_REQUESTED", "you")]
    [InlineData("engineer", Action.Download, "open", "LICENSE_NOT_ACCEPTED", "admin or legal of acme")]
    [InlineData("engineer", Action.Read, "free", "READ", "")]
    [InlineData("owner", Action.Download, "free", "OWNER", "")]
    [InlineData("curator", Action.Download, "free", "CURATOR", "")]
    [InlineData("curator", Action.Call, "free", "ACCESS_NOT_REQUESTED", "you")]
    [InlineData("service", Action.Deploy, "free", "SERVICE", "")]
    [InlineData("anonymous", Action.Download, "free", "SIGN_IN", "you")]
    public void Decide_OfAGatedRepository_AsksForAccessAfterTheLicences(string who, Action action, string license, string rule, string step)
    {
        var gated = new GatedRepository("repo-1", RepositoryName.Create("meta/llama").Value, Contracts.V1.RepositoryKind.Dataset, IsAutomatic: false);
        var question = new Question(new Caller(PrincipalOf(who), ""), action, gated.Name, [license]) { Gated = gated };

        var verdict = Decider.Decide(question, new(Licenses, null, Now));

        Assert.Equal((rule, step), (verdict.Rule, verdict.Who));
        Assert.Equal(rule is "ACCESS_NOT_REQUESTED", verdict.MissingStep is "ask for access at /datasets/meta/llama/ask-access");
    }

    /// <summary>Every refusal there is: an action, who asks, licences, the gate's status, a policy, the quota.</summary>
    public static TheoryData<string, Action, string, string, AccessStatus?, string, bool> Refusals => new()
    {
        { "SIGN_IN", Action.Download, "anonymous", "free", null, "", false },
        { "SCOPE_MISSING", Action.Download, "scopeless", "free", null, "", false },
        { "SCOPE_MISSING", Action.Administer, "scopeless", "free", null, "", false },
        { "ROLE_MISSING", Action.Deploy, "legal", "free", null, "", false },
        { "ROLE_MISSING", Action.Curate, "engineer", "free", null, "", false },
        { "ROLE_MISSING", Action.Administer, "engineer", "free", null, "", false },
        { "ROLE_MISSING", Action.Administer, "owner", "free", null, "", false },
        { "POLICY_DENIED", Action.Download, "owner", "free", null, "rules: [{id: a, effect: deny}]", false },
        { "POLICY_NOT_ALLOWED", Action.Call, "operator", "free", null, "rules: [{id: a, effect: allow, when: {publisher: acme}}]", false },
        { "NO_LICENSE", Action.Download, "engineer", "", null, "", false },
        { "LICENSE_UNKNOWN", Action.Download, "engineer", "strange", null, "", false },
        { "LICENSE_NOT_ACCEPTED", Action.Call, "curator", "open", null, "", false },
        { "ACCESS_NOT_REQUESTED", Action.Download, "engineer", "free", AccessStatus.Unspecified, "", false },
        { "ACCESS_PENDING", Action.Download, "engineer", "free", AccessStatus.Pending, "", false },
        { "ACCESS_REJECTED", Action.Deploy, "engineer", "free", AccessStatus.Rejected, "", false },
        { "QUOTA_EXCEEDED", Action.Call, "owner", "free", null, "", true },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Decide_EveryRefusal_HasWordsWhoCanChangeItAndAnExplanation(string rule, Action action, string who, string license, AccessStatus? access, string policy, bool isUsedUp)
    {
        var resource = new Resource { Repository = "meta/llama", RepositoryId = "repo-1", Kind = RepositoryKind.Model, Gate = access is null ? AccessGate.None : AccessGate.Manual, Licenses = { license.Split(' ', StringSplitOptions.RemoveEmptyEntries) } };
        var question = Question.Create(action, resource, new Caller(PrincipalOf(who), "")).Value;
        var facts = new Facts(Licenses, isUsedUp ? new(0, 5, 0, 5) : null, Now)
        {
            Policies = policy.Length > 0 ? [new("acme", 3, PolicyReader.Read(policy).Value)] : [],
            Access = access is AccessStatus.Pending or AccessStatus.Rejected ? new(access.Value, null) : null,
        };
        var steps = new List<DecisionStep>();

        var verdict = Decider.Decide(question, facts, steps);
        var message = verdict.ToMessage(action, resource);

        Assert.Equal((false, rule), (verdict.Allowed, verdict.Rule));
        Assert.NotEmpty(message.MissingStep);
        Assert.NotEmpty(message.Who);
        Assert.Contains($"; {message.Who} can change that: {message.MissingStep}", message.Message, StringComparison.Ordinal);
        Assert.Equal($"/garden/v1/why?action=ACTION_{action.ToString().ToUpperInvariant()}&repository=meta%2Fllama", message.Why);
        Assert.Equal((rule, StepOutcome.Refused, verdict.Message), (steps[^1].Rule, steps[^1].Outcome, steps[^1].Message));
        Assert.All(steps.SkipLast(1), step => Assert.NotEqual(StepOutcome.Refused, step.Outcome));
        Assert.All(steps, step => Assert.NotEmpty(step.Message));
    }

    /// <summary>A refusal that is added without a line above would go unlooked at.</summary>
    [Fact]
    public void Refusals_AreAllOfTheCode()
    {
        var folders = new[] { "Decisions", "Policies" }.SelectMany(folder => Directory.GetFiles(Repo.PathOf($"libs/Rights/{folder}"), "*.cs"));
        var inCode = folders.SelectMany(file => RefusalPattern.Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value is { Length: > 0 } name ? name : $"POLICY_{match.Groups[2].Value}")
            .Select(name => name switch { "POLICY_Denied" => PolicyCheck.Denied, "POLICY_NotAllowed" => PolicyCheck.NotAllowed, _ => name }).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(inCode, Refusals.Select(row => row.Data.Item1).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Action.Curate, "curator", "CURATOR")]
    [InlineData(Action.Administer, "ownerAdmin", "ADMIN")]
    [InlineData(Action.Administer, "operator", "ADMIN")]
    public void Decide_WhoReviewsOrAdministers_NeedsHisRole(Action action, string who, string rule)
    {
        var verdict = Decide(PrincipalOf(who), action, null);

        Assert.Equal((true, rule), (verdict.Allowed, verdict.Rule));
    }

    [GeneratedRegex(@"Verdict\.Refuse\(\s*(?:""([A-Z_]+)""|(Denied|NotAllowed))")]
    private static partial Regex RefusalPattern { get; }

    private static Verdict Decide(Principal principal, Action action, QuotaState? quota, params string[] licenses) => Decider.Decide(
        new(new Caller(principal, ""), action, RepositoryName.Create("meta/llama").Value, licenses), new(Licenses, quota, Now));

    private static Principal PrincipalOf(string who) => who switch
    {
        "anonymous" => People.Anonymous,
        "service" => People.Service("hub"),
        "scopeless" => new() { Kind = PrincipalKind.Person, Name = "ann", Tenant = "acme", Roles = { Roles.Engineer } },
        "legal" => People.Person("lea", "acme", Roles.Legal),
        "owner" => People.Engineer("META"),
        "ownerAdmin" => People.Admin("meta"),
        "curator" => People.Curator,
        "operator" => People.Operator,
        _ => People.Engineer(),
    };
}
