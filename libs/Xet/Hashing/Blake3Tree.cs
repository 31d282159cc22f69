using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// BLAKE3's tree: chunks of 1 KiB become values of 32 bytes, pairs of values become their parent, a last odd one goes up as it is. The input is
/// taken in pieces whose values fit on the stack; values of whole pieces wait in a stack of their own, one for each power of two.
/// </summary>
internal static class Blake3Tree
{
    private const int ValueLength = 32;
    private const int ChunksOfAPiece = 128;
    private const int PieceLength = ChunksOfAPiece * Blake3Block.ChunkLength;
    private const int MostPieces = int.MaxValue / PieceLength + 1;

    public static void Hash(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length <= Blake3Block.ChunkLength)
        {
            HashChunk(key, flags, input, output);
            return;
        }

        Span<byte> waiting = stackalloc byte[(BitOperations.Log2(MostPieces) + 2) * ValueLength];
        Span<byte> values = stackalloc byte[ChunksOfAPiece * ValueLength];
        var (pieces, depth) = (0, 0);
        for (; input.Length > PieceLength; input = input[PieceLength..])
        {
            Reduce(key, flags, values, Leaves(key, flags, input[..PieceLength], pieces, values), 1);
            depth = Push(key, flags, waiting, depth, values[..ValueLength], ++pieces);
        }

        var count = Leaves(key, flags, input, pieces, values);
        Reduce(key, flags, values, count, depth is 0 ? 2 : 1);
        if (depth > 0)
        {
            Fold(key, flags, waiting, depth, values);
        }

        Write(key, values[..Blake3Block.Length], Blake3Block.Length, flags | Blake3Block.Parent | Blake3Block.Root, output);
    }

    // All but the last block of the only chunk, then the last one as the root.
    private static void HashChunk(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        var start = Blocks(key, flags, ref input, 0, value);
        Span<byte> last = stackalloc byte[Blake3Block.Length];
        last.Clear();
        input.CopyTo(last);
        Write(value, last, (uint)input.Length, flags | start | Blake3Block.ChunkEnd | Blake3Block.Root, output);
    }

    private static int Leaves(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> piece, int pieces, Span<byte> values)
    {
        var count = 0;
        for (; !piece.IsEmpty; count++)
        {
            var chunk = piece[..Math.Min(piece.Length, Blake3Block.ChunkLength)];
            Leaf(key, flags, chunk, (ulong)pieces * ChunksOfAPiece + (ulong)count, values.Slice(count * ValueLength, ValueLength));
            piece = piece[chunk.Length..];
        }

        return count;
    }

    private static void Leaf(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> chunk, ulong counter, Span<byte> destination)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        var start = Blocks(key, flags, ref chunk, counter, value);
        Span<byte> last = stackalloc byte[Blake3Block.Length];
        last.Clear();
        chunk.CopyTo(last);
        Blake3Block.Compress(value, last, counter, (uint)chunk.Length, flags | start | Blake3Block.ChunkEnd);
        Store(value, destination);
    }

    /// <summary>Compresses all blocks of the chunk but the last, which it leaves in <paramref name="chunk"/>; the flag is what that one has to carry.</summary>
    private static uint Blocks(ReadOnlySpan<uint> key, uint flags, ref ReadOnlySpan<byte> chunk, ulong counter, scoped Span<uint> value)
    {
        key.CopyTo(value);
        var start = Blake3Block.ChunkStart;
        for (; chunk.Length > Blake3Block.Length; chunk = chunk[Blake3Block.Length..])
        {
            Blake3Block.Compress(value, chunk[..Blake3Block.Length], counter, Blake3Block.Length, flags | start);
            start = 0;
        }

        return start;
    }

    /// <summary>Pairs up the first <paramref name="count"/> values until no more than <paramref name="until"/> are left.</summary>
    private static void Reduce(ReadOnlySpan<uint> key, uint flags, Span<byte> values, int count, int until)
    {
        while (count > until)
        {
            var pairs = count / 2;
            for (var i = 0; i < pairs; i++)
            {
                Join(key, flags, values.Slice(2 * i * ValueLength, 2 * ValueLength), values.Slice(i * ValueLength, ValueLength));
            }

            if (count % 2 is 1)
            {
                values.Slice((count - 1) * ValueLength, ValueLength).CopyTo(values[(pairs * ValueLength)..]);
            }

            count -= pairs;
        }
    }

    /// <summary>Puts the value of a whole piece on the stack, joined with those whose subtrees it completes.</summary>
    private static int Push(ReadOnlySpan<uint> key, uint flags, Span<byte> waiting, int depth, ReadOnlySpan<byte> value, int pieces)
    {
        value.CopyTo(waiting[(depth++ * ValueLength)..]);
        for (; pieces % 2 is 0; pieces /= 2, depth--)
        {
            var pair = waiting.Slice((depth - 2) * ValueLength, 2 * ValueLength);
            Join(key, flags, pair, pair[..ValueLength]);
        }

        return depth;
    }

    /// <summary>Joins the last value with all that wait but the first; leaves that one and the result, which are the root's children.</summary>
    private static void Fold(ReadOnlySpan<uint> key, uint flags, Span<byte> waiting, int depth, Span<byte> values)
    {
        values[..ValueLength].CopyTo(waiting[(depth * ValueLength)..]);
        for (; depth > 1; depth--)
        {
            var pair = waiting.Slice((depth - 1) * ValueLength, 2 * ValueLength);
            Join(key, flags, pair, pair[..ValueLength]);
        }

        waiting[..(2 * ValueLength)].CopyTo(values);
    }

    private static void Join(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> pair, Span<byte> destination)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        key.CopyTo(value);
        Blake3Block.Compress(value, pair, 0, Blake3Block.Length, flags | Blake3Block.Parent);
        Store(value, destination);
    }

    private static void Store(ReadOnlySpan<uint> words, Span<byte> destination)
    {
        for (var i = 0; i < Blake3Block.KeyWords; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(i * sizeof(uint))..], words[i]);
        }
    }

    /// <summary>The root's output: the same block again and again, numbered.</summary>
    private static void Write(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, uint length, uint flags, Span<byte> output)
    {
        Span<uint> words = stackalloc uint[Blake3Block.Words];
        for (var counter = 0UL; !output.IsEmpty; counter++)
        {
            Blake3Block.Expand(value, block, counter, length, flags, words);
            for (var i = 0; i < Blake3Block.Words; i++)
            {
                words[i] = BitConverter.IsLittleEndian ? words[i] : BinaryPrimitives.ReverseEndianness(words[i]);
            }

            var bytes = MemoryMarshal.AsBytes(words);
            var taken = Math.Min(output.Length, bytes.Length);
            bytes[..taken].CopyTo(output);
            output = output[taken..];
        }
    }
}
