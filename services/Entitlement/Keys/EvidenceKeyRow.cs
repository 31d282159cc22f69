using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Keys;

/// <summary>A key pair on curve P-256 that signs evidence while it is the newest. Its public half is kept for ever: so long evidence can be verified.</summary>
internal sealed class EvidenceKeyRow
{
    /// <summary>The SHA-256 of the public key.</summary>
    public required string Id { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>PKCS #8, DER; null since it retired.</summary>
    public byte[]? PrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? RetiredAt { get; init; }

    public EvidenceKey ToMessage() => new()
    {
        Id = Id,
        Pem = new string(PemEncoding.Write("PUBLIC KEY", PublicKey)) + "\n",
        CreatedAt = CreatedAt.ToTimestamp(),
        RetiredAt = RetiredAt?.ToTimestamp(),
    };
}
