using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>A number of each row: the distinct ones rising, and of each row which of them it has.</summary>
internal readonly ref struct NumberColumn(ReadOnlySpan<byte> values, ReadOnlySpan<byte> ordinals)
{
    private readonly ReadOnlySpan<double> _values = MemoryMarshal.Cast<byte, double>(values);
    private readonly PackedInts _ordinals = new(ordinals);

    public double this[int row] => _values[(int)_ordinals[row]];

    /// <summary>The distinct numbers, and the place among them of each given one.</summary>
    public static (double[] Values, int[] Ordinals) Rank(ReadOnlySpan<double> numbers)
    {
        var sorted = numbers.ToArray();
        Array.Sort(sorted);
        var distinct = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i is 0 || sorted[i] != sorted[distinct - 1])
            {
                sorted[distinct++] = sorted[i];
            }
        }

        Array.Resize(ref sorted, distinct);
        var ordinals = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            ordinals[i] = Array.BinarySearch(sorted, numbers[i]);
        }

        return (sorted, ordinals);
    }
}
