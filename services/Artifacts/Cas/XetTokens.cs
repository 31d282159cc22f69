using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Signs Xet tokens (HMAC-SHA256) and reads them: <c>payload.signature</c>, both base64url.</summary>
internal sealed class XetTokens(UrlKeyring keyring, TimeProvider clock)
{
    private const int LongestToken = 4096;

    // The key also signs URLs: nothing that is signed there can pass for a token.
    private static ReadOnlySpan<byte> Purpose => "xet\n"u8;

    public string Sign(XetAccess access)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(access, XetTokenJson.Default.XetAccess);
        return $"{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(Hash(payload))}";
    }

    public Result<XetAccess> Read(string token)
    {
        if (token.Length > LongestToken || token.Split('.') is not [var payload, var signature] || Decode(payload) is not { } bytes
            || !CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Hash(bytes))), System.Text.Encoding.UTF8.GetBytes(signature)))
        {
            return CasErrors.BadToken;
        }

        // Signed, therefore ours.
        var access = JsonSerializer.Deserialize(bytes, XetTokenJson.Default.XetAccess)!;
        return access.ExpiresAt <= clock.GetUtcNow() ? CasErrors.TokenExpired : access;
    }

    private static byte[]? Decode(string text) => Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private byte[] Hash(ReadOnlySpan<byte> payload) => HMACSHA256.HashData(keyring.Secret, (byte[])[.. Purpose, .. payload]);
}

[JsonSerializable(typeof(XetAccess))]
internal sealed partial class XetTokenJson : JsonSerializerContext;
