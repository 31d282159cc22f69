using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelGarden.Search.Engines.Embedded.Columns;

namespace ModelGarden.Search.Engines.Embedded.Terms;

/// <summary>
/// The rows that have a term, rising, what it weighs in each, and where in it its words stand. A term of one row and weight 1 has it, and its one position, in place of an offset. Else at
/// its offset are the <see cref="PostingBlock"/>s, then the packed blocks (gaps between rows less one, weights less one, numbers of positions, positions), and of a term that at least every
/// 32nd row has, at the next multiple of eight, all rows as a set.
/// </summary>
internal readonly ref struct PostingList
{
    /// <summary>A term is held as a set too from one row in so many on.</summary>
    public const int RowsPerDense = 32;
    private const int CountShift = 36;
    private const int InlineRowBits = 28;
    private const int NoPosition = (1 << (CountShift - InlineRowBits)) - 1;
    private readonly ReadOnlySpan<PostingBlock> _blocks;
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _single;
    private readonly int _singlePosition;

    public PostingList(ulong term, ReadOnlySpan<byte> postings, int rows)
    {
        Count = (int)(term >> CountShift);
        var offset = (long)(term & ((1UL << CountShift) - 1));
        if (IsInline(term))
        {
            (_single, _singlePosition, Count) = ((int)(offset & ((1 << InlineRowBits) - 1)), (int)(offset >> InlineRowBits), 1);
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

    /// <summary>One row of weight 1 with one position or none: a count of 0 stands for it, for no term has no rows. Null: its numbers are too great.</summary>
    public static ulong? Inline(int row, ReadOnlySpan<ushort> positions) => row >> InlineRowBits is not 0 ? null : positions switch
    {
        [] => ((ulong)NoPosition << InlineRowBits) | (uint)row,
        [< NoPosition and var position] => ((ulong)position << InlineRowBits) | (uint)row,
        _ => null,
    };

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

    /// <summary>Unpacks of each row of a block in how many positions it has the term, and all of them, one row after the other.</summary>
    /// <returns>How many they are.</returns>
    public int Positions(int block, Span<uint> counts, ref uint[] positions)
    {
        if (_single >= 0)
        {
            (counts[0], positions[0]) = (_singlePosition is NoPosition ? 0u : 1, (uint)_singlePosition);
            return (int)counts[0];
        }

        var (count, info) = (CountIn(block), _blocks[block]);
        var packed = Packed(block)[(BlockPacking.LengthOf(count, info.RowBits) + BlockPacking.LengthOf(count, info.WeightBits))..];
        var (countBits, positionBits) = (info.PositionBits & PostingBlock.OneEach, info.PositionBits >> 4);
        var total = UnpackCounts(ref packed, countBits, counts[..count]);
        if (positions.Length < total)
        {
            positions = new uint[total * 2];
        }

        BlockPacking.Unpack(packed[..BlockPacking.LengthOf(total, positionBits)], positionBits, positions.AsSpan(0, total));
        return total;
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

    /// <summary>Leaves in a set those of its rows that have the term.</summary>
    public void KeepIn(Span<ulong> set)
    {
        if (!Set.IsEmpty)
        {
            Bits.And(set, Set);
            return;
        }

        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        var next = 0;
        for (var block = 0; block < BlockCount; block++)
        {
            foreach (var row in rows[..Rows(block, rows)])
            {
                Bits.RemoveBetween(set, next, (int)row);
                next = (int)row + 1;
            }
        }

        Bits.RemoveBetween(set, next, set.Length << 6);
    }

    /// <summary>Takes out of a set the rows in which the term weighs so much.</summary>
    public void RemoveFrom(Span<ulong> set, uint weight)
    {
        Span<uint> rows = stackalloc uint[PostingBlock.Size];
        Span<uint> weights = stackalloc uint[PostingBlock.Size];
        for (var block = 0; block < BlockCount; block++)
        {
            var count = Rows(block, rows);
            Weights(block, weights);
            for (var i = 0; i < count; i++)
            {
                if (weights[i] == weight)
                {
                    Bits.Remove(set, (int)rows[i]);
                }
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

    private static int UnpackCounts(ref ReadOnlySpan<byte> packed, int bits, Span<uint> counts)
    {
        if (bits is PostingBlock.OneEach)
        {
            counts.Fill(1);
            return counts.Length;
        }

        var length = BlockPacking.LengthOf(counts.Length, bits);
        BlockPacking.Unpack(packed[..length], bits, counts);
        packed = packed[length..];
        var total = 0;
        foreach (var count in counts)
        {
            total += (int)count;
        }

        return total;
    }

    private static bool IsInline(ulong term) => term >> CountShift is 0;

    private int CountIn(int block) => Math.Min(PostingBlock.Size, Count - (block * PostingBlock.Size));

    private ReadOnlySpan<byte> Packed(int block) => _data[(block is 0 ? 0 : _blocks[block - 1].End).._blocks[block].End];
}
