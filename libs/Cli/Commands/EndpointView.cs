using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary>Endpoints as people see them.</summary>
internal static class EndpointView
{
    public static void Show(Session session, Endpoint endpoint)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(endpoint);
            return;
        }

        session.Out.Facts(
            ("endpoint", endpoint.Name),
            ("state", Tones.Of(endpoint.State)),
            ("reason", endpoint.Reason),
            ("model", $"{endpoint.Repository}@{Plain.ShortCommit(endpoint.Revision)}"),
            ("file", endpoint.File),
            ("runtime", endpoint.Runtime),
            ("protocol", endpoint.Protocol),
            ("address", Address(session, endpoint)),
            ("replicas", Replicas(endpoint)),
            ("scaling", Words(endpoint.Scaling)),
            ("memory", endpoint.MemoryEstimate > 0 ? $"about {Plain.Size(endpoint.MemoryEstimate)} a replica" : ""),
            ("licences", string.Join(", ", endpoint.Licenses)),
            ("created", $"{Plain.Time(endpoint.CreatedAt)} by {endpoint.CreatedBy}"),
            ("last call", Plain.Time(endpoint.LastCallAt)));
    }

    public static void Show(Session session, ListEndpointsResponse endpoints)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(endpoints);
            return;
        }

        if (endpoints.Endpoints.Count is 0)
        {
            session.Out.Note("no endpoints yet: garden deploy NAME");
            return;
        }

        session.Out.Table(
            ["endpoint", "state", "model", "runtime", "replicas", "last call"],
            [.. endpoints.Endpoints.Select(endpoint => new Cell[]
            {
                endpoint.Name,
                Tones.Of(endpoint.State),
                $"{endpoint.Repository}@{Plain.ShortCommit(endpoint.Revision)}",
                endpoint.Runtime,
                Plain.Number(endpoint.Replicas.Count(replica => replica.State is ReplicaState.Ready)),
                Plain.Time(endpoint.LastCallAt),
            })]);
    }

    private static string Address(Session session, Endpoint endpoint) => endpoint.Protocol switch
    {
        "openai" => $"{session.Address}/v1, model {endpoint.Name}",
        "oip-v2" => $"{session.Address}/kserve/{endpoint.Name}/v2/models/{endpoint.Name}/infer",
        _ => "",
    };

    private static string Replicas(Endpoint endpoint) => string.Join(
        ", ", endpoint.Replicas.GroupBy(replica => (replica.State, replica.Revision)).Select(group => $"{group.Count()} {Plain.Name(group.Key.State)} at {Plain.ShortCommit(group.Key.Revision)}"));

    private static string Words(Scaling? scaling) => scaling is null
        ? ""
        : $"{scaling.MinimumReplicas} to {Math.Max(1, scaling.MaximumReplicas)}{(scaling.IdleTimeout is { } idle ? $", sleeps after {idle.ToTimeSpan():c}" : "")}";
}
