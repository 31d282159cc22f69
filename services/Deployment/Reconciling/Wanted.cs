using ModelGarden.Deployment.Endpoints;

namespace ModelGarden.Deployment.Reconciling;

/// <summary>The wish, as far as replicas depend on it.</summary>
/// <param name="Target">What is to run.</param>
/// <param name="Standing">The last target that was ready; null: none yet.</param>
/// <param name="Scaling">How many.</param>
/// <param name="Deleted">Nothing is to run, ever again.</param>
/// <param name="Awake">False: scaled to zero until somebody calls.</param>
/// <param name="Blocked">Why nothing may run for now; null: it may.</param>
internal sealed record Wanted(Target Target, Target? Standing, Scaling Scaling, bool Deleted, bool Awake, string? Blocked = null)
{
    /// <summary>What may serve when the target cannot; null: nothing else.</summary>
    public Target? Fallback => Standing is { } standing && standing.Key != Target.Key ? standing : null;
}

/// <summary>What there is.</summary>
/// <param name="Replicas">Oldest first.</param>
/// <param name="Target">How far the wished target is.</param>
/// <param name="Fallback">How far the one before it is.</param>
/// <param name="IdleSince">Since when nobody calls.</param>
/// <param name="NeededAt">When all ready replicas were last needed.</param>
internal sealed record Observed(
    IReadOnlyList<ReplicaView> Replicas, Attempt Target, Attempt Fallback, DateTimeOffset IdleSince, DateTimeOffset NeededAt);

/// <summary>How far the way to running a target is, and how it went before.</summary>
internal sealed record Attempt(Preparation Preparation, int Failures = 0, DateTimeOffset RetryAt = default, Failure? Last = null)
{
    /// <summary>So many in a row are no accident.</summary>
    private const int Repeated = 3;

    public static Attempt None { get; } = new(Preparation.None);

    /// <summary>Doing the same again is not expected to help, though it is tried.</summary>
    public bool HasFailed => Last is not null && (Last.Severe || Failures >= Repeated);
}

/// <summary>Whether a target's files and engine are on this machine.</summary>
internal enum Preparation
{
    None,
    Fetching,
    Installing,
    Done,
}

/// <summary>Why a target did not come up, or did not stay up.</summary>
/// <param name="Reason">For people, with what to do.</param>
/// <param name="Severe">Not likely to go away by itself.</param>
internal sealed record Failure(string Reason, bool Severe);

internal enum ReplicaPhase
{
    Starting,
    Ready,
    Draining,
    Stopping,
}

/// <summary>One replica as the planner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Target">Key of what it runs.</param>
/// <param name="Phase">Where in its life it is.</param>
/// <param name="Since">When that phase began.</param>
/// <param name="RunningCalls">As all instances of Serving last said.</param>
/// <param name="Progress">Of loading, 0 to 1.</param>
internal sealed record ReplicaView(string Id, string Target, ReplicaPhase Phase, DateTimeOffset Since, int RunningCalls = 0, double Progress = 0);

/// <summary>What is to be done next.</summary>
internal abstract record Step
{
    private Step()
    {
    }

    /// <summary>Bring a target's files and engine to this machine.</summary>
    public sealed record Prepare(Target Target) : Step;

    public sealed record Start(Target Target) : Step;

    /// <summary>No new calls; running ones go on.</summary>
    public sealed record Drain(string Replica) : Step;

    /// <summary>Ask to end, and after so long end it.</summary>
    public sealed record Stop(string Replica, TimeSpan Grace) : Step;

    public sealed record Sleep : Step;

    /// <summary>Everything is stopped: forget the endpoint.</summary>
    public sealed record Remove : Step;
}

/// <summary>Steps, and when to look again though nothing happens.</summary>
internal sealed record Decision(IReadOnlyList<Step> Steps, DateTimeOffset? LookAt);

/// <summary>The times and bounds that the planner goes by.</summary>
internal sealed record Limits(int CallsPerReplica, TimeSpan StopGrace, TimeSpan DrainGrace, TimeSpan DrainLimit, TimeSpan ScaleDownAfter)
{
    public static Limits From(DeploymentOptions options) =>
        new(options.CallsPerReplica, options.StopGrace, options.DrainGrace, options.DrainLimit, options.ScaleDownAfter);
}
