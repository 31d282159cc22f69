using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Documents;

/// <summary>Splits a state of Catalog's feed into what insiders see and what all others see of it.</summary>
internal static class Views
{
    public static IEnumerable<Document> Of(Repository state)
    {
        yield return new(ForInsiders(state), forInsiders: true, state.Lifecycle);
        if (state.Visibility is Visibility.Garden && state.Lifecycle is Lifecycle.Published or Lifecycle.Deprecated && state.PublishedRevisions.Count > 0)
        {
            yield return new(ForOthers(state), forInsiders: false, state.Lifecycle);
        }
    }

    private static Repository ForInsiders(Repository state)
    {
        var view = state.Clone();
        view.PublishedRecord = null;
        return view;
    }

    /// <summary>Named field by field: what is added to the contract later stays inside until someone decides.</summary>
    private static Repository ForOthers(Repository state) => new()
    {
        Id = state.Id,
        Name = state.Name,
        Kind = state.Kind,
        Visibility = state.Visibility,
        Lifecycle = state.Lifecycle,
        Source = state.Source,
        Head = state.PublishedRevisions[0],
        PublishedRevisions = { state.PublishedRevisions },
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        Record = state.PublishedRecord,
        Successor = state.Successor,
        RetiresAt = state.RetiresAt,
        Downloads = state.Downloads,
        Likes = state.Likes,
        Trend = state.Trend,
        Gate = state.Gate,
        AttestedRating = state.AttestedRating,
        ContentRating = ContentRatings.Of(state.AttestedRating, state.PublishedRecord),
    };
}
