using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Urls;

/// <summary>What a URL may be used for; GET and HEAD are one use, and so are the HEAD and PATCH of <see cref="Append"/>.</summary>
internal enum UrlUse
{
    Read,
    Upload,
    Part,
    Append,
    Complete,
    Xorb,
}

/// <summary>All that a signature covers. The path holds the digest or the upload.</summary>
internal sealed record SignedUrl(UrlUse Use, string Path, string Tenant, string FileName, DateTimeOffset ExpiresAt);

/// <summary>
/// Signs URLs (HMAC-SHA256) and tells whether one is ours, as we made it. Whoever holds such a URL may use it until it expires: nothing else is asked.
/// </summary>
internal sealed class UrlSigner(UrlKeyring keyring, TimeProvider clock)
{
    private const int Remembered = 4096;

    // Files are read in many ranges by the same URL, and whether it is ours is half of the work of a small one. Found by all of the URL as it came, so nobody gets in by another spelling.
    private readonly ConcurrentDictionary<(UrlUse Use, string Target), SignedUrl> _checked = new();

    private int _kept;

    /// <summary>Path and query.</summary>
    public string Sign(SignedUrl url)
    {
        var expires = url.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var name = url.FileName.Length is 0 ? "" : $"&name={Uri.EscapeDataString(url.FileName)}";
        var signature = Base64Url.EncodeToString(Hash(url.Use, url.Path, url.Tenant, url.FileName, expires));
        return $"{url.Path}?tenant={Uri.EscapeDataString(url.Tenant)}{name}&expires={expires}&sig={signature}";
    }

    /// <summary>What a request's URL was signed for, or why it is refused.</summary>
    public Result<SignedUrl> Check(UrlUse use, HttpRequest request)
    {
        var target = (use, request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (!_checked.TryGetValue(target, out var url))
        {
            var found = CheckSignature(use, request);
            if (found.Error is not null)
            {
                return found;
            }

            url = Keep(target, found.Value);
        }

        return url.ExpiresAt <= clock.GetUtcNow() ? ArtifactsErrors.UrlExpired : url;
    }

    private Result<SignedUrl> CheckSignature(UrlUse use, HttpRequest request)
    {
        var (path, query) = (request.Path.Value ?? "", request.Query);
        var (tenant, name, expires) = (query["tenant"].ToString(), query["name"].ToString(), query["expires"].ToString());
        if (!IsSignature(query["sig"].ToString(), Hash(use, path, tenant, name, expires)))
        {
            return ArtifactsErrors.BadSignature;
        }

        // Signed, therefore a number.
        return new SignedUrl(use, path, tenant, name, DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, NumberStyles.None, CultureInfo.InvariantCulture)));
    }

    private SignedUrl Keep((UrlUse, string) target, SignedUrl url)
    {
        if (Interlocked.Increment(ref _kept) > Remembered)
        {
            // Rarely: whoever asks next is looked at anew.
            _checked.Clear();
            Volatile.Write(ref _kept, 1);
        }

        _checked[target] = url;
        return url;
    }

    // Escaped fields hold no line break, so no two sets of fields make the same text.
    private byte[] Hash(UrlUse use, string path, string tenant, string name, string expires) => HMACSHA256.HashData(
        keyring.Secret, Encoding.UTF8.GetBytes(string.Join('\n', new[] { use.ToString(), path, tenant, name, expires }.Select(Uri.EscapeDataString))));

    // Compared as text: every other spelling of the same bytes is another signature.
    private static bool IsSignature(string text, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(Base64Url.EncodeToString(expected)));
}
