using ModelGarden.Catalog.Facts;

namespace ModelGarden.Catalog.Objects;

/// <summary>A commit on disk.</summary>
internal sealed class StoredCommit
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    public required string Tree { get; init; }

    /// <summary>Empty for the first commit.</summary>
    public required string FirstParent { get; init; }

    /// <summary>How many commits there are from the first one to this along the first parents.</summary>
    public required long Generation { get; init; }

    /// <summary>git's text.</summary>
    public required byte[] Content { get; init; }

    public static StoredCommit Of(string repositoryId, CommitObject commit, StoredCommit? parent)
    {
        var content = commit.ToContent();
        return new()
        {
            RepositoryId = repositoryId,
            Oid = ObjectId.Of("commit", content).Hex,
            Tree = commit.Tree.Hex,
            FirstParent = parent?.Oid ?? "",
            Generation = (parent?.Generation ?? 0) + 1,
            Content = content,
        };
    }

    public Commit ToCommit() => CommitObject.Read(Content).As(Oid);
}

/// <summary>A tree on disk; see <see cref="FileTree"/>.</summary>
internal sealed class StoredTree
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    public required byte[] Content { get; init; }

    public required byte[] Sizes { get; init; }
}

/// <summary>A small file's content on disk.</summary>
internal sealed class StoredBlob
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    public required byte[] Content { get; init; }
}

/// <summary>A large file's pointer on disk.</summary>
internal sealed class StoredLargeFile
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    public required string Sha256 { get; init; }

    public required long Size { get; init; }
}

/// <summary>What one commit adds to its repository.</summary>
internal sealed record NewObjects
{
    public Dictionary<ObjectId, byte[]> Blobs { get; } = [];

    public Dictionary<ObjectId, LargeFilePointer> LargeFiles { get; } = [];

    public Dictionary<ObjectId, FileTree> Trees { get; } = [];

    public List<StoredExamination> Examinations { get; } = [];

    /// <summary>Null: it has no small files that are to be looked at.</summary>
    public SmallFileScan? Scan { get; init; }

    /// <summary>Has a small file looked at under a kind of name.</summary>
    public async Task ExamineAsync(string repositoryId, ObjectId oid, string kind, byte[] content, CancellationToken cancellationToken)
    {
        if (SmallFiles.Examine(kind, content, await Scan!.LookAsync(oid, content, cancellationToken), cancellationToken) is { } state)
        {
            Examinations.Add(StoredExamination.Of(repositoryId, oid.Hex, kind, state));
        }
    }
}
