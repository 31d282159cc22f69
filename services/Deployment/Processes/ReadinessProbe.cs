using System.Net;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Reconciling;

namespace ModelGarden.Deployment.Processes;

/// <summary>Asks an engine over HTTP whether it is ready. 200: yes; 503 or nobody listening: not yet; anything else: it is not what it should be.</summary>
internal sealed class ReadinessProbe(Engine engine, int port, TimeProvider clock)
{
    private const int LargestAnswer = 64 << 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OneAnswer = TimeSpan.FromSeconds(10);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        MaxResponseContentBufferSize = LargestAnswer,
        Timeout = OneAnswer,
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

    private async Task<(bool Ready, Failure? Failure)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri($"http://127.0.0.1:{port}{engine.ReadyPath}"), cancellationToken);
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
            return (false, new($"{engine} did not answer GET {engine.ReadyPath} within {OneAnswer.TotalSeconds:0} seconds", Severe: true));
        }
    }
}
