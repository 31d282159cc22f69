using ModelGarden.Search.Engines.Embedded.Terms;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>The rows of one term out of several segments, under their new numbers, until they are put in order.</summary>
/// <param name="rowCount">Of the new segment.</param>
internal sealed class GatheredRows(int rowCount)
{
    /// <summary>Terms of more rows than one in so many are put in order by a pass over all rows, others by sorting.</summary>
    private const int RowsPerScatter = 64;
    private readonly int[] _scattered = new int[rowCount];
    private Columns _gathered = new();
    private Columns _sorted = new();
    private int[] _order = [];
    private int[] _starts = [];

    public int Count { get; private set; }

    public TermRows Term => new(
        _gathered.Rows.AsSpan(0, Count), _gathered.Weights.AsSpan(0, Count), _gathered.PositionCount > 0 ? _gathered.Counts.AsSpan(0, Count) : [], _gathered.Positions.AsSpan(0, _gathered.PositionCount));

    public void Clear() => (Count, _gathered.PositionCount) = (0, 0);

    public void Add(int row, uint weight, ReadOnlySpan<uint> positions)
    {
        _gathered.Reserve(Count + 1, _gathered.PositionCount + positions.Length);
        (_gathered.Rows[Count], _gathered.Weights[Count], _gathered.Counts[Count]) = (row, (byte)weight, (ushort)positions.Length);
        Count++;
        foreach (var position in positions)
        {
            _gathered.Positions[_gathered.PositionCount++] = (ushort)position;
        }
    }

    /// <summary>Puts the rows in the order of their numbers.</summary>
    public void Sort()
    {
        if (_order.Length < Count)
        {
            (_order, _starts) = (new int[Count * 2], new int[Count * 2]);
        }

        if (Count < rowCount / RowsPerScatter)
        {
            OrderBySorting();
        }
        else
        {
            OrderByScattering();
        }

        Rearrange();
    }

    private void OrderBySorting()
    {
        for (var i = 0; i < Count; i++)
        {
            _order[i] = i;
        }

        // The numbers are needed where they are.
        _gathered.Rows.AsSpan(0, Count).CopyTo(_starts);
        _starts.AsSpan(0, Count).Sort(_order.AsSpan(0, Count));
    }

    private void OrderByScattering()
    {
        for (var i = 0; i < Count; i++)
        {
            _scattered[_gathered.Rows[i]] = i + 1;
        }

        for (int row = 0, i = 0; i < Count; row++)
        {
            if (_scattered[row] is > 0 and var at)
            {
                (_order[i], _scattered[row]) = (at - 1, 0);
                i++;
            }
        }
    }

    private void Rearrange()
    {
        for (var (i, start) = (0, 0); i < Count; i++)
        {
            _starts[i] = start;
            start += _gathered.Counts[i];
        }

        _sorted.Reserve(Count, _gathered.PositionCount);
        _sorted.PositionCount = 0;
        for (var i = 0; i < Count; i++)
        {
            var at = _order[i];
            (_sorted.Rows[i], _sorted.Weights[i], _sorted.Counts[i]) = (_gathered.Rows[at], _gathered.Weights[at], _gathered.Counts[at]);
            _gathered.Positions.AsSpan(_starts[at], _gathered.Counts[at]).CopyTo(_sorted.Positions.AsSpan(_sorted.PositionCount));
            _sorted.PositionCount += _gathered.Counts[at];
        }

        (_gathered, _sorted) = (_sorted, _gathered);
    }

    private sealed class Columns
    {
        public int[] Rows = new int[1024];
        public byte[] Weights = new byte[1024];
        public ushort[] Counts = new ushort[1024];
        public ushort[] Positions = new ushort[1024];

        public int PositionCount { get; set; }

        public void Reserve(int rows, int positions)
        {
            if (Rows.Length < rows)
            {
                Array.Resize(ref Rows, rows * 2);
                Array.Resize(ref Weights, Rows.Length);
                Array.Resize(ref Counts, Rows.Length);
            }

            if (Positions.Length < positions)
            {
                Array.Resize(ref Positions, positions * 2);
            }
        }
    }
}
