using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>What the doubles keep: repositories, and which files were uploaded.</summary>
public sealed class CatalogStore
{
    private readonly ConcurrentDictionary<string, StoredRepository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new();
    private int _created;

    public IEnumerable<StoredRepository> All => _repositories.Values.OrderBy(repository => repository.Name, StringComparer.Ordinal);

    public StoredRepository Create(CreateRepositoryRequest request)
    {
        var repository = new StoredRepository
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"01R{Interlocked.Increment(ref _created)}"),
            Name = request.Name,
            Kind = request.Kind is RepositoryKind.Unspecified ? RepositoryKind.Model : request.Kind,
            Visibility = request.Visibility,
        };
        return _repositories.TryAdd(request.Name, repository)
            ? repository
            : throw new ErrorException(Error.Exists("REPOSITORY_EXISTS", $"'{request.Name}' is there already"));
    }

    public StoredRepository? Find(string name) => _repositories.GetValueOrDefault(name);

    /// <summary>Names that repositories had, and what they are called now.</summary>
    public ConcurrentDictionary<string, string> Moved { get; } = new(StringComparer.OrdinalIgnoreCase);

    public StoredRepository Move(StoredRepository repository, string name)
    {
        if (!_repositories.TryAdd(name, repository))
        {
            throw new ErrorException(Error.Exists("REPOSITORY_EXISTS", $"'{name}' is there already"));
        }

        Delete(repository.Name);
        (Moved[repository.Name], repository.Name) = (name, name);
        return repository;
    }

    public void Delete(string name) => _repositories.TryRemove(name, out _);

    public List<Collection> Collections { get; } = [];

    /// <summary>What was asked of the list of collections last.</summary>
    public ListCollectionsRequest? ListedCollections { get; set; }

    public List<Webhook> Webhooks { get; } = [];

    /// <summary>What was sent to any of them.</summary>
    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Where whoever made a webhook last reached the garden.</summary>
    public string Address { get; set; } = "";

    /// <summary>Who likes what, oldest first.</summary>
    public List<Like> Likes { get; } = [];

    /// <summary>What was told of downloads, call by call.</summary>
    public Channel<CountDownloadsRequest> Counts { get; } = Channel.CreateUnbounded<CountDownloadsRequest>();

    /// <summary>How many calls that count downloads are refused.</summary>
    public int FailingCounts { get; set; }

    /// <summary>Objects that git pushed.</summary>
    public List<GitObject> Pushed { get; } = [];

    /// <summary>Files that were not found clean.</summary>
    public ConcurrentDictionary<string, string> Unclean { get; } = new();

    /// <summary>Paths under which catalog does not find clean what they are.</summary>
    public ConcurrentDictionary<string, string> Misnamed { get; } = new();

    /// <summary>What checkpoints were converted to.</summary>
    public ConcurrentDictionary<string, string> Converted { get; } = new();

    public void Upload(string sha256, byte[] content) => _uploads[sha256] = content;

    public byte[]? ContentOf(string sha256) => _uploads.GetValueOrDefault(sha256);

    public long? SizeOfUpload(string sha256) => ContentOf(sha256)?.Length;
}

