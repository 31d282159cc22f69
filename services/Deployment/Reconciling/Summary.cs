using System.Globalization;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>What the situation is called, and why, for people. Pure.</summary>
internal static class Summary
{
    public static (EndpointState State, string Reason, double Progress) Of(Wanted wanted, Observed observed, string activity, double fetched)
    {
        var ready = observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Ready).ToList();
        if (wanted.Deleted)
        {
            return (EndpointState.Deleting, "running calls end, then it is gone", 0);
        }

        if (wanted.Blocked is { } why)
        {
            return (EndpointState.Blocked, why, 0);
        }

        if (!wanted.Awake)
        {
            return (EndpointState.Asleep, $"no call for {Span(wanted.Scaling.IdleTimeout)}: the next one wakes it", 0);
        }

        if (ready.Count > 0)
        {
            return (EndpointState.Ready, ready.Any(replica => replica.Target == wanted.Target.Key) ? "" : InPlace(wanted, observed, activity), 1);
        }

        // A fallback that may still come up is no failure yet.
        return observed.Target.HasFailed && (wanted.Fallback is null || observed.Fallback.HasFailed)
            ? (EndpointState.Failed, Failed(observed.Target), 0)
            : Rising(wanted, observed, activity, fetched);
    }

    /// <summary>An older target serves: say what keeps the wished one.</summary>
    private static string InPlace(Wanted wanted, Observed observed, string activity)
    {
        var old = wanted.Fallback?.Label ?? "the one before";
        return observed.Target.Last is { } failure
            ? $"{wanted.Target.Label} did not start, {old} goes on serving: {failure.Reason}{NextTry(observed.Target)}"
            : $"{wanted.Target.Label} is coming up beside {old}{(activity.Length > 0 ? $": {activity}" : "")}";
    }

    private static (EndpointState, string, double) Rising(Wanted wanted, Observed observed, string activity, double fetched)
    {
        var before = observed.Target.Last is { } failure ? $", after: {failure.Reason}" : "";
        if (observed.Target.Preparation is Preparation.None or Preparation.Fetching)
        {
            var waiting = observed.Target.Last is { } last ? $"{last.Reason}{NextTry(observed.Target)}" : "waiting to be started";
            return (EndpointState.Fetching, activity.Length > 0 ? activity : waiting, fetched);
        }

        if (observed.Target.Preparation is Preparation.Installing)
        {
            return (EndpointState.Starting, activity, 0);
        }

        var loading = observed.Replicas.Where(replica => replica.Phase is ReplicaPhase.Starting).ToList();
        return loading.Count > 0
            ? (EndpointState.Starting, $"{wanted.Target.Runtime} is loading {wanted.Target.Label}{before}", loading.Max(replica => replica.Progress))
            : (EndpointState.Starting, observed.Target.Last is { } cause ? $"{cause.Reason}{NextTry(observed.Target)}" : $"{wanted.Target.Runtime} is starting", 0);
    }

    private static string Failed(Attempt attempt) => $"{attempt.Last!.Reason}{NextTry(attempt)}";

    private static string NextTry(Attempt attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"; tried {attempt.Failures} {(attempt.Failures is 1 ? "time" : "times")}, next at {attempt.RetryAt.UtcDateTime:HH:mm:ss} UTC");

    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => Count(span.TotalDays, "days"),
        { TotalHours: >= 2 } => Count(span.TotalHours, "hours"),
        { TotalMinutes: >= 2 } => Count(span.TotalMinutes, "minutes"),
        _ => Count(span.TotalSeconds, "seconds"),
    };

    private static string Count(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {unit}");
}
