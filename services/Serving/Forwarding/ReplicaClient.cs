using System.Net;
using ModelGarden.Kernel;
using ModelGarden.Serving.Endpoints;

namespace ModelGarden.Serving.Forwarding;

/// <summary>
/// Sends a call to a replica. One that cannot be reached, before any of its answer has come, is passed over for another; an answer
/// that has begun is never begun again.
/// </summary>
internal sealed class ReplicaClient(ReplicaGate gate) : IDisposable
{
    private const int Attempts = 3;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = null,
    });

    /// <param name="call">An admitted call.</param>
    /// <param name="make">Makes the request for a replica's base address; called again for each attempt.</param>
    /// <param name="cancellationToken">The caller left.</param>
    public async Task<Result<ReplicaAnswer>> SendAsync(Call call, Func<Uri, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        string? avoid = null;
        for (var attempt = 1; ; attempt++)
        {
            var taken = await gate.TakeAsync(call.Endpoint.Tenant, call.Endpoint.Name, avoid, cancellationToken);
            if (taken.Error is { } error)
            {
                return error;
            }

            var lease = taken.Value;
            try
            {
                return new ReplicaAnswer(lease, await _client.SendAsync(make(new Uri(lease.Replica.Address)), cancellationToken));
            }
            catch (HttpRequestException exception)
            {
                lease.Dispose();
                avoid = lease.Replica.Id;
                if (attempt == Attempts)
                {
                    return Error.Unavailable("REPLICA_UNREACHABLE", $"endpoint '{call.Endpoint.Name}' did not answer ({exception.HttpRequestError}): try again");
                }
            }
            catch (OperationCanceledException)
            {
                lease.Dispose();
                throw;
            }
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>A replica's answer, headers read, body on its way; ends its hold on the replica when it is disposed.</summary>
internal sealed class ReplicaAnswer(ReplicaLease lease, HttpResponseMessage response) : IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    public bool IsSuccess => Response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    public void Dispose()
    {
        Response.Dispose();
        lease.Dispose();
    }
}
