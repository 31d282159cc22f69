using System.Buffers;

namespace ModelGarden.Xet;

/// <summary>
/// Writes xorbs, one after another, up to the format's limits (xet.md 3.1, 3.3). What a chunk's bytes are is believed: the caller has hashed
/// them. Not for two threads at once; allocates nothing per chunk but the growing index.
/// </summary>
/// <param name="target">Takes headers and payloads.</param>
/// <param name="encoder">Encodes the chunks.</param>
public sealed class XorbBuilder(IBufferWriter<byte> target, ChunkEncoder encoder)
{
    private readonly XorbIndexBuilder _index = new();

    /// <summary>Chunks of this xorb so far, at most <see cref="XetLimits.XorbChunks"/>.</summary>
    public int Count => _index.Count;

    /// <summary>Bytes of this xorb so far, headers included, at most <see cref="XetLimits.XorbWritten"/>.</summary>
    public int Length => _index.Length;

    /// <summary>Encodes and appends a chunk. False: it might not fit any more; nothing is written, and this xorb is to be completed first.</summary>
    public bool TryAppend(Chunk chunk, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, chunk.Length, nameof(bytes));
        var longest = ChunkEncoder.MaximumLength(bytes.Length);
        if (!Fits(longest, XetLimits.XorbWritten))
        {
            return false;
        }

        var header = encoder.Encode(bytes, target.GetSpan(longest));
        target.Advance(header.PhysicalLength);
        _index.Add(chunk, header);
        return true;
    }

    /// <summary>Appends a chunk with header and payload as they stand in another xorb, which others may have filled further than we do. False: it does not fit any more.</summary>
    public bool TryAppendEncoded(Chunk chunk, ReadOnlySpan<byte> encoded)
    {
        if (ChunkHeader.Read(encoded, out var header, atRest: true) is not null || header.PhysicalLength != encoded.Length || header.Length != chunk.Length)
        {
            throw new ArgumentException($"not an encoded chunk of {chunk.Length} bytes", nameof(encoded));
        }

        if (!Fits(encoded.Length, XetLimits.XorbRead))
        {
            return false;
        }

        target.Write(encoded);
        _index.Add(chunk, header);
        return true;
    }

    /// <summary>The index of the xorb, which must have a chunk. The next chunk begins the next xorb.</summary>
    public XorbIndex Complete()
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("a xorb has at least one chunk");
        }

        var index = _index.Build();
        _index.Clear();
        return index;
    }

    private bool Fits(int length, int limit) => Count < XetLimits.XorbChunks && length <= limit - Length;
}
