using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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
        var (path, query) = (request.Path.Value ?? "", request.Query);
        var (tenant, name, expires) = (query["tenant"].ToString(), query["name"].ToString(), query["expires"].ToString());
        if (!IsSignature(query["sig"].ToString(), Hash(use, path, tenant, name, expires)))
        {
            return ArtifactsErrors.BadSignature;
        }

        // Signed, therefore a number.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, NumberStyles.None, CultureInfo.InvariantCulture));
        return expiresAt <= clock.GetUtcNow() ? ArtifactsErrors.UrlExpired : new SignedUrl(use, path, tenant, name, expiresAt);
    }

    // Escaped fields hold no line break, so no two sets of fields make the same text.
    private byte[] Hash(UrlUse use, string path, string tenant, string name, string expires) => HMACSHA256.HashData(
        keyring.Secret, Encoding.UTF8.GetBytes(string.Join('\n', new[] { use.ToString(), path, tenant, name, expires }.Select(Uri.EscapeDataString))));

    // Compared as text: every other spelling of the same bytes is another signature.
    private static bool IsSignature(string text, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(Base64Url.EncodeToString(expected)));
}
