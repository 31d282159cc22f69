using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ModelGarden.Identity.SecondFactors;

/// <summary>Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, steps of 30 seconds, 6 digits.</summary>
internal static class Totp
{
    /// <summary>Of a secret: as long as the HMAC's output, as RFC 4226, section 4, R6 recommends.</summary>
    public const int SecretBytes = 20;

    private const int Digits = 6;
    private const int Modulus = 1_000_000;
    private const int StepSeconds = 30;

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>RFC 4226, section 5.3, with the step as the counter.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "authenticator apps know HMAC-SHA-1 alone; what breaks SHA-1 does not break HMAC")]
    public static string CodeAt(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xF)..]) & int.MaxValue;
        return $"{number % Modulus:D6}";
    }

    /// <summary>The step, of those around this time, whose code this is; null: of none. The clocks may differ by one step, as RFC 6238, section 5.2, has it.</summary>
    public static long? Match(byte[] secret, string code, DateTimeOffset now)
    {
        long? matched = null;
        for (var step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            // All are looked at, in a time that tells nothing.
            if (code.Length is Digits && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(code), System.Text.Encoding.UTF8.GetBytes(CodeAt(secret, step))))
            {
                matched = step;
            }
        }

        return matched;
    }
}
