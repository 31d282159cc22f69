using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Rights.Decisions;
using Action = ModelGarden.Contracts.V1.Action;
using Verdict = ModelGarden.Rights.Decisions.Verdict;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>A decision as it is kept: the same one on the same day is counted.</summary>
internal readonly record struct Decided(string Tenant, string Thing, string Account, Action Action, string Rule, string Day) : IComparable<Decided>
{
    /// <summary>As the store has them, so that replicas that write at the same time wait for each other instead of locking each other out.</summary>
    public int CompareTo(Decided other) => Comparer<(string, string, string, Action, string, string)>.Default.Compare(
        (Tenant, Thing, Account, Action, Rule, Day), (other.Tenant, other.Thing, other.Account, other.Action, other.Rule, other.Day));
}

/// <summary>
/// Keeps what was decided, so that a draft of a policy can be tried on it: what people and service accounts asked to download, deploy and call, each different decision once a day with how often it was made.
/// Counted in memory and written every few seconds; a crash loses those.
/// </summary>
internal sealed partial class DecisionTally(
    IDbContextFactory<EntitlementDbContext> contexts, IOptions<DecisionOptions> options, TimeProvider clock, EntitlementMetrics metrics, ILogger<DecisionTally> logger) : BackgroundService
{
    private const int MostAtOnce = 50_000;
    private const int PerTransaction = 1000;
    private const int RememberedReports = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly HashSet<string> _reports = new(StringComparer.Ordinal);
    private readonly Queue<string> _inOrder = [];
    private Dictionary<Decided, long> _counts = [];
    private Dictionary<string, byte[]> _things = [];
    private string _trimmed = "";

    public void Count(Question question, Verdict verdict, DateTimeOffset now)
    {
        if (Decider.IsCounted(question))
        {
            Add(question.Thing, thing => new(Key.Of(question.Tenant), thing, question.Caller.Principal.Name, question.Action, verdict.Rule, Day.Of(now)), 1);
        }
    }

    /// <summary>What another service decided, a report of which counts once: as far back as the last thousand are remembered.</summary>
    public void Count(ToldDecisions told)
    {
        if (!IsNew(told.Id))
        {
            return;
        }

        foreach (var one in told.Decisions)
        {
            Add(one.Thing, thing => new(Key.Of(one.Tenant), thing, one.Account, one.Action, one.Rule, one.Day), one.Count);
            metrics.Decided(Key.Of(one.Action.ToString()), one.Rule, one.Count);
        }
    }

    private bool HasCounted
    {
        get
        {
            lock (_gate)
            {
                return _counts.Count > 0;
            }
        }
    }

    /// <summary>Writes what was counted.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var (counts, things) = Take();
            foreach (var chunk in counts.OrderBy(pair => pair.Key).Chunk(PerTransaction))
            {
                await WriteAsync(chunk, things, cancellationToken);
            }

            await TrimAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (HasCounted)
        {
            await TryFlushAsync(cancellationToken);
        }
    }

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            await TryFlushAsync(stoppingToken);
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // Whatever a store throws: what was counted is lost, and that is no reason to stop deciding.
            if (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    private void Add(Resource resource, Func<string, Decided> decidedOn, long more)
    {
        var content = resource.ToByteArray();
        var thing = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        var decided = decidedOn(thing);
        lock (_gate)
        {
            if (_counts.TryGetValue(decided, out var count) || _counts.Count < MostAtOnce)
            {
                _counts[decided] = count + more;
                _things[thing] = content;
                return;
            }
        }

        metrics.Lost(more);
    }

    private bool IsNew(string report)
    {
        lock (_gate)
        {
            if (!_reports.Add(report))
            {
                return false;
            }

            _inOrder.Enqueue(report);
            return _inOrder.Count <= RememberedReports || _reports.Remove(_inOrder.Dequeue());
        }
    }

    private (Dictionary<Decided, long> Counts, Dictionary<string, byte[]> Things) Take()
    {
        lock (_gate)
        {
            var taken = (_counts, _things);
            (_counts, _things) = ([], []);
            return taken;
        }
    }

    private async Task WriteAsync(KeyValuePair<Decided, long>[] counts, Dictionary<string, byte[]> things, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (var thing in counts.GroupBy(pair => pair.Key.Thing).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            await KeepThingAsync(context, thing.Key, things[thing.Key], thing.Max(pair => pair.Key.Day)!, cancellationToken);
        }

        foreach (var day in counts.GroupBy(pair => (pair.Key.Tenant, pair.Key.Day)).OrderBy(group => group.Key))
        {
            await KeepDayAsync(context, day.Key, [.. day], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static Task<int> KeepThingAsync(EntitlementDbContext context, string id, byte[] content, string day, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO decided_things (id, resource, last_day) VALUES ({id}, {content}, {day})
        ON CONFLICT (id) DO UPDATE SET last_day = excluded.last_day WHERE decided_things.last_day < excluded.last_day
        """,
        cancellationToken);

    /// <summary>The day's row is held from the first: so many are kept of a day, however many replicas write.</summary>
    private async Task KeepDayAsync(EntitlementDbContext context, (string Tenant, string Day) day, KeyValuePair<Decided, long>[] counts, CancellationToken cancellationToken)
    {
        var (tenant, date, sum) = (day.Tenant, day.Day, counts.Sum(pair => pair.Value));
        var kept = (await context.Database.SqlQuery<int>(
            $"""
            INSERT INTO decided_days (tenant, day, decisions, kept, lost) VALUES ({tenant}, {date}, {sum}, 0, 0)
            ON CONFLICT (tenant, day) DO UPDATE SET decisions = decided_days.decisions + excluded.decisions RETURNING kept AS "Value"
            """).ToListAsync(cancellationToken)).Single();
        var (more, lost) = (0, 0L);
        foreach (var (decided, count) in counts)
        {
            if (await AddAsync(context, decided, count, cancellationToken))
            {
                continue;
            }

            if (kept + more < options.Value.PerTenantAndDay)
            {
                await InsertAsync(context, decided, count, cancellationToken);
                more++;
            }
            else
            {
                lost += count;
            }
        }

        if (more > 0 || lost > 0)
        {
            await context.Database.ExecuteSqlAsync($"UPDATE decided_days SET kept = kept + {more}, lost = lost + {lost} WHERE tenant = {tenant} AND day = {date}", cancellationToken);
            metrics.Lost(lost);
        }
    }

    private static async Task<bool> AddAsync(EntitlementDbContext context, Decided decided, long count, CancellationToken cancellationToken) => await context.Database.ExecuteSqlAsync(
        $"""
        UPDATE decided SET count = count + {count} WHERE tenant = {decided.Tenant} AND thing = {decided.Thing} AND account = {decided.Account}
            AND action = {(int)decided.Action} AND rule = {decided.Rule} AND day = {decided.Day}
        """,
        cancellationToken) > 0;

    private static Task<int> InsertAsync(EntitlementDbContext context, Decided decided, long count, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO decided (tenant, thing, account, action, rule, day, count)
        VALUES ({decided.Tenant}, {decided.Thing}, {decided.Account}, {(int)decided.Action}, {decided.Rule}, {decided.Day}, {count})
        """,
        cancellationToken);

    /// <summary>Once a day, what is older than is kept.</summary>
    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_trimmed == Day.Of(now))
        {
            return;
        }

        var first = Day.Of(now.AddDays(-options.Value.Days));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM decided WHERE day < {first}", cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM decided_days WHERE day < {first}", cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM decided_things WHERE last_day < {first}", cancellationToken);
        _trimmed = Day.Of(now);
    }

    [LoggerMessage(1210, LogLevel.Warning, "decisions could not be kept for replays of policies")]
    private partial void LogFailed(Exception exception);
}
