namespace ModelGarden.Catalog.Revisions;

/// <summary>A branch, tag or pull request's ref on disk.</summary>
internal sealed class StoredRef
{
    public required string RepositoryId { get; init; }

    /// <summary>Whole: <c>refs/heads/main</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A commit.</summary>
    public required string Target { get; set; }

    /// <summary>The annotated tag that the ref names; empty: it names the commit itself.</summary>
    public string Tag { get; set; } = "";

    /// <summary>What whoever made a tag said.</summary>
    public string Message { get; set; } = "";

    public required DateTimeOffset At { get; set; }
}
