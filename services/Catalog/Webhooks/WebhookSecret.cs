using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>What a webhook and its receiver share: sent along as it is, which is the Hugging Face protocol's way, and the key of each delivery's signature by the Standard Webhooks specification.</summary>
internal static class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int Bytes = 32;

    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Why a text is no secret; null: it is one.</summary>
    public static Error? Fault(string secret) => secret switch
    {
        _ when secret.Length is 0 or > WebhookLimits.Secret || secret.Any(letter => letter is <= ' ' or > '~') =>
            Error.Invalid("BAD_SECRET", $"secret has {secret.Length} characters, or a blank, or one beyond ASCII: 1 to {WebhookLimits.Secret} printable ASCII characters are expected"),
        _ when secret.StartsWith(Prefix, StringComparison.Ordinal) && KeyOf(secret) is [] =>
            Error.Invalid("BAD_SECRET", $"secret begins with {Prefix}, and what follows is not base64: a key in base64 is expected there, or another beginning"),
        _ => null,
    };

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public static string Sign(string secret, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var signed = (byte[])[.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.")), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed))}";
    }

    /// <summary>What follows <c>whsec_</c>, out of base64; of other secrets their own characters. Empty: it is not base64.</summary>
    private static byte[] KeyOf(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(secret);
        }

        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) ? key[..length] : [];
    }
}
