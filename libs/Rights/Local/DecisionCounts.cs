using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Calls;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Rights.Local;

/// <summary>
/// Counts what was decided here, and tells Entitlement every two seconds, for trying policies on it. Of 50,000 different ones at once at most, others are lost, and so is what a crash takes; what could not be
/// told is kept for the next time.
/// </summary>
internal sealed partial class DecisionCounts(Peers peers, TimeProvider clock, RightsMetrics metrics, ILogger<DecisionCounts> logger) : BackgroundService
{
    private const int MostAtOnce = 50_000;
    private const int PerCall = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private Dictionary<Counted, Kept> _counts = [];

    public void Count(Question question, Resource resource, string rule, DateTimeOffset now)
    {
        if (Decider.IsCounted(question))
        {
            Add(new(question.Tenant, question.Caller.Principal.Name, question.Action, resource, rule, DateOnly.FromDateTime(now.UtcDateTime)), question, 1);
        }
    }

    /// <summary>Tells what was counted so far.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        foreach (var some in Take().Chunk(PerCall))
        {
            await TellAsync(some, cancellationToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(Pause, clock, TellAsync, LogFailed, stoppingToken);

    private async Task TellAsync(KeyValuePair<Counted, Kept>[] counts, CancellationToken cancellationToken)
    {
        var request = new TellDecisionsRequest { Id = Guid.CreateVersion7().ToString("n"), Decisions = { counts.Select(pair => ToMessage(pair.Key, pair.Value)) } };
        try
        {
            await new Contracts.V1.Entitlement.EntitlementClient(peers.AsService(ServiceNames.Entitlement)).TellDecisionsAsync(request, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is ErrorException or OperationCanceledException)
        {
            LogKept(counts.Length, exception.Message);
            foreach (var (counted, kept) in counts)
            {
                Add(counted, kept.Question, kept.Count);
            }
        }
    }

    private void Add(Counted counted, Question question, long count)
    {
        lock (_gate)
        {
            if (_counts.TryGetValue(counted, out var kept))
            {
                _counts[counted] = kept with { Count = kept.Count + count };
                return;
            }

            if (_counts.Count < MostAtOnce)
            {
                _counts[counted] = new(question, count);
                return;
            }
        }

        metrics.Lost(count);
    }

    private Dictionary<Counted, Kept> Take()
    {
        lock (_gate)
        {
            var taken = _counts;
            _counts = [];
            return taken;
        }
    }

    private static DecisionCount ToMessage(Counted counted, Kept kept) => new()
    {
        Tenant = counted.Tenant,
        Account = counted.Account,
        Action = counted.Action,
        Resource = kept.Question.Thing,
        Rule = counted.Rule,
        Day = counted.Day.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        Count = kept.Count,
    };

    private readonly record struct Counted(string Tenant, string Account, Action Action, Resource Resource, string Rule, DateOnly Day);

    private readonly record struct Kept(Question Question, long Count);

    [LoggerMessage(931, LogLevel.Warning, "decisions could not be told to Entitlement, and are lost")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(930, LogLevel.Information, "{Count} decisions could not be told to Entitlement and are kept: {Why}")]
    private partial void LogKept(int count, string why);
}
