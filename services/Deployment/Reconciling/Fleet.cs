using ModelGarden.Deployment.Endpoints;
using ModelGarden.Deployment.Processes;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// All that runs for one endpoint: its replicas, oldest first, and the targets that are made ready for them. Its reconciler alone changes
/// it; Serving's word on running calls comes from other threads.
/// </summary>
internal sealed partial class Fleet(StoredEndpoint endpoint, ReconcilerParts parts, EndpointLog log, Action changed, ILogger logger)
{
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TargetPreparation> _targets = new(StringComparer.Ordinal);
    private readonly List<EngineReplica> _replicas = [];

    public IReadOnlyList<ReplicaStatus> Statuses => [.. _replicas.Select(replica => replica.Status)];

    /// <summary>When the youngest of them became ready.</summary>
    public DateTimeOffset? ReadyAt => _replicas.Max(replica => replica.ReadyAt);

    /// <summary>When running calls count no longer, unless they are told again.</summary>
    public DateTimeOffset? CallsUntil
    {
        get
        {
            lock (_gate)
            {
                return _replicas.Min(replica => replica.Calls.Until);
            }
        }
    }

    public IReadOnlyList<ReplicaView> Look()
    {
        lock (_gate)
        {
            return [.. _replicas.Select(replica => replica.View)];
        }
    }

    /// <summary>Null: nothing was done for it yet.</summary>
    public TargetPreparation? Find(Target target) => _targets.GetValueOrDefault(target.Key);

    public Attempt AttemptOf(Target? target) => (target is null ? null : Find(target)?.Attempt) ?? Attempt.None;

    /// <summary>The target as a ready replica of it runs it; null: there is none.</summary>
    public Target? Serving(Target target) =>
        _replicas.FirstOrDefault(replica => replica.Phase is ReplicaPhase.Ready && replica.Target.Key == target.Key)?.Target;

    /// <summary>False for a replica that is not known, or not any more.</summary>
    public bool TellCalls(string replicaId, string reporter, int running)
    {
        lock (_gate)
        {
            var replica = Find(replicaId);
            replica?.Calls.Tell(reporter, running);
            return replica is not null;
        }
    }

    public void Apply(Step step)
    {
        switch (step)
        {
            case Step.Prepare prepare:
                PreparationOf(prepare.Target).Begin();
                break;
            case Step.Start start:
                Start(PreparationOf(start.Target));
                break;
            case Step.Drain drain:
                Find(drain.Replica)?.Drain();
                break;
            case Step.Stop stop:
                Find(stop.Replica)?.Stop(stop.Grace);
                break;
        }
    }

    /// <summary>What was ready before it is stopped has not failed.</summary>
    public void Forgive()
    {
        foreach (var replica in _replicas.Where(replica => replica.ReadyAt is not null))
        {
            PreparationOf(replica.Target).Forgive();
        }
    }

    /// <summary>Takes leave of replicas that are gone; those that were not asked to go count against their target.</summary>
    public void TakeEnded()
    {
        foreach (var replica in _replicas.Where(replica => replica.Ended.IsCompleted).ToList())
        {
            lock (_gate)
            {
                _replicas.Remove(replica);
            }

            if (replica is { Failure: { } failure } && Find(replica.Target) is { } preparation)
            {
                preparation.Fail(failure, afterHealth: parts.Clock.GetUtcNow() - replica.ReadyAt >= Healthy);
                parts.Metrics.Failed(replica.Target.Runtime);
                LogFailed(endpoint.Tenant, endpoint.Name, replica.Id, failure.Reason);
            }
        }
    }

    /// <summary>Breaks off what is being prepared for a wish of yesterday, and lets go of its files.</summary>
    public async Task DropAllButAsync(params IEnumerable<Target?> wanted)
    {
        HashSet<string?> kept = [.. wanted.Select(target => target?.Key), .. _replicas.Select(replica => replica.Target.Key)];
        foreach (var (key, preparation) in _targets.Where(pair => !kept.Contains(pair.Key)).ToList())
        {
            await preparation.DisposeAsync();
            _targets.Remove(key);
        }
    }

    public async Task StopAsync()
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

    private TargetPreparation PreparationOf(Target target)
    {
        if (!_targets.TryGetValue(target.Key, out var preparation))
        {
            preparation = _targets[target.Key] = parts.Prepare(target, endpoint, changed);
        }

        return preparation;
    }

    private void Start(TargetPreparation preparation)
    {
        var replica = parts.CreateReplica(preparation, log, changed);
        lock (_gate)
        {
            _replicas.Add(replica);
        }

        LogStarting(endpoint.Tenant, endpoint.Name, replica.Id, preparation.Target.Runtime);
        replica.Start();
    }

    private EngineReplica? Find(string id) => _replicas.FirstOrDefault(replica => replica.Id == id);

    [LoggerMessage(4001, LogLevel.Information, "endpoint {Tenant}/{Name}: starting replica {Replica} on {Runtime}")]
    private partial void LogStarting(string tenant, string name, string replica, string runtime);

    [LoggerMessage(4002, LogLevel.Warning, "endpoint {Tenant}/{Name}: replica {Replica} failed: {Reason}")]
    private partial void LogFailed(string tenant, string name, string replica, string reason);
}
