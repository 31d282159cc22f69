using System.Buffers.Binary;
using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// Where a xorb's chunks are: for each its hash, its uncompressed length and where its bytes in the xorb end, headers included. Immutable. Its
/// binary form, for a database row, has 8 bytes and 40 a chunk.
/// </summary>
public sealed class XorbIndex
{
    private const uint Version = 2;

    // Did not tell which chunks are stored as they are.
    private const uint OldVersion = 1;
    private const int Prefix = 8;
    private const uint Raw = 1u << 31;
    private const int Entry = XetHash.Size + 8;
    private readonly Chunk[] _chunks;
    private readonly int[] _ends;
    private readonly int[] _unpackedEnds;
    private readonly bool[] _raw;

    internal XorbIndex(XetHash hash, Chunk[] chunks, int[] ends, bool[] raw)
    {
        (Hash, _chunks, _ends, _raw) = (hash, chunks, ends, raw);
        _unpackedEnds = new int[chunks.Length];
        var sum = 0;
        for (var n = 0; n < chunks.Length; n++)
        {
            _unpackedEnds[n] = sum += chunks[n].Length;
        }
    }

    /// <summary>The xorb's hash: the Merkle root over its chunks.</summary>
    public XetHash Hash { get; }

    /// <summary>1 to <see cref="XetLimits.XorbChunks"/>.</summary>
    public int Count => _chunks.Length;

    public ReadOnlySpan<Chunk> Chunks => _chunks;

    /// <summary>The xorb's length in bytes, headers included and without a footer.</summary>
    public int Length => _ends[^1];

    /// <summary>The sum of the chunks' uncompressed lengths, in bytes.</summary>
    public int UnpackedLength => _unpackedEnds[^1];

    /// <summary>Where chunk <paramref name="chunk"/> begins in the xorb, in bytes; the number of chunks stands for the end.</summary>
    public int Start(int chunk) => chunk == 0 ? 0 : _ends[chunk - 1];

    /// <summary>What chunk <paramref name="chunk"/> takes in the xorb, its header included, in bytes.</summary>
    public int StoredLength(int chunk) => Start(chunk + 1) - Start(chunk);

    /// <summary>Where chunk <paramref name="chunk"/> begins in the unpacked chunks, in bytes; the number of chunks stands for the end.</summary>
    public int UnpackedStart(int chunk) => chunk == 0 ? 0 : _unpackedEnds[chunk - 1];

    /// <summary>Whether chunk <paramref name="chunk"/> is stored as it is, right behind its header.</summary>
    public bool IsRaw(int chunk) => _raw[chunk];

    /// <summary>The chunk that holds byte <paramref name="offset"/> of the unpacked chunks.</summary>
    public int ChunkAt(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)offset, (uint)UnpackedLength, nameof(offset));
        var found = Array.BinarySearch(_unpackedEnds, offset + 1);
        return found < 0 ? ~found : found;
    }

    /// <summary>The binary form: u32 version, u32 XXH32 of what follows; for each chunk its hash, u32 uncompressed length (its highest bit: stored as it is), u32 end. Little-endian.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Prefix + (Count * Entry)];
        for (var n = 0; n < Count; n++)
        {
            var entry = bytes.AsSpan(Prefix + (n * Entry), Entry);
            _chunks[n].Hash.CopyTo(entry);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[XetHash.Size..], (uint)_chunks[n].Length | (_raw[n] ? Raw : 0));
            BinaryPrimitives.WriteInt32LittleEndian(entry[(XetHash.Size + 4)..], _ends[n]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), XxHash32.Hash(bytes.AsSpan(Prefix)));
        return bytes;
    }

    /// <summary>Reads the binary form of the index of the xorb <paramref name="hash"/>. Damage is noticed, forgery is not: the root is not computed again.</summary>
    public static Result<XorbIndex> Read(XetHash hash, ReadOnlySpan<byte> bytes)
    {
        if (Fault(bytes) is { } fault)
        {
            return Damaged(hash, fault);
        }

        var (version, count) = (BinaryPrimitives.ReadUInt32LittleEndian(bytes), (bytes.Length - Prefix) / Entry);
        var (chunks, ends, raw) = (new Chunk[count], new int[count], new bool[count]);
        var start = 0;
        for (var n = 0; n < chunks.Length; n++)
        {
            var entry = bytes.Slice(Prefix + (n * Entry), Entry);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(entry[XetHash.Size..]);
            (chunks[n], raw[n]) = (new(XetHash.FromBytes(entry[..XetHash.Size]), (int)(length & ~Raw)), version == Version && (length & Raw) != 0);
            ends[n] = BinaryPrimitives.ReadInt32LittleEndian(entry[(XetHash.Size + 4)..]);
            if (chunks[n].Length is < 1 or > XetLimits.Chunk || ends[n] > XetLimits.XorbRead || ends[n] <= start + ChunkHeader.Size
                || (raw[n] && ends[n] != start + ChunkHeader.Size + chunks[n].Length))
            {
                return Damaged(hash, $"chunk {n} has {chunks[n].Length} bytes and reaches from {start} to {ends[n]}");
            }

            start = ends[n];
        }

        return new XorbIndex(hash, chunks, ends, raw);
    }

    private static string? Fault(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Prefix + Entry || bytes.Length > Prefix + (Entry * XetLimits.XorbChunks) || (bytes.Length - Prefix) % Entry != 0)
        {
            return $"it has {bytes.Length} bytes where {Prefix} and {Entry} for each of 1 to {XetLimits.XorbChunks} chunks are expected";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) is not (Version or OldVersion) and var version)
        {
            return $"it has version {version} where {Version} is expected";
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == XxHash32.Hash(bytes[Prefix..]) ? null : "it does not match its checksum";
    }

    private static Error Damaged(XetHash hash, string what) => Error.Invalid("BAD_XORB_INDEX", $"the index of xorb {hash} is damaged: {what}");
}
