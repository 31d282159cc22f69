using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Access;

/// <summary>
/// The signed word of Identity about a caller: a JWT (RFC 7519) with ES256 (RFC 7518), type <c>garden+jwt</c>, for the one audience
/// <c>garden</c>. Five minutes long, so what it says can be at most that old.
/// </summary>
public static class InternalToken
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private const string Algorithm = "ES256";
    private const string Type = "garden+jwt";
    internal const string Audience = "garden";
    internal const string Issuer = "garden-identity";
    private const int MaximumLength = 8192;
    private const int SignatureLength = 86;
    private static readonly long LatestTime = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    public static string Sign(Principal principal, string keyId, ECDsa key, DateTimeOffset now)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new TokenHeader(Algorithm, Type, keyId), TokenJson.Default.TokenHeader);
        var payload = JsonSerializer.SerializeToUtf8Bytes(TokenPayload.From(principal, now), TokenJson.Default.TokenPayload);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The id of the key that a token claims to be signed with; null: it is no internal token at all.</summary>
    public static string? KeyIdOf(string token)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        return token.Length <= MaximumLength && dot > 0
            && Decode(token.AsSpan(0, dot), TokenJson.Default.TokenHeader) is { Algorithm: Algorithm, Type: Type, KeyId.Length: > 0 } header ? header.KeyId : null;
    }

    /// <summary>The principal and when its token ends, if the key signed it and its times, issuer and audience are right.</summary>
    public static Result<(Principal Principal, DateTimeOffset ExpiresAt)> Verify(string token, ECDsa key, DateTimeOffset now)
    {
        var last = token.LastIndexOf('.');
        var first = token.IndexOf('.', StringComparison.Ordinal);
        // The header again: a key must verify nothing but what was made for it.
        if (KeyIdOf(token) is null || last <= first || !IsSigned(token, last, key)
            || Decode(token.AsSpan(first + 1, last - first - 1), TokenJson.Default.TokenPayload) is not { } payload)
        {
            return Error.Unauthenticated("BAD_INTERNAL_TOKEN", "the internal token is not one that this garden's Identity signed");
        }

        if (payload is not { Issuer: Issuer, Audience: Audience })
        {
            return Error.Unauthenticated("BAD_INTERNAL_TOKEN", "the internal token is for another use");
        }

        // Compared as seconds: a time that no calendar has is refused, not thrown at us.
        var (seconds, skew) = (now.ToUnixTimeSeconds(), (long)Skew.TotalSeconds);
        return payload.ExpiresAt < seconds - skew || payload.IssuedAt > seconds + skew || payload.ExpiresAt > LatestTime
            ? Error.Unauthenticated("INTERNAL_TOKEN_EXPIRED", "the internal token has expired, or was issued by a clock that is ahead")
            : (payload.ToPrincipal(), DateTimeOffset.FromUnixTimeSeconds(payload.ExpiresAt));
    }

    private static bool IsSigned(string token, int last, ECDsa key)
    {
        Span<byte> signature = stackalloc byte[64];
        // 64 bytes are 86 characters in one spelling only: the decoder would take padding, blanks and stray bits too.
        return token.Length - last - 1 is SignatureLength
            && Base64Url.DecodeFromChars(token.AsSpan(last + 1), signature, out _, out var written) is OperationStatus.Done && written == signature.Length
            && token.AsSpan(last + 1).SequenceEqual(Base64Url.EncodeToString(signature))
            && key.VerifyData(Encoding.ASCII.GetBytes(token[..last]), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static T? Decode<T>(ReadOnlySpan<char> part, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(part), type);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}

internal sealed record TokenHeader(
    [property: JsonPropertyName("alg")] string? Algorithm,
    [property: JsonPropertyName("typ")] string? Type,
    [property: JsonPropertyName("kid")] string? KeyId);

internal sealed record TokenPayload(
    [property: JsonPropertyName("iss")] string? Issuer,
    [property: JsonPropertyName("aud")] string? Audience,
    [property: JsonPropertyName("sub")] string? Subject,
    [property: JsonPropertyName("kind")] PrincipalKind Kind,
    [property: JsonPropertyName("tenant")] string? Tenant,
    [property: JsonPropertyName("roles")] IReadOnlyList<string>? Roles,
    [property: JsonPropertyName("scopes")] IReadOnlyList<string>? Scopes,
    [property: JsonPropertyName("tid")] string? TokenId,
    [property: JsonPropertyName("sid")] string? SessionId,
    [property: JsonPropertyName("repo")] string? Repository,
    [property: JsonPropertyName("auth_time")] long ProvedAt,
    [property: JsonPropertyName("acr")] string? Strength,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt)
{
    private const string Password = "1";
    private const string SecondFactor = "2";

    public static TokenPayload From(Principal principal, DateTimeOffset now) => new(
        InternalToken.Issuer,
        InternalToken.Audience,
        principal.Name,
        principal.Kind,
        principal.Tenant,
        [.. principal.Roles],
        [.. principal.Scopes],
        principal.TokenId,
        principal.SessionId,
        principal.Repository,
        principal.ProvedAt?.Seconds ?? 0,
        principal.ProvedAt is null ? "" : principal.IsStrong ? SecondFactor : Password,
        now.ToUnixTimeSeconds(),
        (now + InternalToken.Lifetime).ToUnixTimeSeconds());

    public Principal ToPrincipal() => new()
    {
        Name = Subject ?? "",
        Kind = Kind,
        Tenant = Tenant ?? "",
        Roles = { Roles ?? [] },
        Scopes = { Scopes ?? [] },
        TokenId = TokenId ?? "",
        SessionId = SessionId ?? "",
        Repository = Repository ?? "",
        ProvedAt = ProvedAt > 0 ? new() { Seconds = ProvedAt } : null,
        IsStrong = Strength is SecondFactor,
    };
}

[JsonSerializable(typeof(TokenHeader)), JsonSerializable(typeof(TokenPayload))]
internal sealed partial class TokenJson : JsonSerializerContext;
