using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Trust;

/// <summary>
/// The keys of trusted issuers, found by OpenID Connect Discovery and kept: asked for again after ten minutes, or when a key is named that is not there, but at most once in half a minute, whatever tokens
/// come. Only issuers that somebody registered are asked, at public addresses, in bounded time and size.
/// </summary>
internal sealed partial class IssuerKeys : IDisposable
{
    private const int LargestAnswer = 512 << 10;
    private const int MostKeys = 100;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Lazy<Issuer>> _issuers = new(StringComparer.Ordinal);
    private readonly IssuerAddresses _addresses;
    private readonly TimeProvider _clock;
    private readonly ILogger<IssuerKeys> _logger;
    private readonly HttpClient _http;

    public IssuerKeys(IssuerAddresses addresses, TimeProvider clock, ILogger<IssuerKeys> logger)
    {
        (_addresses, _clock, _logger) = (addresses, clock, logger);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = addresses.ConnectAsync,
            ConnectTimeout = Patience,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    /// <summary>The key of this id; an error: the issuer has none such, or cannot be asked now.</summary>
    public async Task<Result<IssuerKey>> FindAsync(string issuer, string keyId, CancellationToken cancellationToken)
    {
        var held = _issuers.GetOrAdd(issuer, _ => new(() => new())).Value;
        await held.Gate.WaitAsync(cancellationToken);
        try
        {
            var (now, isKnown) = (_clock.GetUtcNow(), held.Keys.ContainsKey(keyId));
            if ((!isKnown || held.ReadAt + Kept <= now) && held.AskedAt + Pause <= now)
            {
                held.AskedAt = now;
                await ReadAsync(issuer, held, now, cancellationToken);
            }

            // Keys that are older than that are not gone on with because their issuer is silent: one of them may have been taken back.
            return held.ReadAt + Kept + Pause <= now ? Error.Unavailable("ISSUER_UNREACHABLE", $"{Text.Shorten(issuer)} does not tell its keys now: try again in a minute")
                : held.Keys.TryGetValue(keyId, out var key) ? key
                : OAuth.OAuthErrors.Request("its kid is not one of its issuer's keys");
        }
        finally
        {
            held.Gate.Release();
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(string issuer, Issuer held, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            // OpenID Connect Discovery, section 4.1: a slash at the end of the issuer is not doubled.
            var configuration = await GetAsync(new($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"), cancellationToken);
            if ((string?)configuration["issuer"] != issuer)
            {
                throw new InvalidDataException("its configuration names another issuer");
            }

            var keys = await GetAsync(new((string?)configuration["jwks_uri"] ?? "", UriKind.Absolute), cancellationToken);
            var read = keys["keys"] as JsonArray ?? throw new InvalidDataException("its keys are no list");
            held.Keys = read.Take(MostKeys).Select(IssuerKey.Of).OfType<IssuerKey>().GroupBy(key => key.Id).ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
            held.ReadAt = now;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or InvalidDataException or InvalidOperationException or UriFormatException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogFailed(Text.Shorten(issuer), exception.GetBaseException().Message);
        }
    }

    private async Task<JsonObject> GetAsync(Uri uri, CancellationToken cancellationToken)
    {
        if (!_addresses.IsSafe(uri))
        {
            throw new InvalidDataException("it names an address without TLS");
        }

        using var response = await _http.GetAsync(uri, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidDataException($"it answered {(int)response.StatusCode}");
        }

        return JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), documentOptions: new() { MaxDepth = 16, AllowDuplicateProperties = false }) as JsonObject
            ?? throw new InvalidDataException("it answered no object of JSON");
    }

    [LoggerMessage(2037, LogLevel.Warning, "the keys of {Issuer} could not be read: {Reason}")]
    private partial void LogFailed(string issuer, string reason);

    /// <summary>One issuer's keys. Those that were replaced are left to the collector: a request may still hold one.</summary>
    private sealed class Issuer
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Dictionary<string, IssuerKey> Keys { get; set; } = [];

        public DateTimeOffset AskedAt { get; set; }

        public DateTimeOffset ReadAt { get; set; }
    }
}
