using System.Buffers;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>What a word weighs in rows that are asked for in their order, and the most that it weighs in any row of a window.</summary>
internal sealed class WeightCursor : IDisposable
{
    private readonly Segment _segment;
    private readonly int _term;
    private readonly uint[] _rows = ArrayPool<uint>.Shared.Rent(PostingBlock.Size);
    private readonly uint[] _weights = ArrayPool<uint>.Shared.Rent(PostingBlock.Size);
    private readonly int[] _lastRows;
    private readonly byte[] _maxima;
    private readonly int _blocks;
    private int _block;
    private int _unpacked = -1;
    private int _count;
    private int _at;

    public WeightCursor(Segment segment, int term)
    {
        (_segment, _term) = (segment, term);
        var postings = segment.Postings(term);
        _blocks = postings.BlockCount;
        (_lastRows, _maxima) = (ArrayPool<int>.Shared.Rent(_blocks), ArrayPool<byte>.Shared.Rent(_blocks));
        for (var block = 0; block < _blocks; block++)
        {
            var (lastRow, maximum) = postings.Block(block);
            (_lastRows[block], _maxima[block]) = (lastRow, (byte)maximum);
        }
    }

    /// <summary>The most it weighs from this row on to before <paramref name="end"/>; at least 0.</summary>
    public int MaximumIn(int start, int end)
    {
        Advance(start);
        var maximum = 0;
        for (var block = _block; block < _blocks && (block == _block || _lastRows[block - 1] + 1 < end); block++)
        {
            maximum = Math.Max(maximum, _maxima[block]);
        }

        return maximum;
    }

    /// <summary>What it weighs in a row; 0: the row does not have it.</summary>
    public int WeightIn(int row)
    {
        Advance(row);
        if (_block == _blocks)
        {
            return 0;
        }

        if (_unpacked != _block)
        {
            var postings = _segment.Postings(_term);
            (_count, _at, _unpacked) = (postings.Rows(_block, _rows), 0, _block);
            postings.Weights(_block, _weights);
        }

        while (_at < _count && _rows[_at] < row)
        {
            _at++;
        }

        return _at < _count && _rows[_at] == row ? (int)_weights[_at] : 0;
    }

    public void Dispose()
    {
        ArrayPool<uint>.Shared.Return(_rows);
        ArrayPool<uint>.Shared.Return(_weights);
        ArrayPool<int>.Shared.Return(_lastRows);
        ArrayPool<byte>.Shared.Return(_maxima);
    }

    private void Advance(int row)
    {
        while (_block < _blocks && _lastRows[_block] < row)
        {
            _block++;
        }
    }
}
