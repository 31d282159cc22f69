using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Queries;

/// <summary>Words one after the other, doubles included: <c>llama 3.3</c> is llama, 3 and 3.</summary>
/// <param name="Words">Two or more, in small letters.</param>
/// <param name="IsOpen">The last one may be a beginning.</param>
internal sealed record TypedRun(IReadOnlyList<string> Words, bool IsOpen)
{
    /// <summary>Whether a name without its owner has them so.</summary>
    public bool IsIn(string name)
    {
        var words = Documents.Words.InOrder(name);
        return Enumerable.Range(0, Math.Max(0, words.Count - Words.Count + 1)).Any(start => IsAt(words, start));
    }

    private bool IsAt(List<string> words, int start)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            var isBegun = IsOpen && i == Words.Count - 1;
            if (isBegun ? !words[start + i].StartsWith(Words[i], StringComparison.Ordinal) : words[start + i] != Words[i])
            {
                return false;
            }
        }

        return true;
    }
}
