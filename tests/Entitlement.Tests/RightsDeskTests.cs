using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Local;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Entitlement.Tests;

/// <summary>A service that follows Entitlement: what it decides by itself, what it asks, and what it does when neither is to be had.</summary>
public sealed class RightsDeskTests : IAsyncLifetime
{
    private static readonly Resource Model = new() { Repository = "meta/llama", RepositoryId = "repo-1", Kind = RepositoryKind.Model, Licenses = { "llama3" } };
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly MeterListener _listener = new();
    private TestGarden _garden = null!;
    private long _asked;

    private static CancellationToken Cancel => Patience.Cancel;

    private static ServiceDefinition Asking { get; } = new(ServiceNames.Serving, builder => builder.Services.AddRights(), _ => { });

    private RightsDesk Desk => _garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsDesk>();

    public async ValueTask InitializeAsync()
    {
        _garden = await TestGarden.StartAsync(null, _clock, null, EntitlementModule.Definition, Asking);
        await As(People.Operator).CreateTenantAsync(new() { Name = "acme" }, cancellationToken: Cancel);
        await As(People.Operator).PutLicenseAsync(new() { Id = "llama3", Title = "Llama 3", Text = "text", RequiresAcceptance = true }, cancellationToken: Cancel);
        await AcceptAsync();
        await HeardAsync();
        _listener.SetMeasurementEventCallback<long>((_, decisions, tags, _) => _asked += tags[0].Value is "asked" ? decisions : 0);
        _listener.EnableMeasurementEvents(_garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsMetrics>().Decisions);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Download_TheFirst_IsInTheTrail_OthersCostNoCall()
    {
        var first = await DecideAsync(Action.Download);
        var asked = _asked;
        var second = await DecideAsync(Action.Download);

        Assert.Equal((true, "LICENSE_ACCEPTED", first), (first.Allowed, first.Rule, new Decision(second) { ValidUntil = first.ValidUntil }));
        Assert.Equal((1, asked), (asked, _asked));
        var trail = (await As(People.Operator).ListAuditAsync(new() { PageSize = 1000 }, cancellationToken: Cancel)).Records;
        Assert.Single(trail, record => record.Action is "download.grant");
    }

    [Fact]
    public async Task Call_Allowed_CostsNoCallEvenTheFirstTime()
    {
        Assert.True((await DecideAsync(Action.Call)).Allowed);

        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task Withdrawal_Told_IsRefusedInEntitlementsWords()
    {
        await As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "llama3" }, cancellationToken: Cancel);
        await HeardAsync();

        var decision = await DecideAsync(Action.Call);

        Assert.Equal((false, "LICENSE_NOT_ACCEPTED", 1L), (decision.Allowed, decision.Rule, _asked));
        Assert.StartsWith("/garden/v1/why?", decision.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfWhatHasNotArrivedHereYet_IsNone()
    {
        await As(People.Admin()).WithdrawAcceptanceAsync(new() { Id = "llama3" }, cancellationToken: Cancel);
        await HeardAsync();
        await AcceptAsync();

        Assert.True((await DecideAsync(Action.Call)).Allowed);
    }

    [Fact]
    public async Task Entitlement_Down_IsDoneWithout_ForAsLongAsIsTrusted()
    {
        Assert.True((await DecideAsync(Action.Download)).Allowed);
        await _garden.StopAsync(ServiceNames.Entitlement);

        Assert.True((await DecideAsync(Action.Call)).Allowed);
        Assert.True((await DecideAsync(Action.Download)).Allowed);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True((await DecideAsync(Action.Call)).Allowed);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        var refused = await Assert.ThrowsAsync<ErrorException>(async () => await DecideAsync(Action.Call));
        Assert.Equal((ErrorCode.Unavailable, "RIGHTS_NOT_KNOWN"), (refused.Error.Code, refused.Error.Reason));
        Assert.Contains("is older than 1 s: try again shortly", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entitlement_Down_AFirstDownloadWaitsForIt_AndARefusalStands()
    {
        await _garden.StopAsync(ServiceNames.Entitlement);

        var first = await Assert.ThrowsAsync<ErrorException>(async () => await DecideAsync(Action.Download));
        var stranger = await Desk.DecideAsync(Caller(People.Engineer("umbrella")), Action.Call, Model, Cancel);

        Assert.Equal("RIGHTS_NOT_KNOWN", first.Error.Reason);
        Assert.Contains("told of the first time", first.Error.Message, StringComparison.Ordinal);
        Assert.Equal((false, "LICENSE_NOT_ACCEPTED"), (stranger.Allowed, stranger.Rule));
    }

    [Fact]
    public async Task Anonymous_IsRefusedWithoutACall()
    {
        var decision = await Desk.DecideAsync(Caller(People.Anonymous), Action.Download, Model, Cancel);

        Assert.Equal((false, "SIGN_IN", 0L), (decision.Allowed, decision.Rule, _asked));
    }

    [Fact]
    public async Task TokenOfAnotherRepository_IsRefused()
    {
        var bound = new Principal(People.Engineer()) { Repository = "meta/another" };

        var refused = await Assert.ThrowsAsync<ErrorException>(async () => await Desk.DecideAsync(Caller(bound), Action.Call, Model, Cancel));

        Assert.Equal("OTHER_REPOSITORY", refused.Error.Reason);
    }

    [Fact]
    public async Task Quota_AndFirstSeat_AreEntitlementsToGive()
    {
        await As(People.Operator).SetQuotaAsync(new() { Tenant = "acme", RequestsPerDay = 5 }, cancellationToken: Cancel);
        await As(People.Operator).PutLicenseAsync(new() { Id = "deal", Title = "Deal", Text = "ours", RequiresContract = true }, cancellationToken: Cancel);
        var now = _clock.GetUtcNow();
        await As(People.Operator).PutContractAsync(
            new() { Id = "c", Partner = "Partner", License = "deal", Tenants = { "acme" }, StartsAt = now.ToTimestamp(), EndsAt = now.AddDays(1).ToTimestamp(), Seats = 1 }, cancellationToken: Cancel);
        await HeardAsync();
        var deal = new Resource(Model) { Licenses = { "deal" } };

        await DecideAsync(Action.Call);
        Assert.Equal(1, _asked);
        await Desk.DecideAsync(Caller(People.Engineer()), Action.Deploy, deal, Cancel);
        await HeardAsync();
        Assert.True((await Desk.DecideAsync(Caller(People.Engineer()), Action.Deploy, deal, Cancel)).Allowed);
        Assert.Equal(2, _asked);
        Assert.Equal("SEATS_TAKEN", (await Desk.DecideAsync(Caller(People.Person("bob", "acme", Roles.Engineer)), Action.Deploy, deal, Cancel)).Rule);
    }

    [Fact]
    public async Task Counts_AreTold_AndAPolicyIsTriedOnThem()
    {
        var counts = _garden.PartsOf(ServiceNames.Serving).GetRequiredService<DecisionCounts>();
        for (var i = 0; i < 3; i++)
        {
            await DecideAsync(Action.Call);
        }

        await counts.TellAsync(Cancel);
        await counts.TellAsync(Cancel);

        await _garden.PartsOf(ServiceNames.Entitlement).GetRequiredService<DecisionTally>().FlushAsync(Cancel);
        using var replay = As(People.Admin()).ReplayPolicy(new() { Text = "rules: [{id: none, effect: deny}]" }, cancellationToken: Cancel);
        var report = new ReplayReport();
        while (await replay.ResponseStream.MoveNext(Cancel))
        {
            report = replay.ResponseStream.Current.Report ?? report;
        }

        Assert.Equal((3, 1), (report.Refused, report.RefusalRows));
        Assert.Equal((Action.Call, "ann", "meta/llama", "LICENSE_ACCEPTED"), (report.Refusals[0].Action, report.Refusals[0].Account, report.Refusals[0].Repository, report.Refusals[0].RuleThen));
    }

    [Fact]
    public async Task Counts_ThatCannotBeTold_AreKept_RefusalsToo()
    {
        await As(People.Operator).CreateTenantAsync(new() { Name = "umbrella" }, cancellationToken: Cancel);
        var counts = _garden.PartsOf(ServiceNames.Serving).GetRequiredService<DecisionCounts>();
        await DecideAsync(Action.Call);
        await _garden.StopAsync(ServiceNames.Entitlement);
        await counts.TellAsync(Cancel);
        Assert.False((await Desk.DecideAsync(Caller(People.Engineer("umbrella")), Action.Call, Model, Cancel)).Allowed);
        await _garden.RestartAsync(EntitlementModule.Definition);

        await counts.TellAsync(Cancel);

        Assert.Equal(1, await KeptAsync("acme"));
        Assert.Equal(1, await KeptAsync("umbrella"));
    }

    [Fact]
    public async Task Counts_ThatAreRefused_HoldNothingUp()
    {
        var counts = _garden.PartsOf(ServiceNames.Serving).GetRequiredService<DecisionCounts>();
        counts.Count(Question.Create(Action.Call, Model, Caller(People.Engineer())).Value, Model, new string('x', 100), _clock.GetUtcNow());
        await counts.TellAsync(Cancel);
        await DecideAsync(Action.Call);

        await counts.TellAsync(Cancel);

        Assert.Equal(1, await KeptAsync("acme"));
    }

    [Fact]
    public async Task Entitlement_Slow_IsAskedAThousandAtOnce_AndNoMore()
    {
        var slow = new SlowEntitlement();
        await using var garden = await TestGarden.StartAsync(null, _clock, null, slow.Definition, Asking);
        var desk = garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsDesk>();
        var waiting = Enumerable.Range(0, 1000).Select(_ => desk.DecideAsync(Caller(People.Engineer()), Action.Call, Model, Cancel).AsTask()).ToList();

        var refused = await Assert.ThrowsAsync<ErrorException>(async () => await desk.DecideAsync(Caller(People.Engineer()), Action.Call, Model, Cancel));
        slow.Answer.SetResult(new() { Allowed = true, Rule = "OWNER" });

        Assert.Equal("RIGHTS_NOT_KNOWN", refused.Error.Reason);
        Assert.All(await Task.WhenAll(waiting), decision => Assert.True(decision.Allowed));
        Assert.True((await desk.DecideAsync(Caller(People.Engineer()), Action.Call, Model, Cancel)).Allowed);
    }

    [Theory]
    [InlineData("", "acme", Action.Call, "2026-11-21", 1, "BAD_TEXT")]
    [InlineData("id", "a b", Action.Call, "2026-11-21", 1, "BAD_TENANT_NAME")]
    [InlineData("id", "acme", Action.Read, "2026-11-21", 1, "BAD_ACTION")]
    [InlineData("id", "acme", Action.Call, "yesterday", 1, "BAD_REPORT")]
    [InlineData("id", "acme", Action.Call, "2026-11-21", 0, "BAD_REPORT")]
    public async Task TellDecisions_Wrong_IsRefused(string id, string tenant, Action action, string day, long count, string reason) => await EntitlementGarden.RefusedAsync(
        ErrorCode.InvalidArgument,
        reason,
        As(People.Service(ServiceNames.Serving)).TellDecisionsAsync(
            new() { Id = id, Decisions = { new DecisionCount { Tenant = tenant, Account = "ann", Action = action, Resource = Model, Rule = "OWNER", Day = day, Count = count } } }, cancellationToken: Cancel));

    [Fact]
    public async Task TellDecisions_ByAPerson_IsRefused() => await EntitlementGarden.RefusedAsync(
        ErrorCode.PermissionDenied, "SERVICES_ONLY", As(People.Operator).TellDecisionsAsync(new() { Id = "id" }, cancellationToken: Cancel));

    private Contracts.V1.Entitlement.EntitlementClient As(Principal principal) => new(_garden.As(principal, ServiceNames.Entitlement));

    private Caller Caller(Principal principal) => new(principal, TestGarden.TokenOf(principal, _clock));

    private ValueTask<Decision> DecideAsync(Action action) => Desk.DecideAsync(Caller(People.Engineer()), action, Model, Cancel);

    /// <summary>How many decisions of a tenant a draft would be tried on.</summary>
    private async Task<long> KeptAsync(string tenant)
    {
        await _garden.PartsOf(ServiceNames.Entitlement).GetRequiredService<DecisionTally>().FlushAsync(Cancel);
        using var replay = As(People.Admin(tenant)).ReplayPolicy(new() { Text = "" }, cancellationToken: Cancel);
        Assert.True(await replay.ResponseStream.MoveNext(Cancel));
        return replay.ResponseStream.Current.Decisions;
    }

    private async Task AcceptAsync()
    {
        var text = await As(People.Admin()).GetLicenseAsync(new() { Id = "llama3" }, cancellationToken: Cancel);
        await As(People.Admin()).AcceptLicenseAsync(new() { Id = "llama3", TextSha256 = text.TextSha256 }, cancellationToken: Cancel);
    }

    /// <summary>Until all that has changed so far has arrived.</summary>
    private async Task HeardAsync()
    {
        using var call = new ChangeFeed.ChangeFeedClient(_garden.As(People.Service(ServiceNames.Serving), ServiceNames.Entitlement)).Watch(new() { From = -1 }, cancellationToken: Cancel);
        CaughtUp? newest = null;
        while (newest is null && await call.ResponseStream.MoveNext(Cancel))
        {
            newest = call.ResponseStream.Current.CaughtUp;
        }

        var feed = _garden.PartsOf(ServiceNames.Serving).GetRequiredService<RightsFeed>();
        while (feed.Book is null || feed.Position < newest!.Sequence)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Tells nothing in its feed, and answers when it is told to.</summary>
    private sealed class SlowEntitlement
    {
        public TaskCompletionSource<Decision> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ServiceDefinition Definition => new(
            ServiceNames.Entitlement, builder => builder.Services.AddSingleton(this), app => app.MapGarden<Calls>(Contracts.V1.Entitlement.Descriptor));

        private sealed class Calls(SlowEntitlement slow) : Contracts.V1.Entitlement.EntitlementBase
        {
            public override Task<Decision> Decide(DecideRequest request, ServerCallContext context) => slow.Answer.Task;
        }
    }
}
