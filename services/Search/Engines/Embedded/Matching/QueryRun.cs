using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded.Matching;

/// <summary>One query, from a snapshot to its answer: what matches in each segment, then the best of all, then the facets. Every few thousand steps it looks whether anybody still waits, and what is left of what it may cost.</summary>
internal sealed class QueryRun(Snapshot snapshot, SearchQuery query, Viewer viewer, Work work)
{
    public SearchResult Run()
    {
        using var sets = new SetPool();
        var matches = snapshot.Views.Select(view => new SegmentMatch(view, query, viewer, sets, work)).ToList();
        using var fold = query.IsFolded ? new Fold(matches, work) : null;
        var top = new TopHits(query.PageSize + 1, query.After);
        var corpus = query.Sort is SortOrder.Relevance ? query.After?.Corpus ?? CorpusOf(matches) : null;
        double[] rarities = [.. corpus?.Known.Select(known => Relevance.Rarity(known, corpus.All)) ?? []];
        foreach (var match in matches)
        {
            Collect(match, rarities, top);
        }

        var page = top.Sorted();
        var hits = page.Take(query.PageSize).Select(candidate => HitOf(candidate, fold)).ToList();
        return new(
            hits,
            page.Count > query.PageSize ? new Place(page[query.PageSize - 1].Number, hits[^1].Repository.Name.ToLowerInvariant(), hits[^1].Repository.Id, corpus) : null,
            matches.Sum(match => (long)match.Total),
            [.. query.Facets.Select(field => Count(field, matches))]);
    }

    private Hit HitOf(Candidate candidate, Fold? fold) => new()
    {
        Repository = Shown(candidate, viewer),
        Score = query.Sort is SortOrder.Relevance ? candidate.Number : 0,
        Folded = fold?.CountOf(candidate) ?? 0,
    };

    /// <summary>A row as the viewer sees it.</summary>
    private static Repository Shown(Candidate candidate, Viewer viewer)
    {
        var repository = candidate.Segment.Repository(candidate.Row);
        return viewer.IsInsiderOf(DocumentFields.OwnerOf(repository), repository.Lifecycle) || !candidate.Segment.ReadershipOf(candidate.Row).HasFlag(Readership.Insiders)
            ? repository
            : View.ForOthers(repository, repository.Record);
    }

    private Corpus CorpusOf(List<SegmentMatch> matches) =>
        new(snapshot.Views.Sum(view => (long)Bits.Count(view.Outside)), [.. query.Words.Select((_, i) => matches.Sum(match => (long)match.Found[i].Known))]);

    private void Collect(SegmentMatch match, double[] rarities, TopHits top)
    {
        if (match.Total is 0)
        {
            return;
        }

        if (query.Sort is not SortOrder.Relevance)
        {
            new NumberOrder(match, query.Sort, top).Collect(work);
            return;
        }

        using var order = new RelevanceOrder(match, query, rarities, top);
        order.Collect(work);
    }

    private Facet Count(Field field, List<SegmentMatch> matches)
    {
        using var counter = new FacetCounter(field, work);
        foreach (var match in matches)
        {
            counter.Add(match);
        }

        return counter.ToFacet();
    }
}
