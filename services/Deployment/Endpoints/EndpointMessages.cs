using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>Parts of an endpoint as the contract writes them.</summary>
internal static class EndpointMessages
{
    public static Timestamp ToMessage(DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    public static Contracts.V1.Scaling ToMessage(Scaling scaling) => new()
    {
        MinimumReplicas = scaling.Minimum,
        MaximumReplicas = scaling.Maximum,
        IdleTimeout = Duration.FromTimeSpan(scaling.IdleTimeout),
    };

    public static Replica ToMessage(ReplicaStatus replica, bool withAddress) => new()
    {
        Id = replica.Id,
        State = replica.State,
        Address = withAddress ? replica.Address : "",
        Revision = replica.Revision,
        StartedAt = ToMessage(replica.StartedAt),
    };
}
