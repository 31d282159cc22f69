using Microsoft.Extensions.Options;
using ModelGarden.Kernel;
using ModelGarden.Serving.Endpoints;

namespace ModelGarden.Serving.Forwarding;

/// <summary>
/// Sends a call to a replica. One that could not be sent the whole call is passed over for another; where there is none it is tried again
/// after a moment. A call that was sent is never sent again: an engine that it has crashed would be followed by the others.
/// </summary>
internal sealed class ReplicaClient(ReplicaGate gate, IOptions<ServingOptions> options, TimeProvider clock) : IDisposable
{
    private const int Attempts = 5;
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
    /// <param name="make">Makes the request for a replica's base address, with a <see cref="CallBody"/> if with any; called again for each attempt.</param>
    /// <param name="cancellationToken">The caller left.</param>
    public async Task<Result<ReplicaAnswer>> SendAsync(Call call, Func<Uri, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var passedOver = new HashSet<string>();
        for (var attempt = 1; ; attempt++)
        {
            var taken = await gate.TakeAsync(call.Endpoint.Tenant, call.Endpoint.Name, passedOver, cancellationToken);
            if (taken.Error is { } none)
            {
                return none;
            }

            using var message = make(new Uri(taken.Value.Replica.Address));
            var answer = await TrySendAsync(taken.Value, message, cancellationToken);
            if (answer.Error is not { Reason: ServingErrors.ReplicaUnreachable } || attempt is Attempts)
            {
                return answer;
            }

            passedOver.Add(taken.Value.Replica.Id);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Gives the lease back unless there is an answer.</summary>
    private async Task<Result<ReplicaAnswer>> TrySendAsync(ReplicaLease lease, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(options.Value.AnswerTimeoutSeconds);
        using var late = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        ReplicaAnswer? answer = null;
        try
        {
            return answer = new(lease, await _client.SendAsync(message, either.Token));
        }
        catch (HttpRequestException exception)
        {
            return message.Content is CallBody { IsSent: true }
                ? ServingErrors.Unanswered(lease.Endpoint, exception)
                : ServingErrors.Unreachable(lease.Endpoint, exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ServingErrors.Late(lease.Endpoint, patience);
        }
        finally
        {
            if (answer is null)
            {
                lease.Dispose();
            }
        }
    }
}
