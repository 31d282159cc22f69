using System.Net;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Reconciling;

namespace ModelGarden.Deployment.Processes;

/// <summary>Asks an engine over HTTP whether it is ready. 200: yes; 503 or nobody listening: not yet; anything else: it is not what it should be.</summary>
/// <param name="engine">Which.</param>
/// <param name="port">Where it listens.</param>
/// <param name="patience">For one answer, by the machine's clock: an engine knows no other.</param>
/// <param name="clock">For the pauses between two.</param>
internal sealed class ReadinessProbe(Engine engine, int port, TimeSpan patience, TimeProvider clock)
{
    private const int LargestAnswer = 64 << 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        MaxResponseContentBufferSize = LargestAnswer,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks until it is ready (null) or answers garbage.</summary>
    public async Task<Failure?> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (ready, failure) = await AskAsync(cancellationToken);
            if (ready || failure is not null)
            {
                return failure;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Asks an engine that said it is ready.</summary>
    public async Task<Failure?> AskOnceAsync(CancellationToken cancellationToken)
    {
        var (ready, failure) = await AskAsync(cancellationToken);
        return ready ? null : failure ?? new($"{engine} said that it is ready, and does not answer GET {engine.ReadyPath} so", Severe: true);
    }

    /// <summary>Asks an engine that was ready already.</summary>
    public async Task<Failure?> AskAgainAsync(CancellationToken cancellationToken)
    {
        var (ready, failure) = await AskAsync(cancellationToken);
        return ready ? null : failure ?? new($"{engine} does not answer GET {engine.ReadyPath} any more", Severe: false);
    }

    private async Task<(bool Ready, Failure? Failure)> AskAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using var answer = await Client.GetAsync(new Uri($"http://127.0.0.1:{port}{engine.ReadyPath}"), limit.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => (true, null),
                HttpStatusCode.ServiceUnavailable => (false, null),
                var other => (false, new($"{engine} answered GET {engine.ReadyPath} with {(int)other}: it is not the engine that its manifest describes", Severe: true)),
            };
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError)
        {
            return (false, null);
        }
        catch (HttpRequestException exception)
        {
            return (false, new($"{engine} answered GET {engine.ReadyPath} with garbage: {exception.Message}", Severe: true));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, new($"{engine} did not answer GET {engine.ReadyPath} within {patience.TotalSeconds:0.#} seconds", Severe: true));
        }
    }
}
