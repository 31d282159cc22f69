using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

internal sealed class XorbRow
{
    public required long Id { get; init; }

    public required string Hash { get; init; }

    public required string Object { get; init; }

    /// <summary>Who sent it first, in lower case: its bytes count for him.</summary>
    public required string Tenant { get; init; }

    public required long StoredBytes { get; init; }

    public required byte[] Chunks { get; init; }

    public required DateTimeOffset TouchedAt { get; init; }

    public StoredXorb ToStoredXorb()
    {
        var hash = XetHash.Create(Hash).OrThrow();
        return new(Id, hash, ObjectKey.FromStored(Object), XorbIndex.Read(hash, Chunks).OrThrow());
    }
}

internal sealed class ChunkRow
{
    public required long Key { get; init; }

    /// <summary>See <see cref="Chunks.Place"/>.</summary>
    public required long Place { get; init; }
}

internal sealed class LayoutRow
{
    public required string Sha256 { get; init; }

    public required string XetHash { get; init; }

    public required byte[] Terms { get; init; }

    public FileLayout ToLayout() => FileLayout.FromBytes(Xet.XetHash.Create(XetHash).OrThrow(), Terms);
}

internal sealed class FileXorb
{
    public required string Sha256 { get; init; }

    public required long Xorb { get; init; }
}

/// <summary>A tenant may know all of this xorb: it sent it.</summary>
internal sealed class TenantXorb
{
    public required string Tenant { get; init; }

    public required long Xorb { get; init; }
}
