namespace ModelGarden.Search.Engines.Embedded.Columns;

/// <summary>
/// The values of a field in each row, as their places among the field's terms. If no row has two, <paramref name="starts"/> is empty and of each row the place
/// from 1 on is held, 0 for none; else where the places of each row begin, and all places one after the other.
/// </summary>
internal readonly ref struct ValueColumn(ReadOnlySpan<byte> starts, ReadOnlySpan<byte> places)
{
    private readonly bool _isSingle = starts.IsEmpty;
    private readonly PackedInts _starts = starts.IsEmpty ? default : new(starts);
    private readonly PackedInts _places = new(places);

    public void Count(int row, Span<int> counts)
    {
        if (_isSingle)
        {
            if (_places[row] is > 0 and var place)
            {
                counts[(int)place - 1]++;
            }

            return;
        }

        var end = (int)_starts[row + 1];
        for (var i = (int)_starts[row]; i < end; i++)
        {
            counts[(int)_places[i]]++;
        }
    }

    /// <summary>Of a row, rising.</summary>
    public int[] Places(int row)
    {
        if (_isSingle)
        {
            return _places[row] is > 0 and var place ? [(int)place - 1] : [];
        }

        var places = new int[(int)(_starts[row + 1] - _starts[row])];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = (int)_places[(int)_starts[row] + i];
        }

        return places;
    }

    public static (byte[] Starts, byte[] Places) Write(int rows, IReadOnlyList<(int Row, int Place)> values)
    {
        var starts = new int[rows + 1];
        foreach (var (row, _) in values)
        {
            starts[row + 1]++;
        }

        if (starts.Max() <= 1)
        {
            var single = new int[rows];
            foreach (var (row, place) in values)
            {
                single[row] = place + 1;
            }

            return ([], PackedInts.Pack<int>(single));
        }

        for (var row = 0; row < rows; row++)
        {
            starts[row + 1] += starts[row];
        }

        var (places, next) = (new int[values.Count], starts.AsSpan(0, rows).ToArray());
        foreach (var (row, place) in values)
        {
            places[next[row]++] = place;
        }

        return (PackedInts.Pack<int>(starts), PackedInts.Pack<int>(places));
    }
}
