using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>Puts the words of a segment in the order of their stems, as <see cref="Terms.StemColumn"/> reads them.</summary>
internal sealed class StemWriter
{
    private readonly TermTable _stems = new();
    private readonly List<(int Stem, int Word)> _words = [];
    private readonly HashSet<int> _changed = [];
    private readonly byte[] _letters = new byte[EnglishStem.Longest];

    /// <param name="word">As UTF-8; words come in their order.</param>
    /// <param name="place">Among all words.</param>
    public void Add(ReadOnlySpan<byte> word, int place)
    {
        if (!EnglishStem.HasStem(word))
        {
            return;
        }

        word.CopyTo(_letters);
        var stem = _letters.AsSpan(0, EnglishStem.Reduce(_letters.AsSpan(0, word.Length)));
        var number = _stems.Number(stem);
        _words.Add((number, place));
        if (!stem.SequenceEqual(word))
        {
            _changed.Add(number);
        }
    }

    /// <summary>The places of words whose stems are of another word too.</summary>
    public int[] Finish()
    {
        var ranks = new int[_stems.Count];
        foreach (var (rank, stem) in _stems.Sorted().Index())
        {
            ranks[stem] = rank;
        }

        // Two words of one stem are not both it: a stem that no word was changed to is of itself alone.
        return [.. _words.Where(word => _changed.Contains(word.Stem)).OrderBy(word => ranks[word.Stem]).Select(word => word.Word)];
    }
}
