using System.Buffers;

namespace ModelGarden.Xet;

/// <summary>The hashes of the Xet format: each is BLAKE3 with a key that says what is hashed. How chunks are compressed never matters.</summary>
public static class XetHashes
{
    private const int HashesOnTheStack = 32;

    private static ReadOnlySpan<byte> ChunkKey =>
    [
        0x66, 0x97, 0xf5, 0x77, 0x5b, 0x95, 0x50, 0xde, 0x31, 0x35, 0xcb, 0xac, 0xa5, 0x97, 0x18, 0x1c,
        0x9d, 0xe4, 0x21, 0x10, 0x9b, 0xeb, 0x2b, 0x58, 0xb4, 0xd0, 0xb0, 0x4b, 0x93, 0xad, 0xf2, 0x29,
    ];

    private static ReadOnlySpan<byte> NodeKey =>
    [
        0x01, 0x7e, 0xc5, 0xc7, 0xa5, 0x47, 0x29, 0x96, 0xfd, 0x94, 0x66, 0x66, 0xb4, 0x8a, 0x02, 0xe6,
        0x5d, 0xdd, 0x53, 0x6f, 0x37, 0xc7, 0x6d, 0xd2, 0xf8, 0x63, 0x52, 0xe6, 0x4a, 0x53, 0x71, 0x3f,
    ];

    private static ReadOnlySpan<byte> RangeKey =>
    [
        0x7f, 0x18, 0x57, 0xd6, 0xce, 0x56, 0xed, 0x66, 0x12, 0x7f, 0xf9, 0x13, 0xe7, 0xa5, 0xc3, 0xf3,
        0xa4, 0xcd, 0x26, 0xd5, 0xb5, 0xdb, 0x49, 0xe6, 0x41, 0x24, 0x98, 0x7f, 0x28, 0xfb, 0x94, 0xc3,
    ];

    /// <summary>The hash of a chunk's uncompressed bytes.</summary>
    public static XetHash OfChunk(ReadOnlySpan<byte> bytes) => Keyed(ChunkKey, bytes);

    /// <summary>The hash that proves knowledge of the chunks of a term: of their hashes one after another.</summary>
    public static XetHash OfRange(ReadOnlySpan<Chunk> chunks)
    {
        var length = chunks.Length * XetHash.Size;
        var rented = chunks.Length > HashesOnTheStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented is null ? stackalloc byte[HashesOnTheStack * XetHash.Size] : rented;
        for (var i = 0; i < chunks.Length; i++)
        {
            chunks[i].Hash.CopyTo(bytes[(i * XetHash.Size)..]);
        }

        var hash = Keyed(RangeKey, bytes[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>The hash of a xorb that holds <paramref name="chunks"/> in this order. No xorb is empty: none of them is 64 zeros.</summary>
    public static XetHash OfXorb(ReadOnlySpan<Chunk> chunks) => Tree(chunks).Root();

    /// <summary>The hash of a file that is <paramref name="chunks"/> in this order, whichever xorbs hold them. An empty file's is 64 zeros.</summary>
    public static XetHash OfFile(ReadOnlySpan<Chunk> chunks) => Tree(chunks).FileHash();

    /// <summary>The hash under which a shard with a key speaks of a chunk, so that only those who own the chunk know which one is meant.</summary>
    public static XetHash Keyed(XetHash key, XetHash chunk)
    {
        Span<byte> bytes = stackalloc byte[2 * XetHash.Size];
        key.CopyTo(bytes);
        chunk.CopyTo(bytes[XetHash.Size..]);
        return Keyed(bytes[..XetHash.Size], bytes[XetHash.Size..]);
    }

    /// <summary>The hash of the text of an inner node of the Merkle tree.</summary>
    internal static XetHash OfNode(ReadOnlySpan<byte> text) => Keyed(NodeKey, text);

    private static XetHash Keyed(ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[XetHash.Size];
        Blake3.HashKeyed(key, bytes, hash);
        return XetHash.FromBytes(hash);
    }

    private static MerkleTree Tree(ReadOnlySpan<Chunk> chunks)
    {
        var tree = new MerkleTree();
        foreach (var chunk in chunks)
        {
            tree.Append(chunk.Hash, chunk.Length);
        }

        return tree;
    }
}
