using ModelGarden.Contracts.V1;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines;

/// <summary>
/// Filters, counts and orders what was found. A facet leaves out its own filter (drill sideways), so that it shows what choosing another value
/// would give: a document that fails one filter alone counts in that field's facet.
/// </summary>
internal sealed class Selection(SearchQuery query)
{
    private readonly List<(Document Document, double Score, Place Place)> _matches = [];
    private readonly Dictionary<Field, FacetCount> _facets = query.Facets.ToDictionary(field => field, _ => new FacetCount());

    public SearchResult Select(IEnumerable<(Document Document, double Score)> candidates)
    {
        foreach (var (document, score) in candidates.Where(candidate => IsInBounds(candidate.Document)))
        {
            Consider(document, score);
        }

        var page = _matches.Where(match => query.After is not { } after || match.Place > after).OrderBy(match => match.Place).Take(query.PageSize + 1).ToList();
        return new(
            [.. page.Take(query.PageSize).Select(match => new Hit { Repository = match.Document.Repository, Score = match.Score })],
            page.Count > query.PageSize ? page[query.PageSize - 1].Place : null,
            _matches.Count,
            [.. query.Facets.Select(field => _facets[field].ToFacet(QueryReader.NameOf(field)))]);
    }

    private void Consider(Document document, double score)
    {
        var failed = query.Filters.Where(filter => !document.ValuesOf(filter.Key).Any(filter.Value.Contains)).Select(filter => filter.Key).Take(2).ToList();
        if (failed.Count is 0)
        {
            _matches.Add((document, score, document.PlaceIn(query.Sort, score)));
        }

        foreach (var (field, facet) in _facets)
        {
            if (failed.Count is 0 || (failed.Count is 1 && failed[0] == field))
            {
                facet.Add(document.ValuesOf(field));
            }
        }
    }

    /// <summary>The filters that no facet has.</summary>
    private bool IsInBounds(Document document) =>
        (query.Kind is RepositoryKind.Unspecified || document.Repository.Kind == query.Kind)
        && (query.MinimumParameters is not { } minimum || document.Parameters >= minimum)
        && (query.MaximumParameters is not { } maximum || document.Parameters <= maximum);
}
