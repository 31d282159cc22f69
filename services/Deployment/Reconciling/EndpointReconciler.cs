using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Processes;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// Drives one endpoint to its wish: looks, plans, applies, saves what has become of it, and waits for the next event or time. Events only
/// wake the loop, which then looks at everything: none can be missed, and any number of them costs one look.
/// </summary>
internal sealed partial class EndpointReconciler(StoredEndpoint endpoint, ReconcilerParts parts, ILogger<EndpointReconciler> logger)
{
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenCallSaves = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Wakeup _wakeup = new(parts.Clock);
    private readonly Activity _activity = new(endpoint.Status.State is not EndpointState.Asleep, endpoint.LastCallAt, parts.Clock);
    private readonly Dictionary<string, TargetPreparation> _targets = new(StringComparer.Ordinal);
    private readonly List<EngineReplica> _replicas = [];
    private StoredEndpoint _endpoint = endpoint;
    private DateTimeOffset _progressSavedAt;

    public EndpointLog Log { get; } = parts.OpenLog(endpoint.Id);

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
        lock (_gate)
        {
            if (Find(replicaId) is not { } replica)
            {
                return;
            }

            replica.Calls.Tell(reporter, runningCalls);
        }

        _activity.Called(runningCalls, lastCallAt);
        _wakeup.Signal();
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
            await StopAllAsync();
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

        var again = parts.RetryAt(attempt);
        while (parts.Clock.GetUtcNow() < again && !stopping.IsCancellationRequested)
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
        TakeEnded();
        await DropUnwantedAsync();
        var (wanted, observed) = View();
        var decision = Reconciliation.Plan(wanted, observed, parts.Limits, parts.Clock.GetUtcNow());
        foreach (var step in decision.Steps)
        {
            if (step is Step.Remove)
            {
                await parts.Store.RemoveAsync(_endpoint, stopping);
                Log.Delete();
                return false;
            }

            Apply(step);
        }

        var saveAt = await SaveAsync(stopping);
        if (decision.Steps.Count is 0)
        {
            await _wakeup.WaitAsync(happened, new[] { decision.LookAt, saveAt, CallsUntil() }.Min(), stopping);
        }

