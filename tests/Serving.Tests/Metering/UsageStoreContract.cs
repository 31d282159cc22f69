using System.Net;
using System.Net.Http.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Serving.Endpoints;
using ModelGarden.Serving.Metering;
using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests.Metering;

/// <summary>What holds for usage on its way to Entitlement, in either engine.</summary>
public abstract class UsageStoreContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly DeploymentDouble _deployment = new();
    private readonly EntitlementDouble _entitlement = new() { Feed = new() };
    private readonly ManualClock _clock = new(Noon);
    private TestDatabase? _database;
    private TestGarden? _garden;

    protected static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _database = await DatabaseAsync();
        _garden = await TestGarden.StartAsync(_database, _clock, null, _deployment.Definition, _entitlement.Definition, ServingModule.Definition);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (_garden?.DisposeAsync() ?? default);
        await (_database?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task Call_EntitlementDown_IsStillReportedAfterRestarts()
    {
        _entitlement.IsDown = true;
        await using var engine = await EngineDouble.StartAsync(context => EngineDouble.WriteAsync(context, EngineDouble.Last(5, 6), "[DONE]"));
        await CallAsync(engine);
        await RefusedAsync();

        await _garden!.RestartAsync(ServingModule.Definition);
        await RefusedAsync();
        _entitlement.IsDown = false;
        await _garden!.RestartAsync(ServingModule.Definition);

        var record = await UsageAsync();
        Assert.Equal((5, 6, "ok", "chat", "acme", "kjv"), (record.InputTokens, record.OutputTokens, record.Outcome, record.Operation, record.Tenant, record.Endpoint));
    }

    [Fact]
    public async Task Kept_ManyAtOnce_AreEachReportedOnceAndForgotten()
    {
        // More than a batch of either side takes.
        var records = Enumerable.Range(0, 1203).Select(i => Usage($"{i}")).ToList();
        await Task.WhenAll(records.Select(KeepAsync)).InTimeAsync();

        var reported = new List<UsageRecord>();
        while (reported.Count < records.Count)
        {
            reported.Add(await UsageAsync());
        }

        await NothingLeftAsync();
        Assert.Equal(records.OrderBy(record => record.Id, StringComparer.Ordinal), reported.OrderBy(record => record.Id, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Kept_WhileEntitlementIsDown_AreReportedOldestFirst()
    {
        _entitlement.IsDown = true;
        await KeepAsync(Usage("late", Noon.AddSeconds(2)));
        await RefusedAsync();
        await KeepAsync(Usage("early", Noon));
        await KeepAsync(Usage("between", Noon.AddSeconds(1)));
        _entitlement.IsDown = false;

        await PassPauseAsync(failures: 1);

        Assert.Equal(["early", "between", "late"], [(await UsageAsync()).Id, (await UsageAsync()).Id, (await UsageAsync()).Id]);
    }

    [Fact]
    public async Task Report_EntitlementDown_IsTriedAgainAfterGrowingPauses()
    {
        _entitlement.IsDown = true;
        await KeepAsync(Usage("one"));
        Assert.Equal(1, await RefusedAsync());
        await PassPauseAsync(failures: 1);
        Assert.Equal(1, await RefusedAsync());
        _entitlement.IsDown = false;
        await PassPauseAsync(failures: 2);

        Assert.Equal("one", (await UsageAsync()).Id);
        await NothingLeftAsync();
    }

    [Fact]
    public async Task Store_Away_TellsTheCaller_AndIsUsedAgainWhenItIsBack()
    {
        var look = await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        await ExecuteAsync("ALTER TABLE usage_outbox RENAME TO hidden");
        await Assert.ThrowsAsync<DbUpdateException>(() => KeepAsync(Usage("lost")));
        // The sender looks, and fails too.
        _clock.Advance(look);
        await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(3.75), TimeSpan.FromSeconds(6.25));
        await ExecuteAsync("ALTER TABLE hidden RENAME TO usage_outbox");

        await KeepAsync(Usage("kept"));
        await PassPauseAsync(failures: 1);

        Assert.Equal("kept", (await UsageAsync()).Id);
    }

    protected static UsageRecord Usage(string id, DateTimeOffset? at = null) => new()
    {
        Id = id,
        Tenant = "acme",
        Account = "ann",
        Endpoint = "kjv",
        Repository = "garden/kjv-llama",
        Revision = "r1",
        Operation = "chat",
        InputTokens = long.MaxValue,
        OutputTokens = 1,
        Outcome = "ok",
        At = Timestamp.FromDateTimeOffset(at ?? Noon),
    };

    protected Task KeepAsync(UsageRecord record) => Part<UsageOutbox>().KeepAsync(record, Cancel).InTimeAsync();

    protected async Task<UsageRecord> UsageAsync() => await _entitlement.Usage.Reader.ReadAsync(Cancel).AsTask().InTimeAsync("the next usage that Entitlement is told");

    protected async Task ExecuteAsync(string sql)
    {
        await using var context = await Part<IDbContextFactory<ServingDbContext>>().CreateDbContextAsync(Cancel);
        await context.Database.ExecuteSqlRawAsync(sql, Cancel);
    }

    /// <summary>The database of a test; null: SQLite in the garden's folder.</summary>
    protected abstract Task<TestDatabase?> DatabaseAsync();

    private T Part<T>()
        where T : notnull => _garden!.PartsOf(ServiceNames.Serving).GetRequiredService<T>();

    private async Task<int> RefusedAsync() => await _entitlement.Refused.Reader.ReadAsync(Cancel).AsTask().InTimeAsync("a report that Entitlement refuses");

    /// <summary>Lets the sender's pause after so many failures pass.</summary>
    private async Task PassPauseAsync(int failures) =>
        _clock.Advance(await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(3.75) * failures, TimeSpan.FromSeconds(6.25) * failures));

    /// <summary>Empty once the sender waits for more: it deletes what it has reported before it does.</summary>
    private async Task NothingLeftAsync()
    {
        await _clock.WhenAwaitedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        await using var context = await Part<IDbContextFactory<ServingDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Equal(0, await context.Outbox.CountAsync(Cancel));
    }

    private async Task CallAsync(EngineDouble engine)
    {
        var endpoint = new Endpoint { Tenant = "acme", Name = "kjv", State = EndpointState.Ready, Protocol = "openai", Repository = "garden/kjv-llama", Revision = "r1" };
        endpoint.Replicas.Add(new Replica { Id = "first", State = ReplicaState.Ready, Address = engine.Address });
        var known = Part<EndpointTable>().NextChange(endpoint.Tenant, endpoint.Name);
        _deployment.Tell(endpoint);
        await known.InTimeAsync();

        using var client = _garden!.Http(ServiceNames.Serving, People.Engineer());
        using var response = await client.PostAsJsonAsync("/v1/chat/completions", new { model = "kjv", stream = true, messages = Array.Empty<object>() }, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}

public sealed class SqliteUsageStoreTests : UsageStoreContract
{
    protected override Task<TestDatabase?> DatabaseAsync() => Task.FromResult<TestDatabase?>(null);
}

public sealed class PostgresUsageStoreTests : UsageStoreContract
{
    /// <summary>EF Core wraps what the driver calls transient into an exception that is no <c>DbException</c>.</summary>
    [Fact]
    public async Task Store_FailsForTheMoment_TellsTheCallerAndGoesOn()
    {
        await ExecuteAsync("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'for the moment' USING ERRCODE = 'deadlock_detected'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON usage_outbox EXECUTE FUNCTION refuse();
            """);
        await Assert.ThrowsAsync<InvalidOperationException>(() => KeepAsync(Usage("lost")));
        await ExecuteAsync("DROP TRIGGER refuse ON usage_outbox");

        await KeepAsync(Usage("kept"));

        Assert.Equal("kept", (await UsageAsync()).Id);
    }

    protected override async Task<TestDatabase?> DatabaseAsync() => await TestDatabase.CreateAsync();
}
