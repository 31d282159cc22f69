namespace ModelGarden.Catalog.Popularity;

/// <summary>An account's liking of a repository, on disk.</summary>
internal sealed class StoredLike
{
    public required string RepositoryId { get; init; }

    /// <summary>As written.</summary>
    public required string Account { get; init; }

    /// <summary>The account in lower case.</summary>
    public required string AccountKey { get; init; }

    public required DateTimeOffset At { get; init; }
}
