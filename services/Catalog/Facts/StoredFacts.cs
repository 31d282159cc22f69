using Google.Protobuf;

namespace ModelGarden.Catalog.Facts;

/// <summary>A commit's record on disk.</summary>
internal sealed class StoredRecord
{
    public required string RepositoryId { get; init; }

    public required string Revision { get; init; }

    /// <summary>A <see cref="ModelRecord"/>.</summary>
    public required byte[] Content { get; set; }
}

/// <summary>What the examination of a small file under a name found, on disk, where it is worth keeping.</summary>
internal sealed class StoredExamination
{
    public required string RepositoryId { get; init; }

    public required string Oid { get; init; }

    /// <summary>See <see cref="SmallFiles.NameClass"/>.</summary>
    public required string Name { get; init; }

    /// <summary>A <see cref="StoredFile"/>.</summary>
    public required byte[] State { get; set; }

    public static StoredExamination Of(string repositoryId, string oid, string nameClass, StoredFile state) =>
        new() { RepositoryId = repositoryId, Oid = oid, Name = nameClass, State = state.ToByteArray() };
}

/// <summary>What Artifacts says of a file, on disk.</summary>
internal sealed class KnownFile
{
    public required string Sha256 { get; init; }

    /// <summary>The number of the change in Artifacts' feed; 0: an answer to a question, which any change outdoes.</summary>
    public required long Sequence { get; set; }

    /// <summary>A <see cref="StoredFile"/>.</summary>
    public required byte[] State { get; set; }
}

/// <summary>How far a feed is followed.</summary>
internal sealed class FeedPosition
{
    public required string Feed { get; init; }

    public required long Position { get; set; }
}
