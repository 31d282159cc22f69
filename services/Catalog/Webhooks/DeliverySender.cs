using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ModelGarden.Hosting.Outside;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>What became of one attempt.</summary>
/// <param name="Arrived">The receiver took it: its answer was 2xx.</param>
/// <param name="Code">HTTP status; 0: there was no answer.</param>
/// <param name="Outcome">In words, for the webhook's account.</param>
/// <param name="Response">How the answer's body began.</param>
/// <param name="Duration">From connecting to the end.</param>
internal sealed record Attempt(bool Arrived, int Code, string Outcome, string Response, TimeSpan Duration);

/// <summary>Posts deliveries: one answer each, whatever it is, in bounded time; no redirects, no proxies, no cookies.</summary>
internal sealed class DeliverySender : IDisposable
{
    private const int ResponseBytes = 4000;
    private const int ResponseCharacters = 1000;
    private const int HeaderKilobytes = 16;
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(5);
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public DeliverySender(ReceiverAddresses addresses, TimeProvider clock)
    {
        _clock = clock;
        _client = new(new SocketsHttpHandler
        {
            ConnectCallback = addresses.ConnectAsync,
            ConnectTimeout = Connecting,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKilobytes,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            // Of each attempt its own, in real time: the network does not go by the garden's clock.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Null: it was broken off from here.</summary>
    public async Task<Attempt?> SendAsync(StoredWebhook webhook, string id, byte[] body, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Whole);
        try
        {
            using var request = Request(webhook, id, body);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end.Token);
            var (code, text) = ((int)response.StatusCode, await ReadAsync(response, end.Token));
            return new(response.IsSuccessStatusCode, code, Words(code), text, Stopwatch.GetElapsedTime(began));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, 0, Words(exception), "", Stopwatch.GetElapsedTime(began));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A connection that is broken off from here fails in as many ways as there are places where it can be.
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(StoredWebhook webhook, string id, byte[] body)
    {
        var now = _clock.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new("ModelGarden-Webhooks", "1"));
        request.Headers.TryAddWithoutValidation("X-Webhook-Secret", webhook.Secret);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSecret.Sign(webhook.Secret, id, now, body));
        return request;
    }

    /// <summary>How the body begins; the rest is not read. Of one that breaks off, or takes too long, nothing: what counts has been said before.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[ResponseBytes];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return Text.Shorten(Encoding.UTF8.GetString(buffer, 0, read), ResponseCharacters);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            return "";
        }
    }

    private static string Words(int code) => code switch
    {
        >= 200 and < 300 => "delivered",
        >= 300 and < 400 => $"the receiver answered {code}: redirects are not followed, set the URL that it leads to",
        _ => $"the receiver answered {code}: 2xx is expected",
    };

    private static string Words(Exception exception) => exception switch
    {
        _ when Cause<AddressRefusedException>(exception) is { } refused => refused.Message,
        _ when Cause<AuthenticationException>(exception) is not null => "the receiver's certificate is not one that is trusted here, or it does not speak TLS",
        _ when Cause<SocketException>(exception) is { } socket => $"the receiver cannot be reached: {socket.SocketErrorCode}",
        OperationCanceledException or TimeoutException => $"the receiver did not answer within {Whole.TotalSeconds} seconds, {Connecting.TotalSeconds} of them to connect",
        HttpRequestException or IOException => "the receiver ended the connection, or its answer is no HTTP",
        _ => $"the address cannot be called: {Text.Shorten(exception.Message)}",
    };

    private static T? Cause<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return exception as T;
    }
}
