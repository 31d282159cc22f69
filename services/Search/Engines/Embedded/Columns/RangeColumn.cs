using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>
/// A number that some rows have, made for ranges: the distinct ones rising, and the place of each row's number among them, from 1 on (0: it has none), cut into
/// bits: of every bit a set of the rows where it is 1. Comparing all rows with a number takes one step a bit, 64 rows a word.
/// </summary>
internal readonly ref struct RangeColumn(ReadOnlySpan<byte> values, ReadOnlySpan<byte> slices, int rows)
{
    private readonly ReadOnlySpan<long> _values = MemoryMarshal.Cast<byte, long>(values);
    private readonly ReadOnlySpan<ulong> _slices = MemoryMarshal.Cast<byte, ulong>(slices);
    private readonly int _words = Bits.WordsFor(rows);

    /// <summary>A row's number; null: it has none.</summary>
    public long? this[int row]
    {
        get
        {
            var place = 0;
            for (var bit = BitsFor(_values.Length) - 1; bit >= 0; bit--)
            {
                place = (place << 1) | (Bits.Has(_slices.Slice(bit * _words, _words), row) ? 1 : 0);
            }

            return place is 0 ? null : _values[place - 1];
        }
    }

    /// <summary>How many bits places among so many numbers have.</summary>
    public static int BitsFor(int values) => 32 - BitOperations.LeadingZeroCount((uint)values);

    /// <summary>Leaves in the set the rows that have a number within the bounds, these included.</summary>
    public void Keep(Span<ulong> set, long? minimum, long? maximum, Span<ulong> less, Span<ulong> equal)
    {
        // Places from `low` to before `high`; 0 is of the rows without a number.
        var low = 1 + (minimum is { } least ? FirstNotLess(least) : 0);
        var high = maximum is not { } most ? _values.Length + 1 : most is long.MaxValue ? _values.Length + 1 : 1 + FirstNotLess(most + 1);
        Compare(low, less, equal);
        Bits.AndNot(set, less);
        Compare(high, less, equal);
        Bits.And(set, less);
    }

    public static (long[] Values, ulong[] Slices) Write(ReadOnlySpan<long?> numbers)
    {
        var values = new SortedSet<long>();
        foreach (var number in numbers)
        {
            if (number is { } known)
            {
                values.Add(known);
            }
        }

        long[] sorted = [.. values];
        var words = Bits.WordsFor(numbers.Length);
        var slices = new ulong[BitsFor(sorted.Length) * words];
        for (var row = 0; row < numbers.Length; row++)
        {
            var place = numbers[row] is { } known ? Array.BinarySearch(sorted, known) + 1 : 0;
            for (var bit = 0; place >> bit > 0; bit++)
            {
                slices[(bit * words) + (row >> 6)] |= (ulong)(place >> bit & 1) << row;
            }
        }

        return (sorted, slices);
    }

    private int FirstNotLess(long number)
    {
        var found = _values.BinarySearch(number);
        return found < 0 ? ~found : found;
    }

    /// <summary>Puts into <paramref name="less"/> the rows whose place is less than this one.</summary>
    private void Compare(int place, Span<ulong> less, Span<ulong> equal)
    {
        less.Clear();
        equal.Fill(ulong.MaxValue);
        var bits = BitsFor(_values.Length);
        if (place >= 1 << bits)
        {
            less.Fill(ulong.MaxValue);
            return;
        }

        for (var bit = bits - 1; bit >= 0; bit--)
        {
            var slice = _slices.Slice(bit * _words, _words);
            if ((place >> bit & 1) is 0)
            {
                Bits.AndNot(equal, slice);
                continue;
            }

            for (var i = 0; i < slice.Length; i++)
            {
                less[i] |= equal[i] & ~slice[i];
                equal[i] &= slice[i];
            }
        }
    }
}
