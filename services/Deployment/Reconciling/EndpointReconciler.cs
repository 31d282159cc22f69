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
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly Lock _gate = new();
    private readonly EndpointLog _log = parts.OpenLog(endpoint.Id);
    private readonly Dictionary<string, TargetPreparation> _targets = new(StringComparer.Ordinal);
    private readonly List<EngineReplica> _replicas = [];
    private TaskCompletionSource _event = New();
    private StoredEndpoint _endpoint = endpoint;
    private bool _awake = endpoint.Status.State is not EndpointState.Asleep;
    private DateTimeOffset _idleSince = parts.Clock.GetUtcNow();
    private DateTimeOffset _neededAt = parts.Clock.GetUtcNow();
    private DateTimeOffset? _lastCallAt = endpoint.LastCallAt;
    private DateTimeOffset _progressSavedAt;

    public EndpointLog Log => _log;

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

            var isOther = newer.Wish.Target.Key != _endpoint.Wish.Target.Key;
            _endpoint = newer;
            if (isOther)
            {
                // Whoever changes what runs wants to see it run.
                WakeLocked();
            }
        }

        Signal();
    }

    /// <summary>Somebody calls an endpoint that may be asleep.</summary>
    public void Activate()
    {
        lock (_gate)
        {
            WakeLocked();
        }

        Signal();
    }

    /// <summary>Serving's word on one replica.</summary>
    public void Report(string replicaId, int runningCalls, DateTimeOffset? lastCallAt)
    {
        lock (_gate)
        {
            if (_replicas.FirstOrDefault(replica => replica.Id == replicaId) is not { } replica)
            {
                return;
            }

            var now = parts.Clock.GetUtcNow();
            replica.RunningCalls = Math.Max(0, runningCalls);
            DateTimeOffset? last = runningCalls > 0 || lastCallAt > now ? now : lastCallAt;
            _idleSince = last > _idleSince ? last.Value : _idleSince;
            _lastCallAt = last > (_lastCallAt ?? DateTimeOffset.MinValue) ? last : _lastCallAt;
        }

        Signal();
    }

    /// <summary>Runs until the endpoint is gone or the host stops; in either case no engine is left behind.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            for (var pause = TimeSpan.FromSeconds(1); await RoundAsync(pause, stopping) is { } next; pause = next)
            {
            }
        }
        finally
        {
            await StopAllAsync();
            _log.Dispose();
        }
    }

    /// <summary>Null: the end. Otherwise the pause to make if the next round breaks.</summary>
    private async Task<TimeSpan?> RoundAsync(TimeSpan pause, CancellationToken stopping)
    {
        try
        {
            return await LookAsync(stopping) ? TimeSpan.FromSeconds(1) : null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            // The reconcile loop: whatever broke (a full disk, a database away), the endpoint is looked at again.
            LogBroken(exception, _endpoint.Tenant, _endpoint.Name, pause);
            await WaitAsync(parts.Clock.GetUtcNow() + pause, new TaskCompletionSource().Task, stopping);
            return pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One look; false when the endpoint is gone.</summary>
    private async Task<bool> LookAsync(CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        var happened = NextEvent();
        await TakeEndedAsync();
        var now = parts.Clock.GetUtcNow();
        var (wanted, observed) = View(now);
        var decision = Reconciliation.Plan(wanted, observed, parts.Limits, now);
        foreach (var step in decision.Steps)
        {
            if (step is Step.Remove)
            {
                await parts.Store.RemoveAsync(_endpoint, stopping);
                return false;
            }

            Apply(step);
        }

        var saveAt = await SaveAsync(stopping);
        if (decision.Steps.Count is 0)
        {
            await WaitAsync(saveAt is { } at && !(decision.LookAt < at) ? at : decision.LookAt, happened, stopping);
        }

        return true;
    }

    private (Wanted Wanted, Observed Observed) View(DateTimeOffset now)
    {
        lock (_gate)
        {
            var wish = _endpoint.Wish;
            var wanted = new Wanted(wish.Target, _endpoint.Standing, wish.Scaling, _endpoint.Deleted, _awake);
            List<ReplicaView> replicas = [.. _replicas.Select(replica => replica.View)];
            if (Reconciliation.Need(wish.Scaling, replicas, parts.Limits.CallsPerReplica) >= replicas.Count(replica => replica.Phase is ReplicaPhase.Ready))
            {
                _neededAt = now;
            }

            // Whoever was waited for while it loaded has its full time to be called.
            _idleSince = _replicas.Select(replica => replica.ReadyAt ?? _idleSince).Append(_idleSince).Max();
            return (wanted, new(replicas, AttemptOf(wanted.Target), AttemptOf(wanted.Fallback), _idleSince, _neededAt));
        }
    }

    private Attempt AttemptOf(Target? target) =>
        target is not null && _targets.TryGetValue(target.Key, out var preparation) ? preparation.Attempt : Attempt.None;

    private void Apply(Step step)
    {
        switch (step)
        {
            case Step.Prepare prepare:
                PreparationOf(prepare.Target).Begin(RetryAt);
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
            preparation = _targets[target.Key] = parts.Prepare(target, _endpoint, Signal);
        }

        return preparation;
    }

    private void StartReplica(TargetPreparation preparation)
    {
        var replica = parts.CreateReplica(preparation, _log, Signal);
        lock (_gate)
        {
            _replicas.Add(replica);
        }

        LogStarting(_endpoint.Tenant, _endpoint.Name, replica.Id, preparation.Target.Runtime);
        replica.Start();
    }

    private EngineReplica? Find(string id) => _replicas.FirstOrDefault(replica => replica.Id == id);

    private void WakeLocked()
    {
        if (!_awake)
        {
            (_awake, _idleSince) = (true, parts.Clock.GetUtcNow());
        }
    }

    private void FallAsleep()
    {
        lock (_gate)
        {
            _awake = false;
        }

        LogAsleep(_endpoint.Tenant, _endpoint.Name);
        foreach (var preparation in _targets.Values.Where(one => _replicas.Any(replica => replica.ReadyAt is not null && replica.Target.Key == one.Target.Key)))
        {
            preparation.Forgive();
        }
    }

    /// <summary>Takes leave of replicas that are gone, and of targets that nobody wants any more.</summary>
    private async Task TakeEndedAsync()
    {
        foreach (var replica in _replicas.Where(replica => replica.Ended.IsCompleted).ToList())
        {
            lock (_gate)
            {
                _replicas.Remove(replica);
            }

            if (replica is { Failure: { } failure } && _targets.TryGetValue(replica.Target.Key, out var preparation))
            {
                var now = parts.Clock.GetUtcNow();
                preparation.Fail(failure, RetryAt, replica.ReadyAt is { } readyAt && now - readyAt >= Healthy);
                parts.Metrics.Restarted(_endpoint.Wish.Target.Runtime);
                LogFailed(_endpoint.Tenant, _endpoint.Name, replica.Id, failure.Reason);
            }
        }

        HashSet<string?> wanted = [_endpoint.Wish.Target.Key, _endpoint.Standing?.Key, .. _replicas.Select(replica => replica.Target.Key)];
        foreach (var (key, preparation) in _targets.Where(pair => !wanted.Contains(pair.Key) || _endpoint.Deleted).ToList())
        {
            await preparation.CancelAsync();
            if (!_replicas.Any(replica => replica.Target.Key == key))
            {
                preparation.Dispose();
                _targets.Remove(key);
            }
        }
    }

    /// <summary>1 s, 2 s, 4 s … 60 s, each a quarter more or less, so that a garden's endpoints do not all come back at once.</summary>
    private DateTimeOffset RetryAt(int failures)
    {
        var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 10) - 1));
        return parts.Clock.GetUtcNow() + ((pause < LongestPause ? pause : LongestPause) * (0.75 + (0.5 * Random.Shared.NextDouble())));
    }

    /// <summary>Saves what has changed; answers when to save again what is held back.</summary>
    private async Task<DateTimeOffset?> SaveAsync(CancellationToken cancellationToken)
    {
        var now = parts.Clock.GetUtcNow();
        var status = Status(now);
        var isCallDue = _lastCallAt is { } call && (_endpoint.LastCallAt is not { } saved || call - saved >= BetweenCallSaves);
        if (status == _endpoint.Status && !isCallDue)
        {
            return null;
        }

        if (!isCallDue && status.DiffersInProgressOnly(_endpoint.Status) && now - _progressSavedAt < BetweenProgress)
        {
            return _progressSavedAt + BetweenProgress;
        }

        _progressSavedAt = now;
        var ready = _replicas.FirstOrDefault(replica => replica.Phase is ReplicaPhase.Ready && replica.Target.Key == _endpoint.Wish.Target.Key)?.Target;
        var lastCallAt = _lastCallAt;
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

        return null;
    }

    private EndpointStatus Status(DateTimeOffset now)
    {
        var (wanted, observed) = View(now);
        var working = _targets.GetValueOrDefault(wanted.Target.Key);
        var (state, reason, progress) = Summary.Of(wanted, observed, working?.Activity ?? "", working?.Fetched ?? 0);
        return new(state, reason, progress, [.. _replicas.Select(ToStatus)]);
    }

    private static ReplicaStatus ToStatus(EngineReplica replica)
    {
        var state = replica.Phase switch
        {
            ReplicaPhase.Starting => ReplicaState.Starting,
            ReplicaPhase.Ready => ReplicaState.Ready,
            _ => ReplicaState.Draining,
        };
        return new(replica.Id, state, replica.Address, replica.Target.Revision, replica.StartedAt);
    }

    private async Task StopAllAsync()
    {
        foreach (var replica in _replicas)
        {
            replica.Stop(parts.Limits.StopGrace);
        }

        await Task.WhenAll(_replicas.Select(replica => replica.Ended).Concat(_targets.Values.Select(target => target.CancelAsync())));
        foreach (var target in _targets.Values)
        {
            target.Dispose();
        }
    }

    private Task NextEvent()
    {
        lock (_gate)
        {
            return _event.Task;
        }
    }

    private void Signal()
    {
        TaskCompletionSource happened;
        lock (_gate)
        {
            (happened, _event) = (_event, New());
        }

        happened.SetResult();
    }

    private async Task WaitAsync(DateTimeOffset? until, Task happened, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var limit = until is { } at && at - parts.Clock.GetUtcNow() is var span ? Task.Delay(span > TimeSpan.Zero ? span : TimeSpan.Zero, parts.Clock, over.Token) : Task.Delay(Timeout.Infinite, over.Token);
        if (!(until <= parts.Clock.GetUtcNow()))
        {
            await Task.WhenAny(happened, limit);
        }

        await over.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(4001, LogLevel.Information, "endpoint {Tenant}/{Name}: starting replica {Replica} on {Runtime}")]
    private partial void LogStarting(string tenant, string name, string replica, string runtime);

    [LoggerMessage(4002, LogLevel.Warning, "endpoint {Tenant}/{Name}: replica {Replica} failed: {Reason}")]
    private partial void LogFailed(string tenant, string name, string replica, string reason);

    [LoggerMessage(4003, LogLevel.Information, "endpoint {Tenant}/{Name} falls asleep")]
    private partial void LogAsleep(string tenant, string name);

    [LoggerMessage(4004, LogLevel.Error, "reconciling endpoint {Tenant}/{Name} broke, again in {Pause}")]
    private partial void LogBroken(Exception exception, string tenant, string name, TimeSpan pause);
}
