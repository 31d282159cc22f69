namespace ModelGarden.Xet.Tests;

/// <summary>BLAKE3's tree as its paper defines it: the left side has the greatest power of two of chunks that leaves something for the right one.</summary>
internal static class Blake3ByTheBook
{
    public static byte[] Hash(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input)
    {
        Span<uint> value = stackalloc uint[8];
        Node(key, mode, input, 0, Blake3Block.Root, value);
        var hash = new byte[32];
        Blake3Rows.Store(value, hash);
        return hash;
    }

    private static void Node(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, ulong chunk, uint root, Span<uint> value)
    {
        if (input.Length <= Blake3Block.ChunkLength)
        {
            Chunk(key, mode, input, chunk, root, value);
            return;
        }

        var left = Blake3Block.ChunkLength;
        while (left * 2 < input.Length)
        {
            left *= 2;
        }

        Span<uint> child = stackalloc uint[8];
        var block = new byte[64];
        Node(key, mode, input[..left], chunk, 0, child);
        Blake3Rows.Store(child, block);
        Node(key, mode, input[left..], chunk + (ulong)(left / Blake3Block.ChunkLength), 0, child);
        Blake3Rows.Store(child, block.AsSpan(32));
        key.CopyTo(value);
        Blake3Block.Compress(value, block, 0, 64, mode | Blake3Block.Parent | root);
    }

    private static void Chunk(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, ulong number, uint root, Span<uint> value)
    {
        key.CopyTo(value);
        var (flags, block) = (mode | Blake3Block.ChunkStart, new byte[64]);
        for (; input.Length > 64; input = input[64..], flags = mode)
        {
            Blake3Block.Compress(value, input[..64], number, 64, flags);
        }

        input.CopyTo(block);
        Blake3Block.Compress(value, block, number, (uint)input.Length, flags | Blake3Block.ChunkEnd | root);
    }
}
