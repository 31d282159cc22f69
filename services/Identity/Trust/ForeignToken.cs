using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Trust;

/// <summary>
/// A JWT that somebody else's issuer signed (RFC 7519, as RFC 8725 has it read): taken apart strictly, and believed in nothing until its signature was verified with a key of the issuer that the garden
/// trusts, whatever keys or addresses the token itself names.
/// </summary>
internal sealed class ForeignToken
{
    private const int Longest = 16 << 10;
    private const int MostAudiences = 20;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(24);
    private readonly JsonObject _claims;

    private ForeignToken(JsonObject header, JsonObject claims, byte[] signed, byte[] signature) =>
        (Algorithm, KeyId, _claims, Signed, Signature) = (Text(header["alg"]), Text(header["kid"]), claims, signed, signature);

    /// <summary>One of <see cref="IssuerKey.Algorithms"/>.</summary>
    public string Algorithm { get; }

    public string KeyId { get; }

    public byte[] Signed { get; }

    public byte[] Signature { get; }

    public string Issuer => Text(_claims["iss"]);

    public string Subject => Text(_claims["sub"]);

    /// <summary>A token of the right form. Nothing of it is proven yet.</summary>
    public static Result<ForeignToken> Parse(string text)
    {
        if (text.Length > Longest || text.Split('.') is not [var first, var second, var third])
        {
            return Bad($"it is no signed JWT of at most {Longest >> 10} KiB: three parts with dots between");
        }

        if (Json(first) is not { } header || Json(second) is not { } claims || Bytes(third) is not { Length: > 0 } signature)
        {
            return Bad("its parts are not base64url, or its header and claims are not objects of JSON that name everything once");
        }

        return HeaderFault(header) is { } fault ? Bad(fault) : new ForeignToken(header, claims, Encoding.ASCII.GetBytes($"{first}.{second}"), signature);
    }

    /// <summary>Why the claims are not those of a token that whoever trusts its issuer takes now; null: they are. It says what who has the token can read in it.</summary>
    public Error? Fault(DateTimeOffset now)
    {
        var (expires, issued, starts) = (Time("exp"), Time("iat"), Time("nbf"));
        return true switch
        {
            _ when Subject.Length is 0 => Bad("sub is missing"),
            _ when expires is null || issued is null || (_claims.ContainsKey("nbf") && starts is null) => Bad("exp or iat is missing, or a time is not a number"),
            _ when expires <= now - Skew => Bad("it has expired"),
            _ when issued > now + Skew || starts > now + Skew => Bad("it is from the future: its issuer's clock or this one's is wrong"),
            _ when expires - issued > LongestLifetime => Bad($"it is good for more than {LongestLifetime.TotalHours:0} hours, which no job needs"),
            _ => null,
        };
    }

    /// <summary>Why the token is not of this issuer or not for this audience; null: it is.</summary>
    public Error? Refusal(string issuer, string audience) => Issuer != issuer ? Bad("iss is another issuer") : IsFor(audience) ? null : Bad($"aud is not {Kernel.Text.Shorten(audience)}");

    /// <summary>A claim as text; null: it is not there, or is no text, number or boolean.</summary>
    public string? Claim(string name) => _claims[name] is JsonValue value ? value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
        _ => null,
    } : null;

    private static string? HeaderFault(JsonObject header) => true switch
    {
        // Not what there is and is not liked, but what is liked: neither `none` nor a secret that is somebody's public key (RFC 8725, sections 2.1 and 3.1).
        _ when !IssuerKey.Algorithms.Contains(Text(header["alg"])) => $"alg is not one of {string.Join(", ", IssuerKey.Algorithms)}",
        // We know no extension that must be understood (RFC 7515, section 4.1.11).
        _ when header.ContainsKey("crit") || header.ContainsKey("b64") || header.ContainsKey("zip") => "its header has crit, b64 or zip",
        // Tokens of other kinds say what they are (RFC 8725, section 3.11): an access token or a logout token is no id token.
        _ when header.ContainsKey("typ") && !string.Equals(Text(header["typ"]), "JWT", StringComparison.OrdinalIgnoreCase) => "typ is another kind of token",
        _ when Text(header["kid"]).Length is 0 or > 256 => "kid is missing",
        _ => null,
    };

    private bool IsFor(string audience) => _claims["aud"] switch
    {
        JsonValue value => Text(value) == audience,
        JsonArray { Count: > 0 and <= MostAudiences } all => all.All(one => Text(one).Length > 0) && all.Any(one => Text(one) == audience),
        _ => false,
    };

    private DateTimeOffset? Time(string name) =>
        _claims[name] is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<double>(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;

    private static JsonObject? Json(string part)
    {
        try
        {
            var json = Bytes(part) is { } bytes
                ? JsonNode.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), documentOptions: new() { MaxDepth = 8, AllowDuplicateProperties = false }) as JsonObject
                : null;
            // Names are decoded when they are first asked for.
            _ = json?.Count;
            return json;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>One spelling only: the decoder would take padding, blanks and stray bits too.</summary>
    private static byte[]? Bytes(string part)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return Base64Url.EncodeToString(bytes) == part ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : "";

    private static Error Bad(string what) => OAuth.OAuthErrors.Request($"the subject_token is not taken: {what}");
}
