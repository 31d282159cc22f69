using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>The rows of one segment that a query finds, as sets, and what scores need to know of its words.</summary>
internal sealed class SegmentMatch
{
    private const int StepsPerValue = 1000;
    private readonly SearchQuery _query;
    private readonly SetPool _sets;
    private readonly Work _work;
    private readonly List<(Field Field, ulong[] Rows)> _sideways = [];
    private readonly ulong[] _spare;
    private ulong[] _found;

    public SegmentMatch(SegmentView view, SearchQuery query, Viewer viewer, SetPool sets, Work work)
    {
        (View, _query, _sets, _work) = (view, query, sets, work);
        Found = new FoundWord[query.Words.Count];
        _found = Visible.To(viewer, view, sets);
        _spare = sets.Empty(Segment.Words);
        foreach (var (i, word) in query.Words.Index())
        {
            Found[i] = KeepWord(word);
        }

        KeepBounds();
        LeaveOut();
        foreach (var (field, values) in query.Filters)
        {
            KeepValues(field, values);
        }

        foreach (var phrase in query.Phrases)
        {
            PhraseRows.Keep(Segment, phrase, Rows, work);
        }

        Matches = _sideways.Count > 0 ? Without(null) : _found;
        (Shown, Total) = (Matches, Bits.Count(Matches.AsSpan(0, Segment.Words)));
    }

    public SegmentView View { get; }

    public Segment Segment => View.Segment;

    /// <summary>All that the query finds; longer than the segment's sets.</summary>
    public ulong[] Matches { get; }

    /// <summary>What of that is shown: all, unless rows are hidden.</summary>
    public ulong[] Shown { get; private set; }

    /// <summary>How many are shown.</summary>
    public int Total { get; private set; }

    /// <summary>Of each word of the query what is known of it here.</summary>
    public FoundWord[] Found { get; }

    /// <summary>A row that is shown and found stays found, and is not shown.</summary>
    public void Hide(int row)
    {
        Shown = Shown == Matches ? _sets.CopyOf(Matches.AsSpan(0, Segment.Words)) : Shown;
        Bits.Remove(Shown, row);
        Total--;
    }

    /// <summary>What a facet counts: all that is found but for the facet's own filter.</summary>
    public ReadOnlySpan<ulong> Countable(Field facet) => (_sideways.Exists(filter => filter.Field == facet) ? Without(facet) : Matches).AsSpan(0, Segment.Words);

    /// <summary>What of the matches is of a kind.</summary>
    public ulong[] OfKind(RepositoryKind kind)
    {
        var rows = RowsWith(TermSpace.Kind, new($"{(int)kind}", WordForm.Exact));
        Bits.And(rows.AsSpan(0, Segment.Words), Matches.AsSpan(0, Segment.Words));
        return rows;
    }

    /// <summary>What somebody made of another publisher's model.</summary>
    public ulong[] Derived()
    {
        var rows = _sets.Empty(Segment.Words);
        var (first, end) = Segment.Space(TermSpace.Derived);
        if (first < end)
        {
            Segment.Postings(first).AddTo(rows.AsSpan(0, Segment.Words));
        }

        return rows;
    }

    /// <summary>Matches whose names have all words of the text that was typed, in whatever order.</summary>
    public ulong[] AllInName()
    {
        var rows = _sets.CopyOf(Matches.AsSpan(0, Segment.Words));
        foreach (var (i, word) in _query.Words.Index().Where(word => word.Item.Form is WordForm.Whole or WordForm.Begun))
        {
            Bits.And(rows.AsSpan(0, Segment.Words), Found[i].LooseNames ?? RowsWith(TermSpace.NameWord, word));
        }

        return rows;
    }

    private Span<ulong> Rows => _found.AsSpan(0, Segment.Words);

    private ulong[] Without(Field? facet)
    {
        var rows = _sets.CopyOf(Rows);
        foreach (var filter in _sideways.Where(filter => filter.Field != facet))
        {
            Bits.And(rows.AsSpan(0, Segment.Words), filter.Rows);
        }

        return rows;
    }

