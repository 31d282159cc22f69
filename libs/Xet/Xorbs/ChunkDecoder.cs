using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Decodes chunks of a xorb from strangers (xet.md 3.1, 3.2): what does not decode to exactly the length in its header is refused. Holds one
/// scratch chunk of 128 KiB, allocates nothing per chunk; not for two threads at once.
/// </summary>
/// <param name="atRest">The chunks are of our own store, where <see cref="ChunkScheme.Planes"/> is a scheme too.</param>
public sealed class ChunkDecoder(bool atRest = false)
{
    private readonly byte[] _grouped = new byte[XetLimits.Chunk];
    private PlaneDecoder? _planes;

    /// <summary>Decodes header and payload, which <paramref name="bytes"/> begins with.</summary>
    /// <param name="bytes">The chunk as it stands in a xorb; more may follow.</param>
    /// <param name="target">Takes the chunk; as long as a caller knows it to be, at most <see cref="XetLimits.Chunk"/> is needed.</param>
    /// <param name="header">What the chunk's header says.</param>
    /// <returns>Null, or what is wrong.</returns>
    public Error? Decode(ReadOnlySpan<byte> bytes, Span<byte> target, out ChunkHeader header)
    {
        header = default;
        if (bytes.Length < ChunkHeader.Size)
        {
            return Error.Invalid("BAD_CHUNK", $"its header is cut off: {bytes.Length} bytes of {ChunkHeader.Size} are there");
        }

        if (ChunkHeader.Read(bytes, out header, atRest) is { } fault)
        {
            return fault;
        }

        if (header.PhysicalLength > bytes.Length || header.Length > target.Length)
        {
            return Error.Invalid("BAD_CHUNK", $"it takes {header.PhysicalLength} bytes and decodes to {header.Length}, where {bytes.Length} and {target.Length} are expected at most");
        }

        return Decode(header, bytes[ChunkHeader.Size..header.PhysicalLength], target[..header.Length]);
    }

    /// <summary>Decodes a payload.</summary>
    /// <param name="header">As <see cref="ChunkHeader.Read"/> gave it.</param>
    /// <param name="payload">Of exactly the header's payload length.</param>
    /// <param name="target">Of exactly the header's uncompressed length.</param>
    /// <returns>Null, or what is wrong; <paramref name="target"/> then holds anything.</returns>
    public Error? Decode(ChunkHeader header, ReadOnlySpan<byte> payload, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(payload.Length, header.PayloadLength, nameof(payload));
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, header.Length, nameof(target));
        return header.Scheme switch
        {
            ChunkScheme.None => Copy(payload, target),
            ChunkScheme.Lz4 => Lz4Frame.Decode(payload, target),
            ChunkScheme.Planes => (_planes ??= new()).Decode(payload, target),
            _ => Join(payload, target),
        };
    }

    private static Error? Copy(ReadOnlySpan<byte> payload, Span<byte> target)
    {
        payload.CopyTo(target);
        return null;
    }

    private Error? Join(ReadOnlySpan<byte> payload, Span<byte> target)
    {
        var grouped = _grouped.AsSpan(0, target.Length);
        if (Lz4Frame.Decode(payload, grouped) is { } fault)
        {
            return fault;
        }

        ByteGrouping.Join(grouped, target);
        return null;
    }
}
