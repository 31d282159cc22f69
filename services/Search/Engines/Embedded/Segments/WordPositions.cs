namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Turns the words of rows, in their order, round into the positions of each word. First all rows are counted, then all are added, in the order of their numbers.</summary>
internal sealed class WordPositions(int terms, int postings)
{
    private readonly int[] _ends = new int[terms + 1];
    private readonly ushort[] _counts = new ushort[postings];
    private int[] _next = [];
    private ushort[] _positions = [];

    /// <param name="words">Terms in their order; below 0: none stands there.</param>
    public void Count(ReadOnlySpan<int> words)
    {
        foreach (var term in words)
        {
            if (term >= 0)
            {
                _ends[term + 1]++;
            }
        }
    }

    /// <summary>All rows are counted.</summary>
    public void Begin()
    {
        for (var term = 0; term < terms; term++)
        {
            _ends[term + 1] += _ends[term];
        }

        _next = _ends[..^1];
        _positions = new ushort[_ends[^1]];
    }

    /// <param name="words">Of the next row.</param>
    /// <param name="postings">Of each term the place behind its posting of this row.</param>
    public void Add(ReadOnlySpan<int> words, int[] postings)
    {
        for (var position = 0; position < words.Length; position++)
        {
            if (words[position] is >= 0 and var term)
            {
                _positions[_next[term]++] = (ushort)position;
                _counts[postings[term] - 1]++;
            }
        }
    }

    /// <summary>Of each of a term's postings how many positions it has; empty: none has any.</summary>
    public ReadOnlySpan<ushort> CountsOf(int term, int first, int count) => _ends[term] == _ends[term + 1] ? [] : _counts.AsSpan(first, count);

    /// <summary>A term's positions, one row after the other.</summary>
    public ReadOnlySpan<ushort> Of(int term) => _positions.AsSpan(_ends[term].._ends[term + 1]);
}
