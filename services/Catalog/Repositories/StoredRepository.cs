using Google.Protobuf;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Formats;
using ModelGarden.Scanning;

namespace ModelGarden.Catalog.Repositories;

/// <summary>A repository on disk.</summary>
internal sealed class StoredRepository
{
    public required string Id { get; init; }

    /// <summary>As written.</summary>
    public required string Name { get; set; }

    /// <summary>The name in lower case, unique for each kind.</summary>
    public required string Key { get; set; }

    /// <summary>The namespace in lower case.</summary>
    public required string Owner { get; set; }

    public required RepositoryKind Kind { get; init; }

    public required Visibility Visibility { get; set; }

    /// <summary>Beside what its licences demand.</summary>
    public AccessGate Gate { get; set; } = AccessGate.None;

    /// <summary>What curators hold its content to be.</summary>
    public ContentRating AttestedRating { get; set; } = ContentRating.Unrated;

    public SourceKind SourceKind { get; set; }

    public string SourceOrigin { get; set; } = "";

    public string SourceRevision { get; set; } = "";

    /// <summary>How many files upstream named; 0: what it said of them is not recorded.</summary>
    public int SourceFiles { get; set; }

    public string SourceDigest { get; set; } = "";

    /// <summary>A <see cref="Contracts.V1.Source"/>: that of the newest published revision; null: the repository's own is.</summary>
    public byte[]? PublishedSource { get; private set; }

    /// <summary>The commit of refs/heads/main; empty: none yet.</summary>
    public string Head { get; set; } = "";

    public Lifecycle Standing { get; set; }

    public Lifecycle Submission { get; set; }

    public string SubmittedRevision { get; set; } = "";

    /// <summary>Commit ids, newest first, a space between.</summary>
    public string Published { get; set; } = "";

    /// <summary>Who submitted that, in lower case.</summary>
    public string Submitter { get; set; } = "";

    /// <summary>Accounts in lower case, a space around each: so that one can be looked for.</summary>
    public string Reviewers { get; set; } = "";

    /// <inheritdoc cref="Reviewers"/>
    public string Approvals { get; set; } = "";

    /// <summary>The hash of its newest step; empty: none was taken since hashes are kept.</summary>
    public string StepHash { get; set; } = "";

    public string Successor { get; set; } = "";

    public DateTimeOffset? RetiresAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Grows with every change; each change is made on the condition that it has not grown meanwhile.</summary>
    public long Version { get; set; }

    /// <summary>Clients that downloaded from it, each once a day.</summary>
    public long Downloads { get; set; }

    /// <summary>As many as there are rows of them.</summary>
    public long Likes { get; set; }

    /// <inheritdoc cref="Popularity.Trend"/>
    public double Trend { get; set; }

    /// <summary>The rules by which its ties were read: see <see cref="FamilyTies"/>.</summary>
    public int FamilyVersion { get; set; } = FamilyTies.Version;

    /// <summary>The oldest rules that one of its small files was last examined by.</summary>
    public int RulesVersion { get; set; } = FileExaminer.RulesVersion;

    /// <summary>Its small files are to be examined again by whoever has these scanners: until then none of them counts as clean there.</summary>
    public bool IsDue(string scanners) => RulesVersion < FileExaminer.RulesVersion || (scanners.Length > 0 && Scanners != scanners);

    /// <summary>The scanners that all of its small files were shown to, those apart that wait for them; empty: not all were shown to the same, or to any. See <see cref="FileScanners.Signature"/>.</summary>
    public required string Scanners { get; set; }

    /// <summary>Some of its small files are pending until a scanner has looked at them.</summary>
    public bool AwaitsScan { get; set; }

    /// <summary>Small files of it were examined here, by rules that may be older than others' in a replica that is updated last, and by scanners that others may not have.</summary>
    public void Examined(SmallFileScan? scan)
    {
        RulesVersion = Math.Min(RulesVersion, FileExaminer.RulesVersion);
        if (scan is not null)
        {
            Scanners = scan.Scanners == Scanners ? Scanners : "";
            AwaitsScan |= scan.IsIncomplete;
        }
    }

    public Life Life
    {
        get => new()
        {
            Standing = Standing,
            Submission = Submission,
            SubmittedRevision = SubmittedRevision,
            Submitter = Submitter,
            Reviewers = Reviewers.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Approvals = Approvals.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Published = Published.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Successor = Successor,
            RetiresAt = RetiresAt,
        };
        set
        {
            (Standing, Submission, SubmittedRevision) = (value.Standing, value.Submission, value.SubmittedRevision);
            (Submitter, Reviewers, Approvals) = (value.Submitter, Spaced(value.Reviewers), Spaced(value.Approvals));
            (Published, Successor, RetiresAt) = (string.Join(' ', value.Published), value.Successor, value.RetiresAt);
        }
    }

    public string NewestPublished => Published.Split(' ', 2)[0];

    /// <summary>Whoever does not belong to the owner may see what is published of it.</summary>
    public bool IsOffered => Visibility is Visibility.Garden && Life.IsOffered;

    public Source Source
    {
        get => new()
        {
            Kind = SourceKind,
            Origin = SourceOrigin,
            OriginRevision = SourceRevision,
            Checksums = SourceFiles is 0 ? null : new() { Files = SourceFiles, Digest = SourceDigest },
        };
        set
        {
            // What is published comes from where it came from when it was, whatever is imported for the next time.
            PublishedSource ??= Published.Length > 0 ? Source.ToByteArray() : null;
            (SourceKind, SourceOrigin, SourceRevision) = (value.Kind, value.Origin, value.OriginRevision);
            (SourceFiles, SourceDigest) = (value.Checksums?.Files ?? 0, value.Checksums?.Digest ?? "");
        }
    }

    /// <summary>Of what others see.</summary>
    public Source SourceForOthers => PublishedSource is null ? Source : Source.Parser.ParseFrom(PublishedSource);

    /// <summary>Its newest published revision is of the source that it has now.</summary>
    public void PublishSource() => PublishedSource = null;

    /// <summary>Of this source it is; what upstream said of it is not looked at.</summary>
    public bool IsFrom(Source source) => (SourceKind, SourceOrigin, SourceRevision) == (source.Kind, source.Origin, source.OriginRevision);

    private static string Spaced(IReadOnlyList<string> accounts) => accounts.Count is 0 ? "" : $" {string.Join(' ', accounts)} ";

    public static string KeyOf(RepositoryName name) => name.Value.ToLowerInvariant();
}
