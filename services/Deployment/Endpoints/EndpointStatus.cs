using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>What has become of a wish.</summary>
internal sealed record EndpointStatus(EndpointState State, string Reason, double Progress, IReadOnlyList<ReplicaStatus> Replicas)
{
    public static EndpointStatus New { get; } = new(EndpointState.Fetching, "waiting to be started", 0, []);

    public bool Equals(EndpointStatus? other) => other is not null && State == other.State && Reason == other.Reason
        && Progress.Equals(other.Progress) && Replicas.SequenceEqual(other.Replicas);

    public override int GetHashCode() => HashCode.Combine(State, Reason, Progress, Replicas.Count);

    /// <summary>Only how far it is has changed, which needs telling less often than all else.</summary>
    public bool DiffersInProgressOnly(EndpointStatus other) => this with { Progress = other.Progress } == other && this != other;
}

internal sealed record ReplicaStatus(string Id, ReplicaState State, string Address, string Revision, DateTimeOffset StartedAt);
