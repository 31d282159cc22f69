using ModelGarden.Deployment.Endpoints;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// From what is wanted and what there is to what to do next. Pure, so every situation is one row of a table in a test. It is asked
/// again after every event and applies to any state, so nothing depends on having seen what led there.
/// </summary>
internal sealed class Reconciliation
{
    private readonly Wanted _wanted;
    private readonly Observed _observed;
    private readonly Limits _limits;
    private readonly DateTimeOffset _now;
    private readonly List<Step> _steps = [];
    private DateTimeOffset? _lookAt;

    private Reconciliation(Wanted wanted, Observed observed, Limits limits, DateTimeOffset now) =>
        (_wanted, _observed, _limits, _now) = (wanted, observed, limits, now);

    public static Decision Plan(Wanted wanted, Observed observed, Limits limits, DateTimeOffset now) =>
        new Reconciliation(wanted, observed, limits, now).Decide();

    /// <summary>How many replicas the running calls need, within the wish's bounds.</summary>
    public static int Need(Scaling scaling, IEnumerable<ReplicaView> replicas, int callsPerReplica)
    {
        var calls = replicas.Where(replica => replica.Phase is ReplicaPhase.Ready).Sum(replica => replica.RunningCalls);
        return Math.Clamp((calls + callsPerReplica - 1) / callsPerReplica, Math.Max(1, scaling.Minimum), scaling.Maximum);
    }

    private Decision Decide()
    {
        if (_wanted.Deleted)
        {
            Delete();
        }
        else if (_wanted.Blocked is not null)
        {
            StopStarting();
            RestAll();
        }
        else if (!_wanted.Awake)
        {
            RestAll();
        }
        else if (MaySleep())
        {
            _steps.Add(new Step.Sleep());
        }
        else
        {
            Run();
        }

        return new(_steps, _lookAt);
    }

    private void Delete()
    {
        if (_observed.Replicas.Count is 0)
        {
            _steps.Add(new Step.Remove());
            return;
        }

        foreach (var replica in _observed.Replicas)
        {
            switch (replica.Phase)
            {
                case ReplicaPhase.Starting:
                    _steps.Add(new Step.Stop(replica.Id, _limits.StopGrace));
                    break;
                case ReplicaPhase.Ready:
                    _steps.Add(new Step.Drain(replica.Id));
                    break;
                case ReplicaPhase.Draining:
                    // An engine ends its running calls by itself when asked to stop, so what is not known to be busy is asked at once.
                    StopDrained(replica, TimeSpan.Zero, _limits.StopGrace);
                    break;
            }
        }
    }

    private void StopStarting() => _steps.AddRange(
        _observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Starting).Select(replica => new Step.Stop(replica.Id, _limits.StopGrace)));

    private void RestAll()
    {
        _steps.AddRange(_observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Ready).Select(replica => new Step.Drain(replica.Id)));
        StopAllDrained();
    }

    /// <summary>Nothing is put to sleep while it loads, nor while somebody calls.</summary>
    private bool MaySleep()
    {
        var ready = _observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Ready).ToList();
        if (_wanted.Scaling.Minimum > 0 || ready.Count is 0 || _observed.Replicas.Any(replica => replica.Phase is ReplicaPhase.Starting)
            || IsUnderWay(_observed.Target) || ready.Any(replica => replica.RunningCalls > 0))
        {
            return false;
        }

        return IsDue(_observed.IdleSince + _wanted.Scaling.IdleTimeout);
    }

    private void Run()
    {
        var need = Need(_wanted.Scaling, _observed.Replicas, _limits.CallsPerReplica);
        var own = Of(_wanted.Target);
        Raise(_wanted.Target, _observed.Target, need - own.Count);
        var ready = own.Where(replica => replica.Phase is ReplicaPhase.Ready).ToList();
        ReplaceOthers(need - ready.Count);
        if (ready.Count > need && IsDue(_observed.NeededAt + _limits.ScaleDownAfter))
        {
            _steps.Add(new Step.Drain(ready[^1].Id));
        }

        StopAllDrained();
    }

    /// <summary>Replicas of other targets serve on for those of the wished one that are not ready yet, or cannot be.</summary>
    private void ReplaceOthers(int missing)
    {
        var others = _observed.Replicas.Where(replica => replica.Target != _wanted.Target.Key).ToList();
        var ready = others.Where(replica => replica.Phase is ReplicaPhase.Ready).ToList();
        _steps.AddRange(ready.SkipLast(Math.Max(0, missing)).Select(replica => new Step.Drain(replica.Id)));
        var fallback = missing > 0 ? _wanted.Fallback : null;
        _steps.AddRange(others.Where(replica => replica.Phase is ReplicaPhase.Starting && replica.Target != fallback?.Key)
            .Select(replica => new Step.Stop(replica.Id, _limits.StopGrace)));
        if (fallback is not null && ready.Count is 0 && _observed.Target.Failures > 0)
        {
            Raise(fallback, _observed.Fallback, 1 - Of(fallback).Count);
        }
    }

    /// <summary>Brings up more replicas of a target: prepared first, one at a time once it has failed, not before its pause is over.</summary>
    private void Raise(Target target, Attempt attempt, int missing)
    {
        if (missing <= 0 || IsUnderWay(attempt) || (attempt.Failures > 0 && !IsDue(attempt.RetryAt)))
        {
            return;
        }

        if (attempt.Preparation is Preparation.None)
        {
            _steps.Add(new Step.Prepare(target));
            return;
        }

        _steps.AddRange(Enumerable.Repeat(new Step.Start(target), attempt.Failures > 0 ? 1 : missing));
    }

    private void StopAllDrained()
    {
        foreach (var replica in _observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Draining))
        {
            StopDrained(replica, _limits.DrainGrace, _limits.DrainLimit);
        }
    }

    /// <summary>Without known calls it still waits a moment for one that is on its way; with some, until they end or the limit is over.</summary>
    private void StopDrained(ReplicaView replica, TimeSpan idle, TimeSpan busy)
    {
        if (IsDue(replica.Since + (replica.RunningCalls > 0 ? busy : idle)))
        {
            var waited = _now - replica.Since;
            _steps.Add(new Step.Stop(replica.Id, _limits.StopGrace > waited ? _limits.StopGrace - waited : TimeSpan.FromSeconds(1)));
        }
    }

    private List<ReplicaView> Of(Target target) =>
        [.. _observed.Replicas.Where(replica => replica.Target == target.Key && replica.Phase is (ReplicaPhase.Starting or ReplicaPhase.Ready))];

    private static bool IsUnderWay(Attempt attempt) => attempt.Preparation is Preparation.Fetching or Preparation.Installing;

    /// <summary>Whether a time has come; if not, it is looked at again then.</summary>
    private bool IsDue(DateTimeOffset at)
    {
        if (at > _now)
        {
            _lookAt = _lookAt is { } sooner && sooner < at ? sooner : at;
        }

        return at <= _now;
    }
}
