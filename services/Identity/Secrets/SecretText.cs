using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ModelGarden.Identity.Secrets;

/// <summary>
/// Secrets that the garden makes and keeps only the hash of: sessions and one-time links. 256 random bits in base64url (RFC 4648, section 5), 43 characters.
/// </summary>
internal static class SecretText
{
    private const int Bytes = 32;
    private const int Length = 43;

    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>It has the form; whether the garden gave it out is the store's to say.</summary>
    public static bool IsWellFormed(string text) => text.Length is Length && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>What is stored of a secret that the garden made. No salt and no stretching: its random bits cannot be guessed.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
