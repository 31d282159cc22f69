using ModelGarden.Kernel;

namespace ModelGarden.Xet;

/// <summary>
/// What a shard says (xet.md 4): files as terms over xorbs, and the chunks of xorbs. It is a claim: that the xorbs exist and hold what is said
/// is checked by whoever has them.
/// </summary>
/// <param name="Files">In the shard's order.</param>
/// <param name="Xorbs">In the shard's order; on upload, the new ones.</param>
public sealed record Shard(IReadOnlyList<ShardFile> Files, IReadOnlyList<ShardXorb> Xorbs);

/// <summary>A file as it is put together from xorbs.</summary>
/// <param name="Hash">The file's Xet hash; of an empty file, 64 zeros.</param>
/// <param name="Segments">Its terms in order; an empty file has none. One xorb may come again, and backwards.</param>
/// <param name="Verification">The range hash of each segment's chunks; null: the shard has none.</param>
/// <param name="Sha256">The SHA-256 that is claimed for the file; null: none is.</param>
public sealed record ShardFile(XetHash Hash, IReadOnlyList<ShardSegment> Segments, IReadOnlyList<XetHash>? Verification, Sha256Digest? Sha256)
{
    /// <summary>The file's length in bytes, as its segments have it.</summary>
    public long Length => Segments.Sum(segment => (long)segment.Length);
}

/// <summary>A run of chunks of one xorb.</summary>
/// <param name="Xorb">Which xorb.</param>
/// <param name="Length">Uncompressed bytes; at least one a chunk.</param>
/// <param name="FirstChunk">The first chunk's number in the xorb.</param>
/// <param name="EndChunk">The number behind the last chunk's; above <paramref name="FirstChunk"/>, at most <see cref="XetLimits.XorbChunks"/>.</param>
public readonly record struct ShardSegment(XetHash Xorb, int Length, int FirstChunk, int EndChunk);

/// <summary>A xorb and its chunks.</summary>
/// <param name="Hash">The xorb's hash.</param>
/// <param name="Chunks">1 to <see cref="XetLimits.XorbChunks"/>, in order.</param>
/// <param name="SerializedLength">The xorb's length in bytes; 0 where the writer did not say (trap 13).</param>
public sealed record ShardXorb(XetHash Hash, IReadOnlyList<ShardChunk> Chunks, long SerializedLength)
{
    /// <summary>The sum of the chunks' uncompressed lengths, in bytes.</summary>
    public long UnpackedLength => Chunks.Count == 0 ? 0 : Chunks[^1].Start + (long)Chunks[^1].Length;

    /// <summary>The entry of a xorb that is known, with the chunks that every client may ask for marked as candidates.</summary>
    public static ShardXorb Of(XorbIndex index)
    {
        var chunks = new ShardChunk[index.Count];
        for (var n = 0; n < chunks.Length; n++)
        {
            var chunk = index.Chunks[n];
            chunks[n] = new(chunk.Hash, index.UnpackedStart(n), chunk.Length, ShardChunk.IsSpacedCandidate(chunk.Hash));
        }

        return new(index.Hash, chunks, index.Length);
    }
}

/// <summary>A chunk of a xorb.</summary>
/// <param name="Hash">The chunk's hash; in a shard with a key, the keyed one.</param>
/// <param name="Start">Where it begins in the unpacked xorb, in bytes.</param>
/// <param name="Length">Uncompressed bytes, 1 to <see cref="XetLimits.Chunk"/>.</param>
/// <param name="IsDedupCandidate">Its writer wants it in the global index (bit 31 of its flags).</param>
public readonly record struct ShardChunk(XetHash Hash, int Start, int Length, bool IsDedupCandidate)
{
    /// <summary>Whether a chunk is a candidate for the global index by its hash alone: one in 1,024 (xet.md 7).</summary>
    public static bool IsSpacedCandidate(XetHash hash) => hash.Word(3) % 1024 == 0;
}
