using System.Buffers;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The terms of a field in one segment with what was counted of each; goes through those of which anything was, in the order of their keys.</summary>
internal sealed class CountedTerms : IDisposable
{
    private readonly Segment _segment;
    private readonly int _first;
    private readonly int _length;
    private readonly int[] _counts;
    private TermDictionary.Cursor _cursor;
    private bool _isOpen;
    private int _at = -1;

    public CountedTerms(Segment segment, int first, int end)
    {
        (_segment, _first, _length) = (segment, first, end - first);
        _counts = ArrayPool<int>.Shared.Rent(_length);
        Counts.Clear();
    }

    /// <summary>Of each term.</summary>
    public Span<int> Counts => _counts.AsSpan(0, _length);

    public int Count => _counts[_at];

    public ReadOnlySpan<byte> Key => _cursor.Key;

    public bool MoveNext()
    {
        var next = Counts[(_at + 1)..].IndexOfAnyExcept(0);
        if (next < 0)
        {
            return false;
        }

        _at += next + 1;
        MoveTo(_first + _at);
        return true;
    }

    public void Dispose()
    {
        Close();
        ArrayPool<int>.Shared.Return(_counts);
    }

    /// <summary>From term to term if it is near, else by the dictionary's blocks.</summary>
    private void MoveTo(int place)
    {
        if (!_isOpen || place - _cursor.Place >= TermDictionary.BlockSize)
        {
            Close();
            (_cursor, _isOpen) = (_segment.Dictionary.At(place), true);
        }

        while (_cursor.Place < place)
        {
            _cursor.MoveNext();
        }
    }

    private void Close()
    {
        if (_isOpen)
        {
            _cursor.Dispose();
            _isOpen = false;
        }
    }
}
