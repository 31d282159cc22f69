using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelGarden.Identity.Trust;

/// <summary>A public key of an issuer's (RFC 7517), for the algorithms that go with it and no others (RFC 8725, section 3.1).</summary>
internal sealed class IssuerKey : IDisposable
{
    private const int ShortestRsa = 2048;
    private const int LongestRsa = 8192;
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;
    private readonly string[] _algorithms;

    private IssuerKey(string id, string[] algorithms, RSA? rsa, ECDsa? ec) => (Id, _algorithms, _rsa, _ec) = (id, algorithms, rsa, ec);

    public static IReadOnlyList<string> Algorithms { get; } = ["ES256", "ES384", "RS256", "PS256"];

    public string Id { get; }

    /// <summary>Null: no key that signs with one of the algorithms, such as one for encryption, a secret, or a short one.</summary>
    public static IssuerKey? Of(JsonNode? node)
    {
        if (node is not JsonObject jwk || Text(jwk["kid"]) is not { Length: > 0 } id || Text(jwk["use"]) is not (null or "sig")
            || (jwk["key_ops"] is JsonArray operations && !operations.Any(one => Text(one) is "verify")))
        {
            return null;
        }

        try
        {
            return Text(jwk["kty"]) switch
            {
                "RSA" => OfRsa(id, jwk),
                "EC" => OfEc(id, jwk),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    public bool IsSigned(ForeignToken token) => _algorithms.Contains(token.Algorithm) && token.Algorithm switch
    {
        "RS256" => _rsa!.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => _rsa!.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "ES256" => _ec!.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        _ => _ec!.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
    };

    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
    }

    private static IssuerKey? OfRsa(string id, JsonObject jwk)
    {
        if (Number(jwk, "n") is not { Length: > 0 and <= LongestRsa / 8 } modulus || Number(jwk, "e") is not { Length: > 0 and <= 8 } exponent || Own(jwk, "RS256", "PS256") is not { Length: > 0 } own)
        {
            return null;
        }

        var key = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        if (key.KeySize >= ShortestRsa)
        {
            return new(id, own, key, null);
        }

        key.Dispose();
        return null;
    }

    private static IssuerKey? OfEc(string id, JsonObject jwk)
    {
        var (curve, length, algorithm) = Text(jwk["crv"]) switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32, "ES256"),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48, "ES384"),
            _ => (default, 0, ""),
        };
        if (length is 0 || Number(jwk, "x") is not { } x || Number(jwk, "y") is not { } y || x.Length != length || y.Length != length || Own(jwk, algorithm) is not { Length: > 0 } own)
        {
            return null;
        }

        // Throws for a point that is not on the curve (RFC 8725, section 3.4).
        return new(id, own, null, ECDsa.Create(new ECParameters { Curve = curve, Q = new() { X = x, Y = y } }));
    }

    /// <summary>Those of these that the key is for, if it says.</summary>
    private static string[] Own(JsonObject jwk, params string[] algorithms) => Text(jwk["alg"]) is { } only ? Array.FindAll(algorithms, one => one == only) : algorithms;

    private static byte[]? Number(JsonObject jwk, string name) => Text(jwk[name]) is { } text ? Base64Url.DecodeFromChars(text) : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;
}
