using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>The 8 bytes before each chunk's payload in a xorb (xet.md 3.1): version 0, u24 payload length, scheme, u24 uncompressed length.</summary>
/// <param name="PayloadLength">1 to <see cref="XetLimits.Payload"/> bytes.</param>
/// <param name="Scheme">How the payload is encoded.</param>
/// <param name="Length">1 to <see cref="XetLimits.Chunk"/> bytes, uncompressed.</param>
public readonly record struct ChunkHeader(int PayloadLength, ChunkScheme Scheme, int Length)
{
    /// <summary>The header's own length in bytes.</summary>
    public const int Size = 8;

    /// <summary>Header and payload, in bytes.</summary>
    public int PhysicalLength => Size + PayloadLength;

    /// <summary>Reads a header from at least 8 bytes. Not null: what is wrong with it.</summary>
    /// <param name="bytes">More may follow.</param>
    /// <param name="header">What it says.</param>
    /// <param name="atRest">It is of our own store, where <see cref="ChunkScheme.Planes"/> is a scheme too.</param>
    public static Error? Read(ReadOnlySpan<byte> bytes, out ChunkHeader header, bool atRest = false)
    {
        header = new(ReadU24(bytes[1..]), (ChunkScheme)bytes[4], ReadU24(bytes[5..]));
        return Fault(bytes[0], header, atRest) is { } fault ? Error.Invalid("BAD_CHUNK", fault) : null;
    }

    /// <summary>Writes the header to the first 8 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = 0;
        WriteU24(bytes[1..], PayloadLength);
        bytes[4] = (byte)Scheme;
        WriteU24(bytes[5..], Length);
    }

    private static string? Fault(byte version, ChunkHeader header, bool atRest) => header switch
    {
        _ when version != 0 => $"its header has version {version} where 0 is expected",
        { Scheme: > ChunkScheme.ByteGroupedLz4 } when !atRest || header.Scheme != ChunkScheme.Planes => $"its scheme is {(int)header.Scheme} where 0 (none), 1 (lz4) or 2 (byte-grouped lz4) is expected",
        { Length: < 1 or > XetLimits.Chunk } => $"its uncompressed length is {header.Length} where 1 to {XetLimits.Chunk} is expected",
        { PayloadLength: < 1 or > XetLimits.Payload } => $"its payload has {header.PayloadLength} bytes where 1 to {XetLimits.Payload} are expected",
        { Scheme: ChunkScheme.None } when header.PayloadLength != header.Length =>
            $"it is stored as it is, yet its payload has {header.PayloadLength} bytes and it {header.Length}",
        _ => null,
    };

    private static int ReadU24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static void WriteU24(Span<byte> bytes, int value) => (bytes[0], bytes[1], bytes[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
}