        return true;
    }

    private (Wanted Wanted, Observed Observed) View()
    {
        lock (_gate)
        {
            var wish = _endpoint.Wish;
            List<ReplicaView> replicas = [.. _replicas.Select(replica => replica.View)];
            var need = Reconciliation.Need(wish.Scaling, replicas, parts.Limits.CallsPerReplica);
            _activity.Look(_replicas.Max(replica => replica.ReadyAt), need >= replicas.Count(replica => replica.Phase is ReplicaPhase.Ready));
            var wanted = new Wanted(wish.Target, _endpoint.Standing, wish.Scaling, _endpoint.Deleted, _activity.Awake, Blocked());
            return (wanted, new(replicas, AttemptOf(wanted.Target), AttemptOf(wanted.Fallback), _activity.IdleSince, _activity.NeededAt));
        }
    }

    /// <summary>Until Entitlement has told, an endpoint that was blocked stays so.</summary>
    private string? Blocked() => parts.Withdrawals.Book is { } book
        ? book.ReasonAgainst(_endpoint.Tenant, _endpoint.Wish.Repository, _endpoint.Wish.Target.Licenses)
        : _endpoint.Status is { State: EndpointState.Blocked } blocked ? blocked.Reason : null;

    private DateTimeOffset? CallsUntil()
    {
        lock (_gate)
        {
            return _replicas.Min(replica => replica.Calls.Until);
        }
    }

    private Attempt AttemptOf(Target? target) =>
        target is not null && _targets.TryGetValue(target.Key, out var preparation) ? preparation.Attempt : Attempt.None;

    private void Apply(Step step)
    {
        switch (step)
        {
            case Step.Prepare prepare:
                PreparationOf(prepare.Target).Begin();
                break;
            case Step.Start start:
                StartReplica(PreparationOf(start.Target));
                break;
            case Step.Drain drain:
                Find(drain.Replica)?.Drain();
                break;
            case Step.Stop stop:
                Find(stop.Replica)?.Stop(stop.Grace);
                break;
            case Step.Sleep:
                FallAsleep();
                break;
        }
    }

    private TargetPreparation PreparationOf(Target target)
    {
        if (!_targets.TryGetValue(target.Key, out var preparation))
        {
            preparation = _targets[target.Key] = parts.Prepare(target, _endpoint, _wakeup.Signal);
        }

        return preparation;
    }

    private void StartReplica(TargetPreparation preparation)
    {
        var replica = parts.CreateReplica(preparation, Log, _wakeup.Signal);
        lock (_gate)
        {
            _replicas.Add(replica);
        }

        LogStarting(_endpoint.Tenant, _endpoint.Name, replica.Id, preparation.Target.Runtime);
        replica.Start();
    }

    private EngineReplica? Find(string id) => _replicas.FirstOrDefault(replica => replica.Id == id);

    private void FallAsleep()
    {
        _activity.Sleep();
        LogAsleep(_endpoint.Tenant, _endpoint.Name);
        foreach (var replica in _replicas.Where(replica => replica.ReadyAt is not null))
        {
            PreparationOf(replica.Target).Forgive();
        }
    }

    /// <summary>Takes leave of replicas that are gone; those that were not asked to go count against their target.</summary>
    private void TakeEnded()
    {
        foreach (var replica in _replicas.Where(replica => replica.Ended.IsCompleted).ToList())
        {
            lock (_gate)
            {
                _replicas.Remove(replica);
            }

            if (replica is { Failure: { } failure } && _targets.TryGetValue(replica.Target.Key, out var preparation))
            {
                preparation.Fail(failure, afterHealth: parts.Clock.GetUtcNow() - replica.ReadyAt >= Healthy);
                parts.Metrics.Failed(replica.Target.Runtime);
                LogFailed(_endpoint.Tenant, _endpoint.Name, replica.Id, failure.Reason);
            }
        }
    }

    /// <summary>Breaks off what is being prepared for a wish of yesterday, and lets go of its files.</summary>
    private async Task DropUnwantedAsync()
    {
        HashSet<string?> wanted = _endpoint.Deleted ? [] : [_endpoint.Wish.Target.Key, _endpoint.Standing?.Key];
        wanted.UnionWith(_replicas.Select(replica => replica.Target.Key));
        foreach (var (key, preparation) in _targets.Where(pair => !wanted.Contains(pair.Key)).ToList())
        {
            await preparation.DisposeAsync();
            _targets.Remove(key);
        }
    }

    /// <summary>Saves what has changed; answers when to save again what is held back.</summary>
    private async Task<DateTimeOffset?> SaveAsync(CancellationToken cancellationToken)
    {
        var now = parts.Clock.GetUtcNow();
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
        var ready = _replicas.FirstOrDefault(replica => replica.Phase is ReplicaPhase.Ready && replica.Target.Key == _endpoint.Wish.Target.Key)?.Target;
        var lastCallAt = _activity.LastCallAt;
        var row = await parts.Store.ChangeAsync(
            _endpoint.Key,
            current => current.Id != _endpoint.Id ? current : current with { Status = status, Standing = ready ?? current.Standing, LastCallAt = lastCallAt },
            cancellationToken);
        if (row.Error is null && row.Value.Id == _endpoint.Id)
        {
            parts.Metrics.Entered(_endpoint.Status.State, status.State);
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
        var working = _targets.GetValueOrDefault(wanted.Target.Key);
        var (state, reason, progress) = Summary.Of(wanted, observed, working?.Activity ?? "", working?.Fetched ?? 0);
        return new(state, reason, progress, [.. _replicas.Select(replica => replica.Status)]);
    }

    private async Task StopAllAsync()
    {
        foreach (var replica in _replicas)
        {
            replica.Stop(parts.Limits.StopGrace);
        }

        await Task.WhenAll(_replicas.Select(replica => replica.Ended));
        foreach (var preparation in _targets.Values)
        {
            await preparation.DisposeAsync();
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "endpoint {Tenant}/{Name}: starting replica {Replica} on {Runtime}")]
    private partial void LogStarting(string tenant, string name, string replica, string runtime);

    [LoggerMessage(4002, LogLevel.Warning, "endpoint {Tenant}/{Name}: replica {Replica} failed: {Reason}")]
    private partial void LogFailed(string tenant, string name, string replica, string reason);

    [LoggerMessage(4003, LogLevel.Information, "endpoint {Tenant}/{Name} falls asleep")]
    private partial void LogAsleep(string tenant, string name);

    [LoggerMessage(4004, LogLevel.Error, "reconciling endpoint {Tenant}/{Name} broke, it is looked at again soon")]
    private partial void LogBroken(Exception exception, string tenant, string name);
}
