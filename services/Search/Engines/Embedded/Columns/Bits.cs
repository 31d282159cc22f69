using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>Sets of rows, a bit for each; all of one segment are equally long, and bits behind the last row are 0.</summary>
internal static class Bits
{
    public static int WordsFor(int rows) => (rows + 63) >> 6;

    public static bool Has(ReadOnlySpan<ulong> set, int row) => (set[row >> 6] >> row & 1) != 0;

    public static void Add(Span<ulong> set, int row) => set[row >> 6] |= 1UL << row;

    public static void Remove(Span<ulong> set, int row) => set[row >> 6] &= ~(1UL << row);

    /// <summary>Takes out the rows from one on to before another.</summary>
    public static void RemoveBetween(Span<ulong> set, int start, int end)
    {
        if (start >= end)
        {
            return;
        }

        var (first, last) = (start >> 6, (end - 1) >> 6);
        var (head, tail) = (ulong.MaxValue << start, ulong.MaxValue >> -end);
        if (first == last)
        {
            set[first] &= ~(head & tail);
            return;
        }

        set[first] &= ~head;
        set[(first + 1)..last].Clear();
        set[last] &= ~tail;
    }

    public static void And(Span<ulong> set, ReadOnlySpan<ulong> other)
    {
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(set);
        var others = MemoryMarshal.Cast<ulong, Vector<ulong>>(other[..set.Length]);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] &= others[i];
        }

        for (var i = vectors.Length * Vector<ulong>.Count; i < set.Length; i++)
        {
            set[i] &= other[i];
        }
    }

    public static void AndNot(Span<ulong> set, ReadOnlySpan<ulong> other)
    {
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(set);
        var others = MemoryMarshal.Cast<ulong, Vector<ulong>>(other[..set.Length]);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector.AndNot(vectors[i], others[i]);
        }

        for (var i = vectors.Length * Vector<ulong>.Count; i < set.Length; i++)
        {
            set[i] &= ~other[i];
        }
    }

    public static void Or(Span<ulong> set, ReadOnlySpan<ulong> other)
    {
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(set);
        var others = MemoryMarshal.Cast<ulong, Vector<ulong>>(other[..set.Length]);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] |= others[i];
        }

        for (var i = vectors.Length * Vector<ulong>.Count; i < set.Length; i++)
        {
            set[i] |= other[i];
        }
    }

    public static int Count(ReadOnlySpan<ulong> set)
    {
        var count = 0;
        foreach (var word in set)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    public static int CountBoth(ReadOnlySpan<ulong> set, ReadOnlySpan<ulong> other)
    {
        var count = 0;
        other = other[..set.Length];
        for (var i = 0; i < set.Length; i++)
        {
            count += BitOperations.PopCount(set[i] & other[i]);
        }

        return count;
    }

    /// <summary>The first row in the set from this one on; -1: none.</summary>
    public static int Next(ReadOnlySpan<ulong> set, int row)
    {
        var index = row >> 6;
        if (index >= set.Length)
        {
            return -1;
        }

        var word = set[index] & (ulong.MaxValue << row);
        while (word is 0)
        {
            if (++index == set.Length)
            {
                return -1;
            }

            word = set[index];
        }

        return (index << 6) + BitOperations.TrailingZeroCount(word);
    }
}
