using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The rows of a segment that have a word, in any of the forms in which it is looked for.</summary>
internal static class WordRows
{
    /// <summary>Those that have it as it stands, as a beginning or spelt otherwise.</summary>
    /// <returns>A set of the pool's, longer than the segment's.</returns>
    public static ulong[] Of(Segment segment, TermSpace space, QueryWord word, SetPool sets, Work work)
    {
        var rows = sets.Empty(segment.Words);
        foreach (var term in TermsOf(segment, space, word, work))
        {
            work.Take(segment.CostOf(term), PartOf(word), word.Text);
            segment.Postings(term).AddTo(rows.AsSpan(0, segment.Words));
        }

        return rows;
    }

    /// <summary>The terms of the other forms of an English word, if it is looked for in these too.</summary>
    public static List<int> FormsOf(Segment segment, QueryWord word) => word.Form is WordForm.Whole or WordForm.Begun ? segment.Stems.OtherFormsOf(word.Text) : [];

    /// <summary>Adds those that have other forms of it. Names are found as they are typed: a form counts where it is not in the name alone.</summary>
    public static void AddForms(Segment segment, QueryWord word, List<int> forms, ulong[] rows, SetPool sets, Work work)
    {
        foreach (var term in forms)
        {
            var key = segment.Dictionary.KeyAt(term);
            key[0] = (byte)TermSpace.NameWord;
            var inNames = segment.Dictionary.Find(key);
            work.Take(segment.CostOf(term) + (inNames < 0 ? 0 : 2 * segment.CostOf(inNames)), PartOf(word), word.Text);
            if (inNames < 0)
            {
                segment.Postings(term).AddTo(rows.AsSpan(0, segment.Words));
                continue;
            }

            var others = sets.Empty(segment.Words).AsSpan(0, segment.Words);
            segment.Postings(term).AddTo(others);
            segment.Postings(inNames).RemoveFrom(others, TermKey.InNameAlone);
            Bits.Or(rows.AsSpan(0, segment.Words), others);
        }
    }

    private static IEnumerable<int> TermsOf(Segment segment, TermSpace space, QueryWord word, Work work)
    {
        var key = TermKey.Of(space, word.Text);
        switch (word.Form)
        {
            case WordForm.Begun:
                var (first, end) = segment.Dictionary.BeginningWith(key);
                return Enumerable.Range(first, end - first);
            case WordForm.Near:
                return NearWords.Find(segment, space, word.Text, work).Select(near => near.Term);
            default:
                return segment.Dictionary.Find(key) is >= 0 and var term ? [term] : [];
        }
    }

    private static QueryPart PartOf(QueryWord word) => word.Form switch { WordForm.Begun => QueryPart.Beginning, WordForm.Near => QueryPart.Near, _ => QueryPart.Words };
}
