using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Queries;

internal enum SortOrder
{
    Relevance,
    Downloads,
    Likes,
    Trending,
    Updated,
    Created,
    Name,
    Parameters,
    Size,
}

/// <summary>What documents are filtered and counted by.</summary>
internal enum Field
{
    Task,
    Library,
    License,
    Language,
    Tag,
    Owner,
    Format,
    BaseModel,
}

/// <summary>A query that is known to be a sensible one.</summary>
internal sealed record SearchQuery
{
    /// <summary>All must be found, the last one also as the beginning of a word; none: everything.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Of each field one of the values, whatever its case; fields without values are not here.</summary>
    public IReadOnlyDictionary<Field, IReadOnlySet<string>> Filters { get; init; } = new Dictionary<Field, IReadOnlySet<string>>();

    public RepositoryKind Kind { get; init; }

    public long? MinimumParameters { get; init; }

    public long? MaximumParameters { get; init; }

    /// <summary>What to count.</summary>
    public IReadOnlyList<Field> Facets { get; init; } = [];

    public SortOrder Sort { get; init; }

    public int PageSize { get; init; } = 20;

    /// <summary>Where the page before ended; null: the first page.</summary>
    public Place? After { get; init; }
}

/// <summary>
/// A document's place in an order: the greatest number first, then by name, then by id. Naming a place, not a count, keeps pages whole while
/// documents come and go.
/// </summary>
internal readonly record struct Place(double Number, string Name, string Id) : IComparable<Place>
{
    public int CompareTo(Place other)
    {
        var order = other.Number.CompareTo(Number);
        order = order is 0 ? string.CompareOrdinal(Name, other.Name) : order;
        return order is 0 ? string.CompareOrdinal(Id, other.Id) : order;
    }

    public static bool operator <(Place left, Place right) => left.CompareTo(right) < 0;

    public static bool operator >(Place left, Place right) => left.CompareTo(right) > 0;

    public static bool operator <=(Place left, Place right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Place left, Place right) => left.CompareTo(right) >= 0;
}

/// <param name="Hits">One page, in order.</param>
/// <param name="Next">Where the page ends, if there are more.</param>
/// <param name="Total">All that match, exactly.</param>
/// <param name="Facets">In the order asked for.</param>
internal sealed record SearchResult(IReadOnlyList<Hit> Hits, Place? Next, long Total, IReadOnlyList<Facet> Facets);
