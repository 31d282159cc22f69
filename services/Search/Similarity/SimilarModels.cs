using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Search.Documents;
using ModelGarden.Search.Queries;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Search.Similarity;

/// <summary>
/// Finds what is most like a repository. A few queries, whatever the engine, bring those that may be: its family, its architecture, its tags, its name's first word, its task, of each the most downloaded
/// or best; these are compared one by one. All is as the viewer sees it.
/// </summary>
/// <param name="ask">Answers a query for the viewer.</param>
internal sealed class SimilarModels(Func<SearchQuery, Task<SearchResult>> ask)
{
    private const int Candidates = 100;
    private const int MostBases = 4;
    private const int MostTags = 20;

    /// <summary>The repository of that name, as the viewer sees it; without a kind that of the first kind that has one. Null: he sees none.</summary>
    public async Task<Repository?> FindAsync(string name, RepositoryKind kind)
    {
        var query = Named(name) with { Kind = kind };
        return query.Words.Count is 0 ? null : (await ask(query)).Hits.Select(hit => hit.Repository)
            .Where(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).OrderBy(repository => repository.Kind).FirstOrDefault();
    }

    /// <summary>Of the same kind, the likest first; of those alike the most downloaded, then the first by name.</summary>
    public async Task<IReadOnlyList<Hit>> LikeAsync(Repository model, int limit)
    {
        var candidates = new Dictionary<string, Repository>(StringComparer.Ordinal);
        foreach (var query in QueriesFor(model))
        {
            foreach (var hit in await BringAsync(query with { Kind = model.Kind, PageSize = Candidates }))
            {
                candidates[hit.Repository.Id] = hit.Repository;
            }
        }

        candidates.Remove(model.Id);
        var likeness = new Likeness(model);
        return
        [
            .. candidates.Values.Select(repository => new Hit { Repository = repository, Score = likeness.Of(repository) }).Where(hit => hit.Score > 0)
                .OrderByDescending(hit => hit.Score).ThenByDescending(hit => hit.Repository.Downloads).ThenBy(hit => hit.Repository.Name.ToLowerInvariant(), StringComparer.Ordinal).Take(limit),
        ];
    }

    /// <summary>What costs too much brings nothing: nobody asked for it in so many words.</summary>
    private async Task<IEnumerable<Hit>> BringAsync(SearchQuery query)
    {
        try
        {
            return (await ask(query)).Hits;
        }
        catch (ErrorException exception) when (exception.Error.Reason is SearchErrors.QueryTooCostlyReason)
        {
            return [];
        }
    }

    private static IEnumerable<SearchQuery> QueriesFor(Repository model)
    {
        var bases = DocumentFields.ValuesOf(model, Field.BaseModel).Take(MostBases).ToList();
        var (tasks, tags) = (DocumentFields.ValuesOf(model, Field.Task), DocumentFields.ValuesOf(model, Field.Tag).Take(MostTags).ToList());
        yield return Having((Field.BaseModel, [model.Name, .. bases]));
        foreach (var name in bases)
        {
            yield return Named(name);
        }

        if (tasks.Count > 0)
        {
            yield return Having((Field.Task, tasks));
        }

        if (tags.Count > 0)
        {
            yield return Having((Field.Tag, tags));
            yield return Having((Field.Tag, tags), (Field.Task, tasks));
        }

        foreach (var text in (string[])[model.Record?.Measured?.Architecture ?? "", Words.InOrder(DocumentFields.ShortNameOf(model), 1).FirstOrDefault("")])
        {
            if (Exact(text) is { Count: > 0 } words)
            {
                yield return new() { Words = words, HasSuggestion = false };
            }
        }
    }

    /// <summary>The most downloaded that have one of the values of each field that has some.</summary>
    private static SearchQuery Having(params (Field Field, IReadOnlyList<string> Values)[] filters) => new()
    {
        Filters = filters.Where(filter => filter.Values.Count > 0).ToDictionary(filter => filter.Field, IReadOnlySet<string> (filter) => filter.Values.ToHashSet(StringComparer.OrdinalIgnoreCase)),
        Sort = SortOrder.Downloads,
        HasSuggestion = false,
    };

    private static SearchQuery Named(string name) => new() { Words = Exact(name), ExactName = name.ToLowerInvariant(), HasSuggestion = false };

    private static List<QueryWord> Exact(string text) => [.. Words.OfQuery(text, QueryReader.MostWords).Select(word => new QueryWord(word, WordForm.Exact))];
}
