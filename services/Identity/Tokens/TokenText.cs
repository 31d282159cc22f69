using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Identity.Tokens;

/// <summary>
/// What a token looks like: <c>hf_garden_</c>, 27 characters that carry 160 random bits, and 6 with the CRC-32 of all before it, both
/// in base 62. The form is public, so that scanners of leaked secrets can tell a real one from a look-alike, and a mistyped one is refused
/// without a look into the store.
/// </summary>
internal static class TokenText
{
    public const string Prefix = "hf_garden_";
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 27;
    private const int ChecksumLength = 6;
    private const int SecretBytes = 20;
    private static readonly SearchValues<char> DigitSet = SearchValues.Create(Digits);

    public static string Make()
    {
        var secret = new System.Numerics.BigInteger(RandomNumberGenerator.GetBytes(SecretBytes), isUnsigned: true);
        var text = Prefix + Base62(secret, SecretLength);
        return text + Base62(Crc32(text), ChecksumLength);
    }

    /// <summary>It has the form and its checksum is right; whether the garden gave it out is the store's to say.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Prefix.Length + SecretLength + ChecksumLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(Prefix.Length).IndexOfAnyExcept(DigitSet) < 0
        && text.AsSpan(Prefix.Length + SecretLength).SequenceEqual(Base62(Crc32(text[..^ChecksumLength]), ChecksumLength));

    private static string Base62(System.Numerics.BigInteger value, int length) => string.Create(length, value, (span, rest) =>
    {
        for (var i = span.Length - 1; i >= 0; i--)
        {
            span[i] = Digits[(int)(rest % Digits.Length)];
            rest /= Digits.Length;
        }
    });

    /// <summary>CRC-32 as in ISO 3309, zlib and PNG.</summary>
    private static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var b in Encoding.ASCII.GetBytes(text))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) is 1 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