public sealed class StoredRepository
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required RepositoryKind Kind { get; init; }

    public Visibility Visibility { get; set; }

    public AccessGate Gate { get; set; } = AccessGate.None;

    public Source Source { get; set; } = new() { Kind = SourceKind.FirstParty };

    public double Trend { get; set; }

    public long Downloads { get; set; }

    public ContentRating AttestedRating { get; set; } = ContentRating.Unrated;

    /// <summary>What its card asks of who wants access.</summary>
    public AccessForm Form { get; } = new();

    /// <summary>Other tenants see it.</summary>
    public bool IsPublished { get; set; }

    public bool IsTakenDown { get; set; }

    public DeclaredFacts Declared { get; } = new();

    public MeasuredFacts Measured { get; } = new();

    public SortedDictionary<string, string> Refs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoredCommit> Commits { get; } = [];

    public List<DiscussionDetails> Discussions { get; } = [];

    public string Owner => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    public Repository Describe()
    {
        var head = Resolve("");
        var repository = new Repository
        {
            Id = Id,
            Name = Name,
            Kind = Kind,
            Visibility = Visibility,
            Gate = Gate,
            AttestedRating = AttestedRating,
            Lifecycle = IsPublished ? Lifecycle.Published : Lifecycle.Draft,
            Source = Source,
            Trend = Trend,
            Downloads = Downloads,
            Head = head?.Commit.Id ?? "",
            CreatedAt = Timestamp.FromDateTime(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)),
            UpdatedAt = Timestamp.FromDateTime(new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc)),
        };
        if (RecordOf(head) is { } record)
        {
            repository.Record = record;
        }

        return repository;
    }

    public ModelRecord? RecordOf(StoredCommit? commit) => commit is null ? null
        : new() { Revision = commit.Commit.Id, Declared = Declared.Clone(), Measured = Measured.Clone() };

    public StoredCommit? Resolve(string revision)
    {
        var name = revision is "" or "HEAD" ? "main" : revision;
        var id = Refs.GetValueOrDefault(name) ?? Refs.GetValueOrDefault($"refs/heads/{name}") ?? Refs.GetValueOrDefault($"refs/tags/{name}") ?? name;
        return Commits.GetValueOrDefault(id) ?? (name is "main" && Commits.Count is 0
            ? null
            : throw new ErrorException(Error.NotFound("REVISION_NOT_FOUND", $"no revision '{Text.Shorten(revision)}' in {Name}")));
    }

    public IEnumerable<Commit> HistoryOf(StoredCommit? commit)
    {
        while (commit is not null)
        {
            yield return commit.Commit;
            commit = commit.Commit.Parents.Count > 0 ? Commits[commit.Commit.Parents[0]] : null;
        }
    }

    public Commit Add(string branch, string? parent, SortedDictionary<string, StoredEntry> files, CreateCommitRequest request, string author)
    {
        var commit = new Commit
        {
            Id = ObjectId.Of("commit", Encoding.UTF8.GetBytes($"{parent} {request.Summary} {Commits.Count} {Id}")).Hex,
            Author = author,
            At = Timestamp.FromDateTime(new DateTime(2026, 1, 2, 3, 5, 0, DateTimeKind.Utc).AddSeconds(Commits.Count)),
            Summary = request.Summary,
            Description = request.Description,
        };
        commit.Parents.AddRange(parent is null ? [] : [parent]);
        Commits[commit.Id] = new(commit, files);
        Refs[branch] = commit.Id;
        return commit;
    }
}

public sealed record StoredCommit(Commit Commit, SortedDictionary<string, StoredEntry> Files)
{
    public List<TreeEntry> Below(string folder, bool recursive)
    {
        var prefix = folder.Length is 0 ? "" : $"{folder}/";
        var files = Files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var folders = files.SelectMany(file => FoldersOf(file.Key)).Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && path.Length > prefix.Length).Distinct()
            .Select(path => new TreeEntry { Path = path, Folder = true, Oid = ObjectId.Of("tree", Encoding.UTF8.GetBytes(path)).Hex });
        return [.. files.Select(file => file.Value.Entry).Concat(folders)
            .Where(entry => recursive || !entry.Path[prefix.Length..].Contains('/', StringComparison.Ordinal))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}

public sealed record StoredEntry(TreeEntry Entry, ByteString Content)
{
    public static StoredEntry Small(string path, ByteString content) =>
        new(new() { Path = path, Oid = ObjectId.Of("blob", content.Span).Hex, Size = content.Length }, content);

    public static StoredEntry Large(string path, string sha256, long size)
    {
        var pointer = ByteString.CopyFromUtf8($"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n");
        return new(new() { Path = path, Oid = ObjectId.Of("blob", pointer.Span).Hex, Size = size, Sha256 = sha256, PointerSize = pointer.Length }, pointer);
    }
}
