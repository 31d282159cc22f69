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
/// Counts what was decided here, and tells Entitlement every two seconds, for trying policies on it. Of 50,000 different ones at once at most, others are lost, and so is what a crash takes. A report that could not be
/// told is told again as it was, so that one whose answer was lost counts once.
/// </summary>
internal sealed partial class DecisionCounts(Peers peers, TimeProvider clock, RightsMetrics metrics, ILogger<DecisionCounts> logger) : BackgroundService
{
    private const int MostAtOnce = 50_000;
    private const int PerReport = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _telling = new(1);
    private readonly Queue<TellDecisionsRequest> _reports = [];
    private Dictionary<Counted, long> _counts = [];

    public void Count(Question question, Resource resource, string rule, DateTimeOffset now)
    {
        if (Decider.IsCounted(question))
        {
            Add(new(question.Tenant, question.Caller.Principal.Name, question.Action, resource, rule, DateOnly.FromDateTime(now.UtcDateTime)));
        }
    }

    /// <summary>Tells what was counted so far.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            if (await TellWaitingAsync(cancellationToken))
            {
                Report();
                await TellWaitingAsync(cancellationToken);
            }
        }
        finally
        {
            _telling.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _telling.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(Pause, clock, TellAsync, LogFailed, stoppingToken);

    private async Task<bool> TellWaitingAsync(CancellationToken cancellationToken)
    {
        while (_reports.TryPeek(out var report))
        {
            if (!await IsTakenAsync(report, cancellationToken))
            {
                return false;
            }

            _reports.Dequeue();
        }

        return true;
    }

    /// <summary>False: it is to be told again. One that Entitlement refuses never would be taken.</summary>
    private async Task<bool> IsTakenAsync(TellDecisionsRequest report, CancellationToken cancellationToken)
    {
        try
        {
            await new Contracts.V1.Entitlement.EntitlementClient(peers.AsService(ServiceNames.Entitlement)).TellDecisionsAsync(report, cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ErrorException { Error.Code: ErrorCode.Unavailable })
        {
            LogKept(report.Decisions.Count, exception.Message);
            return false;
        }
        catch (ErrorException exception)
        {
            LogRefused(report.Decisions.Count, exception.Error.Message);
            metrics.Lost(report.Decisions.Sum(one => one.Count));
            return true;
        }
    }

    private void Report()
    {
        foreach (var some in Take().Chunk(PerReport))
        {
            _reports.Enqueue(new() { Id = Guid.CreateVersion7().ToString("n"), Decisions = { some.Select(pair => ToMessage(pair.Key, pair.Value)) } });
        }
    }

    private void Add(Counted counted)
    {
        lock (_gate)
        {
            if (_counts.TryGetValue(counted, out var count) || _counts.Count < MostAtOnce)
            {
                _counts[counted] = count + 1;
                return;
            }
        }

        metrics.Lost(1);
    }

    private Dictionary<Counted, long> Take()
    {
        lock (_gate)
        {
            var taken = _counts;
            _counts = [];
            return taken;
        }
    }

    private static DecisionCount ToMessage(Counted counted, long count) => new()
    {
        Tenant = counted.Tenant,
        Account = counted.Account,
        Action = counted.Action,
        Resource = counted.Resource,
        Rule = counted.Rule,
        Day = counted.Day.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        Count = count,
    };

    private readonly record struct Counted(string Tenant, string Account, Action Action, Resource Resource, string Rule, DateOnly Day);

    [LoggerMessage(930, LogLevel.Information, "{Count} decisions could not be told to Entitlement and are kept: {Why}")]
    private partial void LogKept(int count, string why);

    [LoggerMessage(931, LogLevel.Warning, "a round of telling decisions failed; what it took is told with the next one")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(932, LogLevel.Warning, "{Count} decisions were refused by Entitlement and are lost: {Why}")]
    private partial void LogRefused(int count, string why);
}
