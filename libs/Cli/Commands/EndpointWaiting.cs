using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary>Follows an endpoint until it answers calls at the wished revision, and says how it goes.</summary>
internal sealed class EndpointWaiting(Session session, TimeSpan patience)
{
    private const int MostReconnections = 5;

    public async Task<Endpoint> UntilReadyAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using var line = new StatusLine(session.Terminal, session.Out.IsJson);
        try
        {
            return await FollowAsync(endpoint, line, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FailureException(
                Error.Unavailable("NOT_READY", $"endpoint '{endpoint.Name}' is not ready after {patience.TotalMinutes:0.#} minutes; it goes on by itself"), new($"garden endpoints show {endpoint.Name}"));
        }
    }

    private async Task<Endpoint> FollowAsync(Endpoint endpoint, StatusLine line, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await foreach (var now in session.Garden.WatchEndpointAsync(new(endpoint.Name), cancellationToken))
                {
                    line.Show(Words(now));
                    if (IsDone(now, endpoint.Generation))
                    {
                        return now;
                    }
                }
            }
            catch (NotReachableException) when (attempt < MostReconnections && !cancellationToken.IsCancellationRequested)
            {
                // A stream may break where the wish goes on: look again.
            }

            if (attempt == MostReconnections)
            {
                throw new NotReachableException($"the garden ended the watch of endpoint '{endpoint.Name}' {attempt} times");
            }

            await session.Transport.PauseAsync(attempt, cancellationToken);
        }
    }

    private static bool IsDone(Endpoint endpoint, long generation) => endpoint.Generation >= generation && endpoint.State switch
    {
        EndpointState.Asleep => true,
        // While a new revision comes up, the old one keeps the endpoint ready.
        EndpointState.Ready => endpoint.Replicas.Count is 0 || endpoint.Replicas.Any(replica => replica.State is ReplicaState.Ready && replica.Revision == endpoint.Revision),
        EndpointState.Failed => throw new FailureException(
            Error.Unavailable("ENDPOINT_FAILED", $"endpoint '{endpoint.Name}' cannot run: {endpoint.Reason}"), new($"garden endpoints logs {endpoint.Name}")),
        EndpointState.Blocked => throw new FailureException(
            Error.Denied("ENDPOINT_BLOCKED", $"endpoint '{endpoint.Name}' is blocked: {endpoint.Reason}"), new($"garden endpoints show {endpoint.Name}")),
        EndpointState.Deleting => throw new ErrorException(Error.Conflict("ENDPOINT_DELETED", $"endpoint '{endpoint.Name}' is being deleted")),
        _ => false,
    };

    private static string Words(Endpoint endpoint)
    {
        var progress = endpoint.Progress is > 0 and < 1 ? $" {endpoint.Progress * 100:0}%" : "";
        var reason = endpoint.Reason.Length > 0 ? $": {endpoint.Reason}" : "";
        return $"{endpoint.Name}: {Plain.Name(endpoint.State)}{progress}{reason}";
    }
}
