namespace ModelGarden.Catalog.Objects;

/// <summary>An annotated tag on disk.</summary>
internal sealed class StoredTag
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    /// <summary>The commit that it names.</summary>
    public required string Target { get; init; }

    /// <summary>git's text.</summary>
    public required byte[] Content { get; init; }
}
