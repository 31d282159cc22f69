using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>Where a word stands in rows that are asked for in their order, each of which has it.</summary>
internal sealed class PositionCursor(Segment segment, int term)
{
    private readonly uint[] _rows = new uint[PostingBlock.Size];
    private readonly uint[] _counts = new uint[PostingBlock.Size];
    private uint[] _positions = new uint[PostingBlock.Size];
    private int _block = -1;
    private int _lastRow = -1;
    private int _at;
    private int _first;

    /// <summary>In the row it was moved to, rising; none, if it stands in no text of several words.</summary>
    public ReadOnlySpan<uint> Positions => _positions.AsSpan(_first, (int)_counts[_at]);

    public void MoveTo(int row)
    {
        if (row > _lastRow)
        {
            Unpack(row);
        }

        while (_rows[_at] < row)
        {
            _first += (int)_counts[_at++];
        }
    }

    private void Unpack(int row)
    {
        var postings = segment.Postings(term);
        do
        {
            _lastRow = postings.Block(++_block).LastRow;
        }
        while (_lastRow < row);
        postings.Rows(_block, _rows);
        postings.Positions(_block, _counts, ref _positions);
        (_at, _first) = (0, 0);
    }
}
