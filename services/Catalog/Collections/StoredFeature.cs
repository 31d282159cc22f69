using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Collections;

/// <summary>A featured collection on disk.</summary>
internal sealed class StoredFeature : IPlaced
{
    public required string CollectionId { get; init; }

    /// <summary>Among all that are featured, in ascending order; there may be gaps.</summary>
    public required long Position { get; set; }

    /// <summary>Null: until it is taken off.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <param name="place">Among those that are featured now.</param>
    public Featured ToFeatured(int place) => new() { Position = place, Until = Until is { } until ? Timestamp.FromDateTimeOffset(until) : null };
}
