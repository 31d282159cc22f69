namespace ModelGarden.Catalog.Revisions;

/// <summary>A branch, tag or pull request's ref on disk.</summary>
internal sealed class StoredRef
{
    public required string RepositoryId { get; init; }

    /// <summary>Whole: <c>refs/heads/main</c>.</summary>
    public required string Name { get; init; }

    public required string Target { get; set; }

    /// <summary>What whoever made a tag said.</summary>
    public string Message { get; init; } = "";

    public required DateTimeOffset At { get; set; }
}
