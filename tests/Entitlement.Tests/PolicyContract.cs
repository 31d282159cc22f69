using System.Globalization;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Policies: set, kept, decided by, explained and tried on what was decided, on either engine.</summary>
public abstract class PolicyContract
{
    private const string NoPickles =
        """
        rules:
          - id: no-pickles
            effect: deny
            because: they run code
            when: {format: [torch, pickle], own: false}
        """;

    private const string OnlyMeta = "rules: [{id: meta-alone, effect: allow, actions: download, when: {publisher: meta}}]";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Set_APolicy_HoldsFromThatMomentAndIsKeptWithAllBeforeIt()
    {
        await using var garden = await StartAsync();
        var before = await DecideAsync(garden, People.Engineer(), Action.Download);
        var first = await SetAsync(garden, People.Admin(), NoPickles, 0);
        var refused = await DecideAsync(garden, People.Engineer(), Action.Download);
        var other = await DecideAsync(garden, People.Engineer("umbrella"), Action.Download);
        var second = await SetAsync(garden, People.Person("lea", "acme", Roles.Legal), OnlyMeta, 1, "a list is easier to read");
        var after = await DecideAsync(garden, People.Engineer(), Action.Download);

        Assert.Equal((true, true, true), (before.Allowed, other.Allowed, after.Allowed));
        Assert.Equal((false, "POLICY_DENIED", "admin or legal of acme"), (refused.Allowed, refused.Rule, refused.Who));
        Assert.Equal(
            "rule 'no-pickles' of the policy of acme (version 1) forbids to download meta/llama, because they run code (format is torch; own is false); "
            + "admin or legal of acme can change that: change the rule 'no-pickles': garden policy set",
            refused.Message);
        Assert.Equal((1, 1, "ada", "acme"), (first.Version, first.Rules, first.Author, first.Tenant));
        var history = (await garden.As(People.Engineer()).ListPolicyVersionsAsync(new(), cancellationToken: Cancel)).Versions;
        Assert.Equal([(2, "lea", "a list is easier to read"), (1, "ada", "to be tested")], history.Select(version => (version.Version, version.Author, version.Reason)));
        Assert.All(history, version => Assert.Empty(version.Text));
        Assert.Equal(NoPickles, (await garden.As(People.Engineer()).GetPolicyAsync(new() { Version = 1 }, cancellationToken: Cancel)).Text);
        Assert.Equal(second, await garden.As(People.Engineer()).GetPolicyAsync(new(), cancellationToken: Cancel));
        Assert.Equal(2, (await garden.AuditAsync()).Count(record => record is { Action: "policy.set", Tenant: "acme" }));
        var told = (await garden.FeedAsync()).Single(change => change.Key is "policy/acme").State.Unpack<Policy>();
        Assert.Equal((2, second.Text), (told.Version, told.Text));
    }

