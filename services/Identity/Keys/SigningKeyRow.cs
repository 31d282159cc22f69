using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Keys;

/// <summary>A key pair on curve P-256 that signs tokens while it is the newest, and verifies them until it retires.</summary>
internal sealed class SigningKeyRow
{
    public required string Id { get; init; }

    /// <summary>PKCS #8, DER.</summary>
    public required byte[] PrivateKey { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary><c>inside</c>: internal tokens; <c>outside</c>: what strangers verify.</summary>
    public required string Purpose { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while it is the newest.</summary>
    public DateTimeOffset? RetiresAt { get; init; }

    public SigningKey ToMessage() => new() { Id = Id, PublicKey = ByteString.CopyFrom(PublicKey) };
}
