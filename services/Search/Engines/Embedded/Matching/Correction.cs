using System.Text;
using ModelGarden.Kernel;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>
/// What a query that finds nothing may have meant: in place of each word that nothing has which the viewer sees, the word that is spelt most like it; of those like it alike the one that most has, of these the
/// first by its letters. It is said only if the whole query finds something with them, and if what is
/// left of what the query may cost suffices to find it.
/// </summary>
internal sealed class Correction(Snapshot snapshot, SearchQuery query, Viewer viewer, Work work)
{
    /// <summary>Of more unknown words nobody knows what is meant.</summary>
    private const int MostUnknown = 4;

    /// <summary>The words, with spaces between; empty: there is nothing to say.</summary>
    public string Find()
    {
        try
        {
            return FindWords();
        }
        catch (ErrorException exception) when (exception.Error.Reason is SearchErrors.QueryTooCostlyReason)
        {
            return "";
        }
    }

    private string FindWords()
    {
        using var sets = new SetPool();
        var visible = snapshot.Views.Select(view => (View: view, Rows: Visible.To(viewer, view, sets))).ToList();
        var words = query.Words.Select(word => (word.Text, IsKnown: visible.Exists(seen => IsIn(word, seen.View, seen.Rows, sets)))).ToList();
        if (words.Count(word => !word.IsKnown) is 0 or > MostUnknown)
        {
            return "";
        }

        var meant = words.Select(word => word.IsKnown ? word.Text : Nearest(word.Text, visible)).OfType<string>().Distinct().ToList();
        return meant.Count == words.Count && FindsSomething(meant) ? string.Join(' ', meant) : "";
    }

    /// <summary>Of a word that may be spelt otherwise only itself is looked for: what is near it is known to be none.</summary>
    private bool IsIn(QueryWord word, SegmentView view, ulong[] visible, SetPool sets)
    {
        var itself = word.Form is WordForm.Near ? word with { Form = WordForm.Exact } : word;
        var rows = WordRows.Of(view.Segment, TermSpace.Word, itself, sets, work);
        WordRows.AddForms(view.Segment, itself, WordRows.FormsOf(view.Segment, itself), rows, sets, work);
        Bits.And(rows.AsSpan(0, view.Segment.Words), visible);
        return rows.AsSpan(0, view.Segment.Words).IndexOfAnyExcept(0UL) >= 0;
    }

    private string? Nearest(string word, List<(SegmentView View, ulong[] Rows)> visible)
    {
        var found = new Dictionary<string, (int Distance, long Count)>(StringComparer.Ordinal);
        foreach (var (view, rows) in visible)
        {
            foreach (var near in NearWords.Find(view.Segment, TermSpace.Word, word, work))
            {
                work.Take(view.Segment.CostOf(near.Term), QueryPart.Near, word);
                var count = view.Segment.Postings(near.Term).CountIn(rows.AsSpan(0, view.Segment.Words));
                var text = count > 0 ? Encoding.UTF8.GetString(view.Segment.Dictionary.KeyAt(near.Term).AsSpan(1)) : "";
                found[text] = (near.Distance, found.GetValueOrDefault(text).Count + count);
            }
        }

        found.Remove("");
        return found.OrderBy(near => near.Value.Distance).ThenByDescending(near => near.Value.Count).ThenBy(near => near.Key, StringComparer.Ordinal).Select(near => near.Key).FirstOrDefault();
    }

    private bool FindsSomething(List<string> words)
    {
        var meant = query with { Words = [.. words.Select(word => new QueryWord(word, WordForm.Whole))], Phrases = [], ExactName = "", Facets = [], Sort = SortOrder.Downloads, IsFolded = false, PageSize = 1 };
        return new QueryRun(snapshot, meant, viewer, work).Run().Total > 0;
    }
}
