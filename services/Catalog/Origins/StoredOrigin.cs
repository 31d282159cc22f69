using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace ModelGarden.Catalog.Origins;

/// <summary>What upstream said of the files of a commit, on disk, without the list.</summary>
internal sealed class StoredOrigin
{
    public required string RepositoryId { get; init; }

    public required long Number { get; init; }

    /// <summary>The commit that has them.</summary>
    public required string Revision { get; init; }

    public SourceKind SourceKind { get; init; }

    public string SourceOrigin { get; init; } = "";

    public string SourceRevision { get; init; } = "";

    public required string Account { get; init; }

    public required DateTimeOffset At { get; init; }

    public int Files { get; private set; }

    public string Digest { get; private set; } = "";

    /// <summary>Its list is; nobody is shown one that is not.</summary>
    public bool IsWhole => Digest.Length > 0;

    public Source Source => new()
    {
        Kind = SourceKind,
        Origin = SourceOrigin,
        OriginRevision = SourceRevision,
        Checksums = IsWhole ? new() { Files = Files, Digest = Digest } : null,
    };

    /// <summary>What the step of the history says that it is: the digest is covered by the chain of steps with it.</summary>
    public string Words => string.Create(
        CultureInfo.InvariantCulture,
        $"record {Number}: {Files} files of {(SourceOrigin.Length > 0 ? SourceOrigin : "an origin without a name")}{(SourceRevision.Length > 0 ? " at " : "")}{SourceRevision}, checksums {Digest}");

    public void Complete(int files, string digest) => (Files, Digest) = (files, digest);

    /// <summary>For who sees all of the repository.</summary>
    public OriginRecord ToRecord() => new() { Number = Number, Revision = Revision, Source = Source, Account = Account, At = Timestamp.FromDateTimeOffset(At) };
}

/// <summary>Some lines of a record's list on disk.</summary>
internal sealed class StoredOriginFiles
{
    public required string RepositoryId { get; init; }

    public required long Number { get; init; }

    public required int Place { get; init; }

    /// <summary>As <see cref="OriginLines"/> writes them.</summary>
    public required byte[] Content { get; init; }
}

/// <summary>A commit without parents that took the place of others.</summary>
internal sealed class StoredSquash
{
    public required string RepositoryId { get; init; }

    public required string Revision { get; init; }

    /// <summary>The newest of them.</summary>
    public required string Replaced { get; init; }
}
