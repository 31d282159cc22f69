using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ModelGarden.Cli.Output;

namespace ModelGarden.Cli.Garden;

/// <summary>How a request may be treated.</summary>
/// <param name="Repeatable">Sending it twice does what sending it once does: it is tried again when the garden asks for that.</param>
/// <param name="Patience">How long the answer's beginning may take; null: for ever.</param>
internal readonly record struct Sending(bool Repeatable, TimeSpan? Patience)
{
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(100);

    public static Sending Once => new(false, Usual);

    public static Sending Again => new(true, Usual);
}

/// <summary>
/// HTTP/1.1 to one garden: the token goes to that garden only, what passes by itself is tried again with growing, jittered pauses or when the
/// garden says, redirects are the caller's matter.
/// </summary>
internal sealed class Transport : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly Terminal _terminal;
    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue? _credential;

    public Transport(Terminal terminal, GardenAddress address, string? token)
    {
        (_terminal, Address) = (terminal, address);
        _credential = token is null ? null : Credential(token);
        _http = new(terminal.Handler()) { BaseAddress = address.Base, Timeout = Timeout.InfiniteTimeSpan };
    }

    public GardenAddress Address { get; }

    public bool HasToken => _credential is not null;

    /// <summary>Sends what <paramref name="make"/> makes, anew for every attempt. The answer may be a refusal.</summary>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, Sending sending, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan pause;
            try
            {
                var response = await OnceAsync(make(), sending.Patience, cancellationToken);
                pause = PauseOf(response, attempt);
                if (!sending.Repeatable || attempt == Attempts || !IsPassing(response.StatusCode) || pause > LongestPause)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException exception) when (sending.Repeatable && attempt < Attempts && MayPass(exception))
            {
                pause = Backoff(attempt);
            }
            catch (HttpRequestException exception)
            {
                throw NotReachable(exception);
            }

            await _terminal.Pause(pause, cancellationToken);
        }
    }

    /// <summary>A pause before trying again something that is larger than one request.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken) => _terminal.Pause(Backoff(attempt), cancellationToken);

    public NotReachableException NotReachable(Exception exception) =>
        new($"the garden at {Address} cannot be reached: {Words(exception)}", exception);

    public void Dispose() => _http.Dispose();

    private static AuthenticationHeaderValue Credential(string token) =>
        token.All(c => c is > ' ' and <= '~') && token.Length <= 4096
            ? new("Bearer", token)
            : throw new ErrorException(Error.Invalid("BAD_TOKEN", "the token is not one: it has blanks, line ends or foreign letters: copy it again"));

    private async Task<HttpResponseMessage> OnceAsync(HttpRequestMessage request, TimeSpan? patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience ?? Timeout.InfiniteTimeSpan);
        request.RequestUri = new Uri(_http.BaseAddress!, request.RequestUri!);
        request.Headers.UserAgent.Add(new("garden", "1.0"));
        if (_credential is not null && IsOurs(request.RequestUri) && !(request.Options.TryGetValue(SignedUrl, out var signed) && signed))
        {
            request.Headers.Authorization = _credential;
        }

        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.Unknown, patience is { } span ? $"no answer within {span.TotalSeconds:0} seconds" : "it takes nothing any more", exception);
        }
    }

    /// <summary>The address carries its own permission: no token goes with it.</summary>
    public static HttpRequestOptionsKey<bool> SignedUrl { get; } = new("signed");

    private bool IsOurs(Uri uri) => Uri.Compare(uri, _http.BaseAddress, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) is 0;

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    // Nobody there is told at once; what broke off in between may well go through.
    private static bool MayPass(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.Unknown or HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
        && exception.InnerException is not OperationCanceledException;

    private TimeSpan PauseOf(HttpResponseMessage response, int attempt) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => Max(date - _terminal.Clock.GetUtcNow(), TimeSpan.Zero),
        _ => Backoff(attempt),
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // Half a second, doubled each time; somewhere in the upper half of that, so that many do not come back at once.
    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt) * (0.5 + (Random.Shared.NextDouble() / 2)));

    private static string Words(Exception exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "no such host",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"no secure connection: {exception.InnerException?.Message ?? exception.Message}",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "nothing listens there: is it running?",
        { InnerException: OperationCanceledException } => exception.Message,
        { InnerException: { } inner } => inner.Message,
        _ => exception.Message,
    };
}
