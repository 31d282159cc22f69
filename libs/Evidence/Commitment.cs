using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Evidence;

/// <summary>
/// What stands in the chain for something personal: the SHA-256 of 32 random bytes and the value. While both are kept, anyone can see that they belong together; once they are erased,
/// nobody finds out what it was, and the chain is as it was.
/// </summary>
public static class Commitment
{
    public const string Prefix = "person:";
    private const int SaltLength = 32;

    public static PersonalValue Make(string value)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new() { Commitment = Of(salt, value), Salt = ByteString.CopyFrom(salt), Value = value };
    }

    /// <summary>The value is the one that the commitment was made of.</summary>
    public static bool Holds(PersonalValue value) => value.Salt.Length is SaltLength && value.Commitment == Of(value.Salt.Span, value.Value);

    private static string Of(ReadOnlySpan<byte> salt, string value) => $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(value)]))}";
}
