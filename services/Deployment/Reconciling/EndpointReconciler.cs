using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Processes;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// Drives one endpoint to its wish: looks, plans, applies, saves what has become of it, and waits for the next event or time. Events only
/// wake the loop, which then looks at everything: none can be missed, and any number of them costs one look.
/// </summary>
internal sealed partial class EndpointReconciler
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenCallSaves = TimeSpan.FromMinutes(1);
    private readonly ReconcilerParts _parts;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Wakeup _wakeup;
    private readonly Activity _activity;
    private readonly Fleet _fleet;
    private StoredEndpoint _endpoint;
    private DateTimeOffset _progressSavedAt;

    public EndpointReconciler(StoredEndpoint endpoint, ReconcilerParts parts, ILogger<EndpointReconciler> logger)
    {
        (_endpoint, _parts, _logger) = (endpoint, parts, logger);
        _wakeup = new(parts.Clock);
        _activity = new(endpoint.Status.State is not EndpointState.Asleep, endpoint.LastCallAt, parts.Clock);
        Log = parts.OpenLog(endpoint.Id);
        _fleet = new(endpoint, parts, Log, _wakeup.Signal, logger);
    }

    public EndpointLog Log { get; }

    public string FeedKey => _endpoint.FeedKey;

    public EndpointState State => _endpoint.Status.State;

    /// <summary>A newer state of the row; an older one is ignored.</summary>
    public void Tell(StoredEndpoint newer)
    {
        lock (_gate)
        {
            if (newer.Version <= _endpoint.Version)
            {
                return;
            }

            if (newer.Wish.Target.Key != _endpoint.Wish.Target.Key)
            {
                // Whoever changes what runs wants to see it run.
                _activity.Wake();
            }

            _endpoint = newer;
        }

        _wakeup.Signal();
    }

    /// <summary>Something may have changed that it goes by.</summary>
    public void LookAgain() => _wakeup.Signal();

    /// <summary>Somebody calls an endpoint that may be asleep.</summary>
    public void Activate()
    {
        _activity.Wake();
        _wakeup.Signal();
    }

    /// <summary>One instance of Serving's word on one replica.</summary>
    public void Report(string replicaId, string reporter, int runningCalls, DateTimeOffset? lastCallAt)
    {
        if (_fleet.TellCalls(replicaId, reporter, runningCalls))
        {
            _activity.Called(runningCalls, lastCallAt);
            _wakeup.Signal();
        }
    }

    /// <summary>Runs until the endpoint is gone or the host stops; in either case no engine is left behind.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            for (var broken = 0; await RoundAsync(broken + 1, stopping) is { } fine; broken = fine ? 0 : broken + 1)
            {
            }
        }
        finally
        {
            await _fleet.StopAsync();
            Log.Dispose();
        }
    }

    /// <summary>True: it went well; false: it broke, and a pause was made; null: the end.</summary>
    private async Task<bool?> RoundAsync(int attempt, CancellationToken stopping)
    {
        try
        {
            return await LookAsync(stopping) ? true : null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            // The reconcile loop: whatever broke (a full disk, a database away), the endpoint is looked at again.
            LogBroken(exception, _endpoint.Tenant, _endpoint.Name);
        }

        var again = _parts.RetryAt(attempt);
        while (_parts.Clock.GetUtcNow() < again && !stopping.IsCancellationRequested)
        {
            await Task.WhenAny(_wakeup.WaitAsync(new TaskCompletionSource().Task, again, stopping));
        }

        return stopping.IsCancellationRequested ? null : false;
    }

    /// <summary>One look; false when the endpoint is gone.</summary>
    private async Task<bool> LookAsync(CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        var happened = _wakeup.Next;
        _fleet.TakeEnded();
        await (_endpoint.Deleted ? _fleet.DropAllButAsync() : _fleet.DropAllButAsync(_endpoint.Wish.Target, _endpoint.Standing));
        var (wanted, observed) = View();
        var decision = Reconciliation.Plan(wanted, observed, _parts.Limits, _parts.Clock.GetUtcNow());
        foreach (var step in decision.Steps)
        {
            if (step is Step.Remove)
            {
                await _parts.Store.RemoveAsync(_endpoint, stopping);
                Log.Delete();
                return false;
            }

            Apply(step);
        }

        var saveAt = await SaveAsync(stopping);
        if (decision.Steps.Count is 0)
        {
            await _wakeup.WaitAsync(happened, new[] { decision.LookAt, saveAt, _fleet.CallsUntil }.Min(), stopping);
        }

        return true;
    }

    private (Wanted Wanted, Observed Observed) View()
    {
        lock (_gate)
        {
            var wish = _endpoint.Wish;
            var replicas = _fleet.Look();
            var need = Reconciliation.Need(wish.Scaling, replicas, _parts.Limits.CallsPerReplica);
            _activity.Look(_fleet.ReadyAt, need >= replicas.Count(replica => replica.Phase is ReplicaPhase.Ready));
            var wanted = new Wanted(wish.Target, _endpoint.Standing, wish.Scaling, _endpoint.Deleted, _activity.Awake, Blocked());
            return (wanted, new(replicas, _fleet.AttemptOf(wanted.Target), _fleet.AttemptOf(wanted.Fallback), _activity.IdleSince, _activity.NeededAt));
        }
    }

    /// <summary>Until Entitlement has told, an endpoint that was blocked stays so.</summary>
    private string? Blocked() => _parts.Withdrawals.Book is { } book
        ? book.ReasonAgainst(_endpoint.Tenant, _endpoint.Wish)
        : _endpoint.Status is { State: EndpointState.Blocked } blocked ? blocked.Reason : null;

    private void Apply(Step step)
    {
        if (step is Step.Sleep)
        {
            _activity.Sleep();
            LogAsleep(_endpoint.Tenant, _endpoint.Name);
            _fleet.Forgive();
            return;
        }

        _fleet.Apply(step);
    }

    /// <summary>Saves what has changed; answers when to save again what is held back.</summary>
    private async Task<DateTimeOffset?> SaveAsync(CancellationToken cancellationToken)
    {
        var now = _parts.Clock.GetUtcNow();
        var status = Status();
        var isCallDue = _activity.LastCallAt is { } call && (_endpoint.LastCallAt is not { } saved || call - saved >= BetweenCallSaves);
        if (status == _endpoint.Status && !isCallDue)
        {
            return null;
        }

        if (!isCallDue && status.DiffersInProgressOnly(_endpoint.Status) && now - _progressSavedAt < BetweenProgress)
        {
            return _progressSavedAt + BetweenProgress;
        }

        _progressSavedAt = now;
        await SaveAsync(status, cancellationToken);
        return null;
    }

    private async Task SaveAsync(EndpointStatus status, CancellationToken cancellationToken)
    {
        var serving = _fleet.Serving(_endpoint.Wish.Target);
        var lastCallAt = _activity.LastCallAt;
        var row = await _parts.Store.ChangeAsync(
            _endpoint.Key,
            current => current.Id != _endpoint.Id ? current : current with { Status = status, Standing = serving ?? current.Standing, LastCallAt = lastCallAt },
            cancellationToken);
        if (row.Error is null && row.Value.Id == _endpoint.Id)
        {
            _parts.Metrics.Entered(_endpoint.Status.State, status.State);
            Tell(row.Value);
        }
        else
        {
            // The row is gone, or its name is another endpoint's by now: what still runs for it is stopped.
            _endpoint = _endpoint with { Deleted = true };
        }
    }

    private EndpointStatus Status()
    {
        var (wanted, observed) = View();
        var working = _fleet.Find(wanted.Target);
        var (state, reason, progress) = Summary.Of(wanted, observed, working?.Activity ?? "", working?.Fetched ?? 0);
        return new(state, reason, progress, _fleet.Statuses);
    }

    [LoggerMessage(4003, LogLevel.Information, "endpoint {Tenant}/{Name} falls asleep")]
    private partial void LogAsleep(string tenant, string name);

    [LoggerMessage(4004, LogLevel.Error, "reconciling endpoint {Tenant}/{Name} broke, it is looked at again soon")]
    private partial void LogBroken(Exception exception, string tenant, string name);
}
