namespace ModelGarden.Artifacts.Urls;

/// <summary>The secret that URLs are signed with; one row, made by whichever replica starts first.</summary>
internal sealed class UrlKey
{
    public required int Id { get; init; }

    public required byte[] Secret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
