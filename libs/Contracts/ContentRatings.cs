namespace ModelGarden.Contracts.V1;

/// <summary>What cards and curators say of a repository's content comes to one rating in one place.</summary>
public static class ContentRatings
{
    /// <summary>The tag by which cards say, and the Hugging Face protocol shows, that something is not for everybody.</summary>
    public const string Tag = "not-for-all-audiences";

    /// <summary>The stricter of what curators attest and what a record declares.</summary>
    /// <param name="attested">UNSPECIFIED is as good as UNRATED.</param>
    /// <param name="record">Null: nothing is declared.</param>
    public static ContentRating Of(ContentRating attested, ModelRecord? record) =>
        (ContentRating)Math.Max((int)attested, (int)(record?.Declared is { } declared && declared.Tags.Any(IsTag) ? ContentRating.Sensitive : ContentRating.Unrated));

    /// <summary>A tag that rates what bears it.</summary>
    public static bool IsTag(string tag) => string.Equals(tag, Tag, StringComparison.OrdinalIgnoreCase);
}
