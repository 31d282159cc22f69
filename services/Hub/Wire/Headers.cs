namespace ModelGarden.Hub.Wire;

/// <summary>Headers of the protocol's own.</summary>
internal static class Headers
{
    public const string RepoCommit = "X-Repo-Commit";
    public const string LinkedSize = "X-Linked-Size";
    public const string LinkedEtag = "X-Linked-Etag";
    // Ours: the path of the checkpoint, escaped as in a URL, of which the file was made.
    public const string ConvertedFrom = "X-Garden-Converted-From";
    public const string TotalCount = "X-Total-Count";
}
