using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Pushes;

/// <summary>A push whose objects are right: what is stored of it, once a ref may move.</summary>
internal sealed record CheckedPush
{
    public required NewObjects Objects { get; init; }

    /// <summary>Parents before their children.</summary>
    public required IReadOnlyList<StoredCommit> Commits { get; init; }

    public required IReadOnlyDictionary<string, (StoredTag Tag, string Message)> Tags { get; init; }

    public required IReadOnlyCollection<FileTree> Trees { get; init; }

    /// <summary>What Artifacts knows of the large files.</summary>
    public required IReadOnlyCollection<StoredFile> Held { get; init; }

    /// <summary>Why no ref may stand on a commit.</summary>
    public required IReadOnlyDictionary<string, Error> BadTips { get; init; }
}