    private FoundWord KeepWord(QueryWord word)
    {
        var term = Segment.Dictionary.Find(TermKey.Of(TermSpace.Word, word.Text));
        var forms = WordRows.FormsOf(Segment, word);
        if (word.Form is WordForm.Begun or WordForm.Near || forms.Count > 0)
        {
            var rows = RowsWith(TermSpace.Word, word);
            WordRows.AddForms(Segment, word, forms, rows, _sets, _work);
            Bits.And(Rows, rows);
            return new(term, Bits.CountBoth(rows.AsSpan(0, Segment.Words), View.Outside), IsLoose: true, word.Form is WordForm.Whole ? null : RowsWith(TermSpace.NameWord, word));
        }

        if (term < 0)
        {
            Rows.Clear();
            return new(term, 0, IsLoose: false, null);
        }

        _work.Take(Segment.CostOf(term), QueryPart.Words, word.Text);
        var postings = Segment.Postings(term);
        Keep(postings);
        return new(term, postings.CountIn(View.Outside), IsLoose: false, null);
    }

    private void Keep(PostingList postings)
    {
        if (!postings.Set.IsEmpty)
        {
            Bits.And(Rows, postings.Set);
            return;
        }

        var rows = _sets.Empty(Segment.Words);
        postings.AddTo(rows);
        Bits.And(rows.AsSpan(0, Segment.Words), Rows);
        _found = rows;
    }

    private ulong[] RowsWith(TermSpace space, QueryWord word) => WordRows.Of(Segment, space, word, _sets, _work);

    private void KeepBounds()
    {
        if (_query.Kind is not RepositoryKind.Unspecified)
        {
            var kind = Segment.Dictionary.Find(TermKey.Of(TermSpace.Kind, $"{(int)_query.Kind}"));
            if (kind < 0)
            {
                Rows.Clear();
                return;
            }

            Keep(Segment.Postings(kind));
        }

        if (_query.MinimumParameters is not null || _query.MaximumParameters is not null)
        {
            Segment.Parameters.Keep(Rows, _query.MinimumParameters, _query.MaximumParameters, _spare.AsSpan(0, Segment.Words), _sets.Empty(Segment.Words).AsSpan(0, Segment.Words));
        }
    }

    private void LeaveOut()
    {
        foreach (var words in _query.ExcludedWords)
        {
            var rows = _sets.CopyOf(Rows);
            foreach (var word in words)
            {
                Bits.And(rows.AsSpan(0, Segment.Words), RowsWith(TermSpace.Word, new(word, WordForm.Exact)));
            }

            Bits.AndNot(Rows, rows);
        }

        foreach (var phrase in _query.ExcludedPhrases)
        {
            var rows = _sets.CopyOf(Rows);
            PhraseRows.Keep(Segment, phrase, rows.AsSpan(0, Segment.Words), _work);
            Bits.AndNot(Rows, rows);
        }

        foreach (var (field, values) in _query.Excluded)
        {
            Bits.AndNot(Rows, With(field, values));
        }
    }

    private ulong[] With(Field field, IReadOnlySet<string> values)
    {
        var rows = _sets.Empty(Segment.Words);
        foreach (var value in values)
        {
            var (first, end) = Segment.Dictionary.BeginningWith(TermKey.OfSpellings(field, value));
            _work.Take(StepsPerValue, QueryPart.Filter, QueryReader.NameOf(field));
            for (var term = first; term < end; term++)
            {
                _work.Take(Segment.CostOf(term), QueryPart.Filter, QueryReader.NameOf(field));
                Segment.Postings(term).AddTo(rows.AsSpan(0, Segment.Words));
            }
        }

        return rows;
    }

    private void KeepValues(Field field, IReadOnlySet<string> values)
    {
        var rows = With(field, values);
        if (_query.Facets.Contains(field))
        {
            _sideways.Add((field, rows));
        }
        else
        {
            Bits.And(Rows, rows);
        }
    }
}
