using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelGarden.Xet;

/// <summary>
/// BLAKE3's tree: chunks of 1 KiB become values of 32 bytes, pairs of values become their parent, a last odd one goes up as it is. The input is
/// taken in pieces whose values fit on the stack; values of whole pieces wait in a stack of their own, one for each power of two.
/// </summary>
internal readonly ref struct Blake3Tree
{
    private const int ValueLength = Blake3Rows.ValueLength;
    private const int ChunksOfAPiece = 128;
    private const int PieceLength = ChunksOfAPiece * Blake3Block.ChunkLength;
    private const int RoomForValues = (ChunksOfAPiece + 2 * Blake3Rows.Slack) * ValueLength;

    // One for each bit of the number of pieces that a span can have, and one that has just come.
    private const int RoomForWaiting = (14 + 1) * ValueLength;

    private readonly Blake3Job _chunks;
    private readonly Blake3Job _parents;
    private readonly ReadOnlySpan<uint> _key;
    private readonly uint _mode;

    public Blake3Tree(ReadOnlySpan<uint> key, uint mode, Blake3Width width)
    {
        _key = key;
        _mode = mode;
        _chunks = new(key, mode, width, chunks: true);
        _parents = new(key, mode, width, chunks: false);
    }

    public void Hash(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length <= Blake3Block.ChunkLength)
        {
            HashChunk(input, output);
            return;
        }

        Span<byte> values = stackalloc byte[2 * RoomForValues];
        Span<byte> waiting = stackalloc byte[input.Length > PieceLength ? RoomForWaiting : 0];
        var (pieces, depth) = (0, 0);
        for (; input.Length > PieceLength; input = input[PieceLength..])
        {
            var value = Reduce(values, Leaves(input[..PieceLength], pieces, values), 1);
            depth = Push(waiting, depth, value, ++pieces);
        }

        var count = Leaves(input, pieces, values);
        var children = depth is 0 ? Reduce(values, count, 2) : Fold(waiting, depth, Reduce(values, count, 1));
        Write(_key, children[..Blake3Block.Length], Blake3Block.Length, _mode | Blake3Block.Parent | Blake3Block.Root, output);
    }

    // All but the last block of the only chunk, then the last one as the root.
    private void HashChunk(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        Span<byte> last = stackalloc byte[Blake3Block.Length];
        var flags = Blocks(input, 0, value, last, out var length);
        Write(value, last, length, flags | Blake3Block.Root, output);
    }

    /// <summary>Writes the values of a piece's chunks, and says how many they are.</summary>
    private int Leaves(ReadOnlySpan<byte> piece, int pieces, Span<byte> values)
    {
        var (first, whole) = ((ulong)pieces * ChunksOfAPiece, piece.Length / Blake3Block.ChunkLength);
        Blake3Rows.Chunks(_chunks, piece, first, values);
        if (piece.Length % Blake3Block.ChunkLength is 0)
        {
            return whole;
        }

        Leaf(piece[(whole * Blake3Block.ChunkLength)..], first + (ulong)whole, values[(whole * ValueLength)..]);
        return whole + 1;
    }

    private void Leaf(ReadOnlySpan<byte> chunk, ulong counter, Span<byte> destination)
    {
        Span<uint> value = stackalloc uint[Blake3Block.KeyWords];
        Span<byte> last = stackalloc byte[Blake3Block.Length];
        var flags = Blocks(chunk, counter, value, last, out var length);
        _chunks.Compress(value, last, counter, length, flags);
        Blake3Rows.Store(value, destination);
    }

    /// <summary>Compresses all blocks of a chunk but the last, which is copied out, with its length and its flags.</summary>
    private uint Blocks(ReadOnlySpan<byte> chunk, ulong counter, Span<uint> value, Span<byte> last, out uint length)
    {
        _key.CopyTo(value);
        var start = Blake3Block.ChunkStart;
        for (; chunk.Length > Blake3Block.Length; chunk = chunk[Blake3Block.Length..])
        {
            _chunks.Compress(value, chunk[..Blake3Block.Length], counter, Blake3Block.Length, _mode | start);
            start = 0;
        }

        last.Clear();
        chunk.CopyTo(last);
        length = (uint)chunk.Length;
        return _mode | start | Blake3Block.ChunkEnd;
    }

    /// <summary>Pairs up the first <paramref name="count"/> values until <paramref name="until"/> are left, and says where these lie.</summary>
    private ReadOnlySpan<byte> Reduce(Span<byte> values, int count, int until)
    {
        // Parents are written beside their children: these may be read once more.
        var (from, to) = (0, RoomForValues);
        for (; count > until; (from, to) = (to, from))
        {
            var pairs = count / 2;
            Blake3Rows.Parents(_parents, values[from..], pairs, values[to..]);
            if (count % 2 is 1)
            {
                values.Slice(from + (count - 1) * ValueLength, ValueLength).CopyTo(values[(to + pairs * ValueLength)..]);
            }

            count -= pairs;
        }

        return values[from..];
    }

    /// <summary>Puts the value of a whole piece on the stack, joined with those whose subtrees it completes.</summary>
    private int Push(Span<byte> waiting, int depth, ReadOnlySpan<byte> value, int pieces)
    {
        value[..ValueLength].CopyTo(waiting[(depth++ * ValueLength)..]);
        for (; pieces % 2 is 0; pieces /= 2, depth--)
        {
            Join(waiting[((depth - 2) * ValueLength)..]);
        }

        return depth;
    }

    /// <summary>Joins the last value with all that wait but the first; says where that one and the result lie, which are the root's children.</summary>
    private ReadOnlySpan<byte> Fold(Span<byte> waiting, int depth, ReadOnlySpan<byte> value)
    {
        value[..ValueLength].CopyTo(waiting[(depth * ValueLength)..]);
        for (; depth > 1; depth--)
        {
            Join(waiting[((depth - 1) * ValueLength)..]);
        }

        return waiting;
    }

    private void Join(Span<byte> pair) => Blake3Rows.Parents(_parents, pair, 1, pair);

    /// <summary>The root's output: the same block again and again, numbered.</summary>
    private void Write(ReadOnlySpan<uint> value, ReadOnlySpan<byte> block, uint length, uint flags, Span<byte> output)
    {
        Span<uint> words = stackalloc uint[Blake3Block.Words];
        for (var counter = 0UL; !output.IsEmpty; counter++)
        {
            _chunks.Expand(value, block, counter, length, flags, words);
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
