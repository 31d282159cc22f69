using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;
using ModelGarden.Testing;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Decisions with the store behind them, usage and quotas, on either engine.</summary>
public abstract class DecisionContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Decide_AfterAcceptance_GrantsAndTellsTheTrailOnce()
    {
        await using var garden = await StartAsync();
        var denied = await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "Apache-2.0");
        await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "Apache-2.0");
        await garden.AcceptAsync(People.Admin(), "apache-2.0");

        var granted = await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "Apache-2.0");
        await garden.Garden.RestartAsync(EntitlementModule.Definition);
        await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "Apache-2.0");
        await garden.DecideAsync(People.Engineer(), Action.Call, "meta/llama", "Apache-2.0");

        Assert.Equal((false, "LICENSE_NOT_ACCEPTED", "admin or legal of acme"), (denied.Allowed, denied.Rule, denied.Who));
        Assert.Equal((true, "LICENSE_ACCEPTED"), (granted.Allowed, granted.Rule));
        var told = (await garden.AuditAsync()).Where(record => record.Subject == "meta/llama").Select(record => record.Action);
        Assert.Equal(["download.refuse", "download.grant"], told);
    }

    [Fact]
    public async Task Decide_RefusedOnTheNextDay_IsToldAgain()
    {
        await using var garden = await StartAsync();

        await garden.DecideAsync(People.Engineer(), Action.Call, "meta/llama");
        garden.Clock.Jump(TimeSpan.FromDays(1));
        await garden.DecideAsync(People.Engineer(), Action.Call, "meta/llama");

        Assert.Equal(2, (await garden.AuditAsync()).Count(record => record.Action is "call.refuse"));
    }

    [Fact]
    public async Task Decide_WrongQuestion_IsRefused()
    {
        await using var garden = await StartAsync();
        var client = garden.As(People.Engineer());

        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_ACTION", client.DecideAsync(new() { Resource = new() { Repository = "meta/llama" } }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.InvalidArgument, "BAD_REPOSITORY_NAME", client.DecideAsync(new() { Action = Action.Call }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Decide_CardWithNonsenseForALicense_IsUnknown()
    {
        await using var garden = await StartAsync();

        Assert.Equal("LICENSE_UNKNOWN", (await garden.DecideAsync(People.Engineer(), Action.Download, "meta/llama", "see the website!")).Rule);
    }

    [Fact]
    public async Task ReportUsage_SentAgain_CountsOnce()
    {
        await using var garden = await StartAsync();
        var serving = garden.As(People.Service(ServiceNames.Serving));
        var report = new ReportUsageRequest { Records = { Record(garden, "1"), Record(garden, "2") } };

        var first = await serving.ReportUsageAsync(report, cancellationToken: Cancel);
        report.Records.Add(Record(garden, "3"));
        var second = await serving.ReportUsageAsync(report, cancellationToken: Cancel);

        Assert.Equal((2, 1), (first.Accepted, second.Accepted));
        var usage = await garden.As(People.Engineer()).GetUsageAsync(new(), cancellationToken: Cancel);
        Assert.Equal((3, 30, 60, 300), (usage.Total.Requests, usage.Total.InputTokens, usage.Total.OutputTokens, usage.Total.Milliseconds));
        Assert.Equal(("2026-11-21", "chat", "ann", "meta/llama"), (usage.Rows[0].Day, usage.Rows[0].Endpoint, usage.Rows[0].Account, usage.Rows[0].Repository));
    }

    [Fact]
    public async Task ReportUsage_SameRecordsEightTimesAtOnce_AreCountedOnce()
    {
        await using var garden = await StartAsync();
        var serving = garden.As(People.Service(ServiceNames.Serving));
        var report = new ReportUsageRequest { Records = { Enumerable.Range(0, 50).Select(i => Record(garden, $"r{i}")) } };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => serving.ReportUsageAsync(report, cancellationToken: Cancel).ResponseAsync)));

        Assert.Equal(50, answers.Sum(answer => answer.Accepted));
        var quota = await garden.As(People.Engineer()).GetQuotaAsync(new(), cancellationToken: Cancel);
        Assert.Equal((50, 1500), (quota.RequestsUsedToday, quota.TokensUsedToday));
    }

    [Fact]
    public async Task ReportUsage_OneBadRecord_RefusesAllAndNamesIt()
    {
        await using var garden = await StartAsync();
        var bad = Record(garden, "2");
        bad.InputTokens = -1;

        var message = await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument,
            "BAD_USAGE_RECORD",
            garden.As(People.Service(ServiceNames.Serving)).ReportUsageAsync(new() { Records = { Record(garden, "1"), bad } }, cancellationToken: Cancel));

        Assert.Contains("record 1 ('2')", message, StringComparison.Ordinal);
        Assert.Equal(0, (await garden.As(People.Engineer()).GetUsageAsync(new(), cancellationToken: Cancel)).Total.Requests);
    }

    [Fact]
    public async Task GetUsage_Span_TakesItsBeginningAndNotItsEnd()
    {
        await using var garden = await StartAsync();
        var at = garden.Clock.GetUtcNow();
        await garden.As(People.Service(ServiceNames.Serving)).ReportUsageAsync(new() { Records = { Record(garden, "1") } }, cancellationToken: Cancel);

        var from = await garden.As(People.Engineer()).GetUsageAsync(new() { Since = at.ToTimestamp(), Until = at.AddSeconds(1).ToTimestamp() }, cancellationToken: Cancel);
        var upTo = await garden.As(People.Engineer()).GetUsageAsync(new() { Until = at.ToTimestamp() }, cancellationToken: Cancel);

        Assert.Equal((1, 0), (from.Total.Requests, upTo.Total.Requests));
        await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_SPAN", garden.As(People.Engineer()).GetUsageAsync(new() { Since = at.ToTimestamp(), Until = at.ToTimestamp() }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Decide_QuotaUsedUp_RefusesCallsUntilMidnight()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).SetQuotaAsync(new() { Tenant = "acme", TokensPerDay = 60 }, cancellationToken: Cancel);
        await garden.As(People.Service(ServiceNames.Serving)).ReportUsageAsync(new() { Records = { Record(garden, "1") } }, cancellationToken: Cancel);
        var within = await garden.DecideAsync(People.Engineer(), Action.Call, "acme/own");
        await garden.As(People.Service(ServiceNames.Serving)).ReportUsageAsync(new() { Records = { Record(garden, "2") } }, cancellationToken: Cancel);

        var beyond = await garden.DecideAsync(People.Engineer(), Action.Call, "acme/own");
        var announced = (await garden.FeedAsync()).Single(change => change.Key is "quota/acme").State.Unpack<Quota>();
        garden.Clock.Jump(TimeSpan.FromSeconds(beyond.RetryAfterSeconds));

        Assert.True(within.Allowed);
        Assert.Equal((false, "QUOTA_EXCEEDED", 12 * 3600), (beyond.Allowed, beyond.Rule, beyond.RetryAfterSeconds));
        Assert.Equal((60, 60, 2), (announced.TokensPerDay, announced.TokensUsedToday, announced.RequestsUsedToday));
        Assert.True((await garden.DecideAsync(People.Engineer(), Action.Call, "acme/own")).Allowed);
    }

    private protected abstract Task<EntitlementGarden> StartAsync();

    private static UsageRecord Record(EntitlementGarden garden, string id) => new()
    {
        Id = id,
        Tenant = "acme",
        Account = "ann",
        Endpoint = "chat",
        Repository = "meta/llama",
        Revision = "main",
        Operation = "chat",
        InputTokens = 10,
        OutputTokens = 20,
        Milliseconds = 100,
        At = garden.Clock.GetUtcNow().ToTimestamp(),
        Outcome = "ok",
    };
}

public sealed class SqliteDecisionTests : DecisionContract
{
    private protected override Task<EntitlementGarden> StartAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresDecisionTests : DecisionContract
{
    private protected override async Task<EntitlementGarden> StartAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
