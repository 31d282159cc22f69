using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Documents;

/// <summary>Who sees a view of a repository: whoever sees it as its owner does, all others, or everybody the same.</summary>
[Flags]
internal enum Readership
{
    Insiders = 1,
    Others = 2,
    Everybody = Insiders | Others,
}

/// <summary>
/// A repository as its audience finds it: everyone sees exactly one view of it, or none. What everybody finds alike is held as insiders see it, and
/// shown to others by <see cref="ForOthers"/>.
/// </summary>
internal sealed record View(Repository Repository, Readership Readership)
{
    /// <summary>Splits a state of Catalog's feed into what insiders see and what all others see of it, if anything.</summary>
    public static IReadOnlyList<View> Of(Repository state)
    {
        var inside = ForInsiders(state);
        if (state.Visibility is not Visibility.Garden || state.Lifecycle is not (Lifecycle.Published or Lifecycle.Deprecated) || state.PublishedRevisions.Count is 0)
        {
            return [new(inside, Readership.Insiders)];
        }

        var outside = ForOthers(state, state.PublishedRecord);
        return Equals(outside.Record, inside.Record) && Equals(outside.Source, inside.Source) && DocumentFields.IsRated(outside) == DocumentFields.IsRated(inside)
            ? [new(inside, Readership.Everybody)]
            : [new(inside, Readership.Insiders), new(outside, Readership.Others)];
    }

    /// <summary>Named field by field: what is added to the contract later stays inside until someone decides.</summary>
    /// <param name="state">As insiders see it.</param>
    /// <param name="record">What describes the newest published revision.</param>
    public static Repository ForOthers(Repository state, ModelRecord? record) => new()
    {
        Id = state.Id,
        Name = state.Name,
        Kind = state.Kind,
        Visibility = state.Visibility,
        Lifecycle = state.Lifecycle,
        Source = state.PublishedSource ?? state.Source,
        Head = state.PublishedRevisions[0],
        PublishedRevisions = { state.PublishedRevisions },
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        Record = record,
        Successor = state.Successor,
        RetiresAt = state.RetiresAt,
        Downloads = state.Downloads,
        Likes = state.Likes,
        Trend = state.Trend,
        Gate = state.Gate,
        AttestedRating = state.AttestedRating,
        ContentRating = ContentRatings.Of(state.AttestedRating, record),
    };

    private static Repository ForInsiders(Repository state)
    {
        if (state is { PublishedRecord: null, PublishedSource: null })
        {
            return state;
        }

        var view = state.Clone();
        (view.PublishedRecord, view.PublishedSource) = (null, null);
        return view;
    }
}
