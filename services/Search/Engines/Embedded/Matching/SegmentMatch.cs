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
    private readonly SearchQuery _query;
    private readonly SetPool _sets;
    private readonly CancellationToken _cancellation;
    private readonly List<(Field Field, ulong[] Rows)> _sideways = [];
    private readonly ulong[] _spare;
    private ulong[] _found;

    public SegmentMatch(SegmentView view, SearchQuery query, Viewer viewer, SetPool sets, CancellationToken cancellationToken)
    {
        (View, _query, _sets, _cancellation) = (view, query, sets, cancellationToken);
        (Terms, Known, LooseNames) = (new int[query.Words.Count], new int[query.Words.Count], new ulong[]?[query.Words.Count]);
        _found = Visible.To(viewer, view, sets);
        _spare = sets.Empty(Segment.Words);
        foreach (var (i, word) in query.Words.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            KeepWord(i, word);
        }

        KeepBounds();
        LeaveOut();
        foreach (var (field, values) in query.Filters)
        {
            KeepValues(field, values);
        }

        Matches = _sideways.Count > 0 ? Without(null) : _found;
        Total = Bits.Count(Matches.AsSpan(0, Segment.Words));
    }

    public SegmentView View { get; }

    public Segment Segment => View.Segment;

    /// <summary>All that the query finds; longer than the segment's sets.</summary>
    public ulong[] Matches { get; }

    public int Total { get; }

    /// <summary>Of each word its term; -1: it has none here.</summary>
    public int[] Terms { get; }

    /// <summary>Of each word how many of the rows that all may see have it.</summary>
    public int[] Known { get; }

    /// <summary>Of each word that is found in other forms too, the rows whose names have one of them; null: it is found as it stands alone.</summary>
    public ulong[]?[] LooseNames { get; }

    /// <summary>What a facet counts: all that is found but for the facet's own filter.</summary>
    public ReadOnlySpan<ulong> Countable(Field facet) => (_sideways.Exists(filter => filter.Field == facet) ? Without(facet) : Matches).AsSpan(0, Segment.Words);

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

    /// <summary>Matches whose names have all words that were typed, in whatever order.</summary>
    public ulong[] AllInName()
    {
        var rows = _sets.CopyOf(Matches.AsSpan(0, Segment.Words));
        foreach (var (i, word) in _query.Words.Index().Where(word => word.Item.Form is not WordForm.Near))
        {
            Bits.And(rows.AsSpan(0, Segment.Words), LooseNames[i] ?? RowsWith(TermSpace.NameWord, word));
        }

        return rows;
    }

    private Span<ulong> Found => _found.AsSpan(0, Segment.Words);

    private ulong[] Without(Field? facet)
    {
        var rows = _sets.CopyOf(Found);
        foreach (var filter in _sideways.Where(filter => filter.Field != facet))
        {
            Bits.And(rows.AsSpan(0, Segment.Words), filter.Rows);
        }

        return rows;
    }

    private void KeepWord(int index, QueryWord word)
    {
        Terms[index] = Segment.Dictionary.Find(TermKey.Of(TermSpace.Word, word.Text));
        if (word.Form is not WordForm.Whole)
        {
            var rows = RowsWith(TermSpace.Word, word);
            Known[index] = Bits.CountBoth(rows.AsSpan(0, Segment.Words), View.Outside);
            LooseNames[index] = RowsWith(TermSpace.NameWord, word);
            Bits.And(Found, rows);
        }
        else if (Terms[index] < 0)
        {
            Found.Clear();
        }
        else
        {
            var postings = Segment.Postings(Terms[index]);
            Known[index] = postings.CountIn(View.Outside);
            Keep(postings);
        }
    }

    private void Keep(PostingList postings)
    {
        if (!postings.Set.IsEmpty)
        {
            Bits.And(Found, postings.Set);
            return;
        }

        var rows = _sets.Empty(Segment.Words);
        postings.AddTo(rows);
        Bits.And(rows.AsSpan(0, Segment.Words), Found);
        _found = rows;
    }

    private ulong[] RowsWith(TermSpace space, QueryWord word) => WordRows.Of(Segment, space, word, _sets, _cancellation);

    private void KeepBounds()
    {
        if (_query.Kind is not RepositoryKind.Unspecified)
        {
            var kind = Segment.Dictionary.Find(TermKey.Of(TermSpace.Kind, $"{(int)_query.Kind}"));
            if (kind < 0)
            {
                Found.Clear();
                return;
            }

            Keep(Segment.Postings(kind));
        }

        if (_query.MinimumParameters is not null || _query.MaximumParameters is not null)
        {
            Segment.Parameters.Keep(Found, _query.MinimumParameters, _query.MaximumParameters, _spare.AsSpan(0, Segment.Words), _sets.Empty(Segment.Words).AsSpan(0, Segment.Words));
        }
    }

    private void LeaveOut()
    {
        foreach (var words in _query.ExcludedWords)
        {
            var rows = _sets.CopyOf(Found);
            foreach (var word in words)
            {
                Bits.And(rows.AsSpan(0, Segment.Words), RowsWith(TermSpace.Word, new(word, WordForm.Whole)));
            }

            Bits.AndNot(Found, rows);
        }

        foreach (var (field, values) in _query.Excluded)
        {
            Bits.AndNot(Found, With(field, values));
        }
    }

    private ulong[] With(Field field, IReadOnlySet<string> values)
    {
        var rows = _sets.Empty(Segment.Words);
        foreach (var value in values)
        {
            var (first, end) = Segment.Dictionary.BeginningWith(TermKey.OfSpellings(field, value));
            for (var term = first; term < end; term++)
            {
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
            Bits.And(Found, rows);
        }
    }
}