    [Fact]
    public async Task Set_OnAnotherVersionThanStands_IsRefusedAndTheSameTextAgainIsNothingNew()
    {
        await using var garden = await StartAsync();
        await SetAsync(garden, People.Admin(), NoPickles, 0);

        var again = await SetAsync(garden, People.Admin(), NoPickles, 0);
        var message = await EntitlementGarden.RefusedAsync(ErrorCode.Conflict, "POLICY_CHANGED", garden.As(People.Admin()).SetPolicyAsync(new() { Text = OnlyMeta, Reason = "r" }, cancellationToken: Cancel));

        Assert.Equal(1, again.Version);
        Assert.Contains("version 1 of the policy of acme stands, which ada set at", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_ManyAtOnce_OneWins()
    {
        await using var garden = await StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                return (await SetAsync(garden, People.Admin(), $"{OnlyMeta} # {i}", 0)).Version;
            }
            catch (RpcException exception) when (exception.ToError("entitlement").Reason is "POLICY_CHANGED")
            {
                return 0;
            }
        })));

        Assert.Equal(1, results.Sum());
    }

    [Fact]
    public async Task Set_Wrong_SaysWhereAndWho()
    {
        await using var garden = await StartAsync();
        var (admin, engineer) = (garden.As(People.Admin()), garden.As(People.Engineer()));

        var message = await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_POLICY", admin.SetPolicyAsync(new() { Text = "rules:\n- {id: a, effect: maybe}", Reason = "r" }, cancellationToken: Cancel));
        Assert.Equal("line 2, rules[0].effect: allow or deny is expected", message);
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_TEXT", admin.SetPolicyAsync(new() { Text = OnlyMeta }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", engineer.SetPolicyAsync(new() { Text = OnlyMeta, Reason = "r" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", admin.SetPolicyAsync(new() { Garden = true, Text = OnlyMeta, Reason = "r" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_SCOPE", admin.GetPolicyAsync(new() { Garden = true, Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "POLICY_VERSION_NOT_FOUND", engineer.GetPolicyAsync(new() { Version = 7 }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_PAGE", engineer.ListPolicyVersionsAsync(new() { PageSize = 1001 }, cancellationToken: Cancel));
        Assert.Equal(0, (await engineer.GetPolicyAsync(new(), cancellationToken: Cancel)).Version);
    }

    [Fact]
    public async Task AnotherTenantsPolicy_IsNotThere()
    {
        await using var garden = await StartAsync();
        await SetAsync(garden, People.Admin(), NoPickles, 0);
        var stranger = garden.As(People.Admin("umbrella"));

        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.GetPolicyAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.ListPolicyVersionsAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.SetPolicyAsync(new() { Tenant = "acme", Text = OnlyMeta, Reason = "r", ExpectedVersion = 1 }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.WhyAsync(new() { Action = Action.Download, Repository = CatalogDouble.Model, Tenant = "acme", Account = "ann" }, cancellationToken: Cancel));
        var exception = await Assert.ThrowsAsync<RpcException>(() => ReplayAsync(garden, People.Admin("umbrella"), new() { Tenant = "acme", Text = OnlyMeta }));
        Assert.Equal("TENANT_NOT_FOUND", exception.ToError("entitlement").Reason);
        Assert.Equal(NoPickles, (await garden.As(People.Operator).GetPolicyAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).Text);
    }

    [Fact]
    public async Task TheGardensPolicy_StandsOverTheTenants_AndBothMustLetPass()
    {
        await using var garden = await StartAsync();
        await SetAsync(garden, People.Operator, NoPickles, 0, garden: true);
        await SetAsync(garden, People.Admin(), "rules: [{id: all, effect: allow}]", 0);
        var byGarden = await DecideAsync(garden, People.Engineer(), Action.Call);
        await SetAsync(garden, People.Operator, OnlyMeta, 1, garden: true);
        await SetAsync(garden, People.Admin(), "rules: [{id: small, effect: allow, when: {smaller_than: 1 kB}}]", 1);
        var byTenant = await DecideAsync(garden, People.Engineer(), Action.Download);

        Assert.Equal(("POLICY_DENIED", "an operator of the garden"), (byGarden.Rule, byGarden.Who));
        Assert.Equal(("POLICY_NOT_ALLOWED", "admin or legal of acme"), (byTenant.Rule, byTenant.Who));
        Assert.Equal("CURATOR", (await DecideAsync(garden, People.Curator, Action.Download)).Rule);
        Assert.Equal("SERVICE", (await DecideAsync(garden, People.Service("serving"), Action.Call)).Rule);
    }

    [Fact]
    public async Task Replay_ADraft_SaysWhoWouldHaveBeenRefusedWhat()
    {
        await using var garden = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await DecideAsync(garden, People.Engineer(), Action.Download);
        }

        await DecideAsync(garden, People.Engineer("umbrella"), Action.Download);
        await garden.DecideAsync(People.Engineer(), Action.Download, "acme/own");
        await garden.DecideAsync(People.Engineer(), Action.Download, "meta/unlicensed");
        garden.Clock.Jump(TimeSpan.FromDays(2));
        await DecideAsync(garden, People.Person("bob", "acme", Roles.Engineer), Action.Deploy);

        var replay = await ReplayAsync(garden, People.Admin(), new() { Text = NoPickles });
        var all = await ReplayAsync(garden, People.Operator, new() { Garden = true, Text = NoPickles });
        var latest = await ReplayAsync(garden, People.Admin(), new() { Text = NoPickles, Days = 1 });

        Assert.Equal((6, 6), (replay.Decisions, replay.Done));
        Assert.Equal(("2026-10-24", "2026-11-23", 4L, 0L), (replay.Report.FirstDay, replay.Report.LastDay, replay.Report.Refused, replay.Report.Freed));
        Assert.Equal(
            [("ann", Action.Download, 3L, "2026-11-21", "LICENSE_FREE"), ("bob", Action.Deploy, 1L, "2026-11-23", "LICENSE_FREE")],
            replay.Report.Refusals.Select(row => (row.Account, row.Action, row.Count, row.LastDay, row.RuleThen)));
        Assert.StartsWith("rule 'no-pickles' of the policy of acme (draft) forbids to download meta/llama", replay.Report.Refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal((7, 5, 3), (all.Decisions, all.Report.Refused, all.Report.RefusalRows));
        Assert.Equal(["bob"], latest.Report.Refusals.Select(row => row.Account));
        Assert.True((await DecideAsync(garden, People.Engineer(), Action.Download)).Allowed);
    }

    [Fact]
    public async Task Replay_OfAMilderDraft_SaysWhoIsNoLongerRefusedUnlessAnotherPolicyWould()
    {
        await using var garden = await StartAsync();
        await SetAsync(garden, People.Admin(), NoPickles, 0);
        await SetAsync(garden, People.Operator, "rules: [{id: no-calls, effect: deny, actions: call}]", 0, garden: true);
        await DecideAsync(garden, People.Engineer(), Action.Download);
        await DecideAsync(garden, People.Engineer(), Action.Call);

        var replay = await ReplayAsync(garden, People.Admin(), new() { Text = "" });

        Assert.Equal((0, 1), (replay.Report.Refused, replay.Report.Freed));
        Assert.Equal((Action.Download, "POLICY_DENIED"), (Assert.Single(replay.Report.Freedoms).Action, replay.Report.Freedoms[0].RuleThen));
    }

    [Fact]
    public async Task Replay_Wrong_IsRefused()
    {
        await using var garden = await StartAsync();

        Assert.Equal("BAD_DAYS", await ReasonAsync(() => ReplayAsync(garden, People.Admin(), new() { Days = 31 })));
        Assert.Equal("BAD_POLICY", await ReasonAsync(() => ReplayAsync(garden, People.Admin(), new() { Text = "rules: 7" })));
        Assert.Equal("ROLE_MISSING", await ReasonAsync(() => ReplayAsync(garden, People.Admin(), new() { Garden = true })));
        Assert.Equal("ROLE_MISSING", await ReasonAsync(() => ReplayAsync(garden, People.Engineer(), new())));
    }

    [Fact]
    public async Task Decisions_AreKeptForAMonthAndUpToABound()
    {
        await using var garden = await StartAsync();
        garden.Garden.Change("Entitlement:Decisions:PerTenantAndDay", "100");
        await garden.Garden.RestartAsync(EntitlementModule.Definition);
        for (var i = 0; i < 103; i++)
        {
            await DecideAsync(garden, People.Person(string.Create(CultureInfo.InvariantCulture, $"a{i}"), "acme", Roles.Engineer), Action.Download);
        }

        var full = await ReplayAsync(garden, People.Admin(), new() { Text = NoPickles });
        garden.Clock.Jump(TimeSpan.FromDays(31));
        await DecideAsync(garden, People.Engineer(), Action.Download);
        var later = await ReplayAsync(garden, People.Admin(), new() { Text = NoPickles });

        Assert.Equal((103, 100, 3), (full.Decisions, full.Report.Refused, full.Report.Lost));
        Assert.Equal((1, 1, 0), (later.Decisions, later.Report.Refused, later.Report.Lost));
        Assert.Equal(1, await CountAsync(garden));
    }

    [Fact]
    public async Task Decisions_OfAServiceThatIsStopped_AreKept()
    {
        await using var garden = await StartAsync();
        await DecideAsync(garden, People.Engineer(), Action.Download);

        await garden.Garden.RestartAsync(EntitlementModule.Definition);

        Assert.Equal(1, (await ReplayAsync(garden, People.Admin(), new() { Text = NoPickles })).Report.Refused);
    }

    [Fact]
    public async Task Why_OfARefusal_IsAtItsAddressAndTellsEachRuleInOrder()
    {
        await using var garden = await StartAsync();
        await SetAsync(garden, People.Operator, "rules: [{id: general, effect: deny, when: {rating: explicit}}]", 0, garden: true);
        await SetAsync(garden, People.Admin(), "rules: [{id: big, effect: allow, when: {larger_than: 1 GB}}, {id: meta, effect: allow, when: {publisher: meta}}]", 0);
        var resource = Resource.Of(CatalogDouble.Describe(AccessGate.Manual, "apache-2.0"));
        var decision = await garden.As(People.Engineer()).DecideAsync(new() { Action = Action.Download, Resource = resource }, cancellationToken: Cancel);

        var why = await garden.As(People.Engineer()).WhyAsync(new() { Action = Action.Download, Repository = CatalogDouble.Model, Revision = CatalogDouble.Commit }, cancellationToken: Cancel);

        Assert.Equal($"/garden/v1/why?action=ACTION_DOWNLOAD&repository=meta%2Fllama&revision={CatalogDouble.Commit}", decision.Why);
        Assert.Equal(decision, why.Decision);
        Assert.Equal(resource, why.Resource);
        Assert.Equal(("ann", "acme", "engineer"), (why.Account, why.Tenant, Assert.Single(why.Roles)));
        Assert.Equal(
            ["SIGN_IN", "SCOPE_MISSING", "POLICY_DENIED general", "POLICY_NOT_ALLOWED big", "POLICY_NOT_ALLOWED meta", "OWNER", "LICENSE_NOT_ACCEPTED"],
            why.Steps.Select(step => $"{step.Rule} {step.PolicyRule}".TrimEnd()));
        Assert.Equal("rule 'big' of the policy of acme (version 1) does not allow it: it has 2,000 bytes, the rule is for larger_than: 1 GB", why.Steps[3].Message);
        Assert.Equal(("acme", 1, StepOutcome.Passed), (why.Steps[3].PolicyTenant, why.Steps[3].PolicyVersion, why.Steps[3].Outcome));
        Assert.Equal((StepOutcome.Refused, decision.Message), (why.Steps[^1].Outcome, why.Steps[^1].Message));
    }

    [Fact]
    public async Task Why_OfAnEndpoint_ExplainsTheCall()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).PutLicenseAsync(new() { Id = "mit", Title = "MIT", Text = "free", RequiresAcceptance = false }, cancellationToken: Cancel);

        var why = await garden.As(People.Engineer()).WhyAsync(new() { Action = Action.Call, Endpoint = "chat" }, cancellationToken: Cancel);

        Assert.Equal(("ACCESS_NOT_REQUESTED", "bob", "/garden/v1/why?action=ACTION_CALL&endpoint=chat"), (why.Decision.Rule, why.Decision.Who, why.Decision.Why));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_QUESTION", garden.As(People.Engineer()).WhyAsync(new() { Action = Action.Download, Endpoint = "chat" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Why_OfAnother_IsForAdminsOfHisTenantAndOperators()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "bob", Roles = { Roles.Legal } }, cancellationToken: Cancel);
        var question = new WhyRequest { Action = Action.Deploy, Repository = CatalogDouble.Model, Account = "BOB", Tenant = "acme" };

        var toAdmin = await garden.As(People.Admin()).WhyAsync(question, cancellationToken: Cancel);
        var toOperator = await garden.As(People.Operator).WhyAsync(question, cancellationToken: Cancel);

        Assert.Equal(("bob", "acme", "ROLE_MISSING"), (toAdmin.Account, toAdmin.Tenant, toAdmin.Decision.Rule));
        Assert.Equal(toAdmin, toOperator);
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "NOT_YOURS_TO_EXPLAIN", garden.As(People.Engineer()).WhyAsync(question, cancellationToken: Cancel));
        question.Account = "nobody";
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "MEMBER_NOT_FOUND", garden.As(People.Admin()).WhyAsync(question, cancellationToken: Cancel));
        question.Repository = "meta/hidden";
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "MEMBER_NOT_FOUND", garden.As(People.Admin()).WhyAsync(question, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "REPOSITORY_NOT_FOUND", garden.As(People.Engineer()).WhyAsync(new() { Action = Action.Download, Repository = "meta/hidden" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_ACTION", garden.As(People.Engineer()).WhyAsync(new() { Repository = CatalogDouble.Model }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Why_Asked_IsNoDecision()
    {
        await using var garden = await StartAsync();

        await garden.As(People.Engineer()).WhyAsync(new() { Action = Action.Download, Repository = CatalogDouble.Model }, cancellationToken: Cancel);

        Assert.Equal(0, (await ReplayAsync(garden, People.Admin(), new())).Decisions);
        Assert.DoesNotContain(await garden.AuditAsync(), record => record.Action is "download.refuse");
    }

    private protected abstract Task<EntitlementGarden> StartAsync();

    private static async Task<Policy> SetAsync(EntitlementGarden started, Principal by, string text, int expected, string reason = "to be tested", bool garden = false) =>
        await started.As(by).SetPolicyAsync(new() { Garden = garden, Text = text, Reason = reason, ExpectedVersion = expected }, cancellationToken: Cancel);

    /// <summary>Of a model of pickles whose licence is free, without a gate.</summary>
    private static async Task<Decision> DecideAsync(EntitlementGarden garden, Principal principal, Action action)
    {
        await garden.As(People.Operator).PutLicenseAsync(new() { Id = "free-1.0", Title = "Free", Text = "free" }, cancellationToken: Cancel);
        return await garden.As(principal).DecideAsync(new() { Action = action, Resource = Resource.Of(CatalogDouble.Describe(AccessGate.None, "free-1.0")) }, cancellationToken: Cancel);
    }

    /// <summary>The last message, which has the report.</summary>
    private static async Task<ReplayProgress> ReplayAsync(EntitlementGarden garden, Principal by, ReplayPolicyRequest request)
    {
        using var call = garden.As(by).ReplayPolicy(request, cancellationToken: Cancel);
        var last = new ReplayProgress();
        while (await call.ResponseStream.MoveNext(Cancel))
        {
            Assert.True(call.ResponseStream.Current.Done >= last.Done);
            last = call.ResponseStream.Current;
        }

        Assert.NotNull(last.Report);
        return last;
    }

    private static async Task<string> ReasonAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).ToError("entitlement").Reason;

    private static async Task<int> CountAsync(EntitlementGarden garden)
    {
        await garden.Part<DecisionTally>().FlushAsync(Cancel);
        await using var context = await garden.Part<IDbContextFactory<EntitlementDbContext>>().CreateDbContextAsync(Cancel);
        return (await context.Database.SqlQuery<int>($"SELECT CAST(COUNT(*) AS INTEGER) AS \"Value\" FROM decided_things").ToListAsync(Cancel)).Single();
    }
}

public sealed class SqlitePolicyTests : PolicyContract
{
    private protected override Task<EntitlementGarden> StartAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresPolicyTests : PolicyContract
{
    private protected override async Task<EntitlementGarden> StartAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
