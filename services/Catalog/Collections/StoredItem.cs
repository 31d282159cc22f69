namespace ModelGarden.Catalog.Collections;

/// <summary>A repository in a collection, on disk.</summary>
internal sealed class StoredItem : IPlaced
{
    public required string Id { get; init; }

    public required string CollectionId { get; init; }

    public required string RepositoryId { get; init; }

    /// <summary>Within the collection, in ascending order; there may be gaps.</summary>
    public required long Position { get; set; }

    public required string Note { get; set; }
}
