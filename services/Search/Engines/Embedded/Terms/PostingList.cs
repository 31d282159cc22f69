using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelGarden.Search.Engines.Embedded.Columns;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>
/// The rows that have a term, rising, and what it weighs in each. A term of one row and weight 1 has it in place of an offset. Else at its offset are
/// the <see cref="PostingBlock"/>s, then the packed blocks (gaps between rows less one, weights less one), and of a term that at least every 32nd row has, at the next
/// multiple of eight, all rows as a set.
/// </summary>
internal readonly ref struct PostingList
{
    /// <summary>A term is held as a set too from one row in so many on.</summary>
    public const int RowsPerDense = 32;
    private const int CountShift = 36;
    private readonly ReadOnlySpan<PostingBlock> _blocks;
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _single;

    public PostingList(ulong term, ReadOnlySpan<byte> postings, int rows)
    {
        Count = (int)(term >> CountShift);
        var offset = (long)(term & ((1UL << CountShift) - 1));
        if (IsInline(term))
        {
            (_single, Count) = ((int)offset, 1);
            return;
        }

        _single = -1;
        var blocks = (Count + PostingBlock.Size - 1) / PostingBlock.Size;
        _blocks = MemoryMarshal.Cast<byte, PostingBlock>(postings.Slice((int)offset, blocks * Unsafe.SizeOf<PostingBlock>()));
        var start = (int)offset + (blocks * Unsafe.SizeOf<PostingBlock>());
        _data = postings.Slice(start, _blocks[^1].End);
        Set = IsDense(Count, rows) ? MemoryMarshal.Cast<byte, ulong>(postings.Slice((start + _data.Length + 7) & ~7, Bits.WordsFor(rows) * sizeof(ulong))) : [];
    }

    public int Count { get; }

    public int BlockCount => _single < 0 ? _blocks.Length : 1;

    /// <summary>All rows as a set; empty of a term that few have.</summary>
    public ReadOnlySpan<ulong> Set { get; }

    public static bool IsDense(int count, int rows) => (long)count * RowsPerDense >= rows && count > 1;

    public static ulong Term(int count, long offset) => ((ulong)count << CountShift) | (ulong)offset;

    /// <summary>One row of weight 1: a count of 0 stands for it, for no term has no rows.</summary>
    public static ulong Inline(int row) => (ulong)row;

    public static int CountOf(ulong term) => IsInline(term) ? 1 : (int)(term >> CountShift);

    /// <summary>The greatest weight in a block, and the last row of it.</summary>
    public (int LastRow, int MaximumWeight) Block(int block) => _single < 0 ? (_blocks[block].LastRow, _blocks[block].MaximumWeight) : (_single, 1);

    /// <summary>Unpacks a block's rows and says how many they are.</summary>
    public int Rows(int block, Span<uint> rows)
    {
        if (_single >= 0)
        {
            rows[0] = (uint)_single;
            return 1;
        }

        var count = CountIn(block);
        var packed = Packed(block);
        var info = _blocks[block];
        BlockPacking.Unpack(packed[..BlockPacking.LengthOf(count, info.RowBits)], info.RowBits, rows[..count]);
        BlockPacking.Accumulate(rows[..count], block is 0 ? uint.MaxValue : (uint)_blocks[block - 1].LastRow);
        return count;
    }

    public int Weights(int block, Span<uint> weights)
    {
        if (_single >= 0)
        {
            weights[0] = 1;
            return 1;
        }

        var count = CountIn(block);
        var packed = Packed(block);
        var info = _blocks[block];
        BlockPacking.Unpack(packed[BlockPacking.LengthOf(count, info.RowBits)..], info.WeightBits, weights[..count]);
        foreach (ref var weight in weights[..count])
        {
            weight++;
        }

        return count;
    }

    /// <summary>Adds all rows to a set.</summary>
    public void AddTo(Span<ulong> set)
    {
        if (!Set.IsEmpty)
        {
            Bits.Or(set, Set);
            return;
        }

        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        for (var block = 0; block < BlockCount; block++)
        {
            foreach (var row in rows[..Rows(block, rows)])
            {
                Bits.Add(set, (int)row);
            }
        }
    }

    /// <summary>The first row from this one on that has the term and is in the set; -1: none.</summary>
    public int NextIn(ReadOnlySpan<ulong> set, int from)
    {
        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        for (var block = 0; block < BlockCount; block++)
        {
            if (Block(block).LastRow < from)
            {
                continue;
            }

            foreach (var row in rows[..Rows(block, rows)])
            {
                if (row >= from && Bits.Has(set, (int)row))
                {
                    return (int)row;
                }
            }
        }

        return -1;
    }

    /// <summary>How many rows of a set have the term.</summary>
    public int CountIn(ReadOnlySpan<ulong> set)
    {
        if (!Set.IsEmpty)
        {
            return Bits.CountBoth(set, Set);
        }

        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        var count = 0;
        for (var block = 0; block < BlockCount; block++)
        {
            foreach (var row in rows[..Rows(block, rows)])
            {
                count += (int)(set[(int)(row >> 6)] >> (int)(row & 63) & 1);
            }
        }

        return count;
    }

    private static bool IsInline(ulong term) => term >> CountShift is 0;

    private int CountIn(int block) => Math.Min(PostingBlock.Size, Count - (block * PostingBlock.Size));

    private ReadOnlySpan<byte> Packed(int block) => _data[(block is 0 ? 0 : _blocks[block - 1].End).._blocks[block].End];
}
