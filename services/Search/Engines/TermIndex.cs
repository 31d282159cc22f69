namespace ModelGarden.Search.Engines;

/// <summary>A document that has a word, and what the word weighs there.</summary>
internal readonly record struct Posting(int Document, float Weight);

/// <summary>Which documents have which word. Grows only: the dead are told apart by whoever reads.</summary>
internal sealed class TermIndex
{
    private readonly Dictionary<string, List<Posting>> _postings = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _words = new(StringComparer.Ordinal);

    public void Add(int document, IReadOnlyDictionary<string, float> weights)
    {
        foreach (var (word, weight) in weights)
        {
            if (!_postings.TryGetValue(word, out var postings))
            {
                _postings[word] = postings = [];
                _words.Add(word);
            }

            postings.Add(new(document, weight));
        }
    }

    public IReadOnlyList<Posting> Find(string word) => _postings.TryGetValue(word, out var postings) ? postings : [];

    /// <summary>The words that begin so, itself left out.</summary>
    public IEnumerable<string> BeginningWith(string prefix) =>
        _words.GetViewBetween(prefix, prefix + char.MaxValue).Where(word => word.Length > prefix.Length && word.StartsWith(prefix, StringComparison.Ordinal));
}
