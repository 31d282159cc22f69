using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The rows of a segment that have a word, in any of the forms in which it is looked for.</summary>
internal static class WordRows
{
    private const int TermsPerLook = 1024;

    /// <returns>A set of the pool's, longer than the segment's.</returns>
    public static ulong[] Of(Segment segment, TermSpace space, QueryWord word, SetPool sets, CancellationToken cancellationToken)
    {
        var rows = sets.Empty(segment.Words);
        foreach (var (count, term) in TermsOf(segment, space, word, cancellationToken).Index())
        {
            if (count % TermsPerLook is 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            segment.Postings(term).AddTo(rows.AsSpan(0, segment.Words));
        }

        return rows;
    }

    private static IEnumerable<int> TermsOf(Segment segment, TermSpace space, QueryWord word, CancellationToken cancellationToken)
    {
        var key = TermKey.Of(space, word.Text);
        switch (word.Form)
        {
            case WordForm.Begun:
                var (first, end) = segment.Dictionary.BeginningWith(key);
                return Enumerable.Range(first, end - first);
            case WordForm.Near:
                return NearWords.Find(segment, space, word.Text, cancellationToken).Select(near => near.Term);
            default:
                return segment.Dictionary.Find(key) is >= 0 and var term ? [term] : [];
        }
    }
}
