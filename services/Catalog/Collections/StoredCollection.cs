using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Collections;

/// <summary>A collection on disk.</summary>
internal sealed class StoredCollection : IPlaced
{
    public required string Id { get; init; }

    /// <summary>As written.</summary>
    public required string Owner { get; init; }

    /// <summary>The owner in lower case.</summary>
    public required string OwnerKey { get; init; }

    public string Title { get; private set; } = "";

    /// <summary>The title in lower case, unique for each owner.</summary>
    public string Key { get; private set; } = "";

    public string Description { get; private set; } = "";

    /// <summary>Title and description in lower case, to be searched.</summary>
    public string Words { get; private set; } = "";

    public required bool IsPrivate { get; set; }

    public required CollectionTheme Theme { get; set; }

    /// <summary>Among its owner's, in ascending order; there may be gaps.</summary>
    public required long Position { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public static string KeyOf(string title) => title.Trim().ToLowerInvariant();

    public void Say(string title, string description)
    {
        (Title, Key, Description) = (title.Trim(), KeyOf(title), description.Trim());
        Words = $"{Key}\n{Description.ToLowerInvariant()}";
    }

    public Collection ToCollection(long position, IEnumerable<CollectionItem> items, Featured? featured) => new()
    {
        Id = Id,
        Slug = CollectionSlug.Of(this),
        Owner = Owner,
        Title = Title,
        Description = Description,
        Private = IsPrivate,
        Theme = Theme,
        Position = position,
        CreatedAt = Timestamp.FromDateTimeOffset(CreatedAt),
        UpdatedAt = Timestamp.FromDateTimeOffset(UpdatedAt),
        Items = { items },
        Featured = featured,
    };
}
