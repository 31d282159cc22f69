using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Repositories;

/// <summary>Makes repositories out of others: the same files in one commit, and whose they were written down as their origin.</summary>
internal sealed partial class Duplicator(
    IDbContextFactory<CatalogDbContext> contexts, RepositoryDirectory directory, FileReading reading, HeldFiles heldFiles, TreeCache cache, ILogger<Duplicator> logger)
{
    public async Task<Result<Repository>> DuplicateAsync(SeenRepository source, DuplicateRepositoryRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var name = RepositoryName.Create(request.NewName);
        if ((name.Error ?? RepositoryDirectory.CreationFault(name.Value, caller)) is { } fault)
        {
            return fault;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var original = await OpenAsync(context, source, request.Revision, cancellationToken);
        if (original.Error is { } error)
        {
            return error;
        }

        var row = directory.NewLike(source.Row, name.Value, request.Visibility, original.Value.Commit);
        if (await RepositoryDirectory.TakenFaultAsync(context, row, cancellationToken) is { } taken)
        {
            return taken;
        }

        if (request.DryRun)
        {
            return new Repository { Name = row.Name, Kind = row.Kind };
        }

        // Those of the namespace, for they count as its tenant's: an operator's own are not asked for.
        var held = await heldFiles.AskAsync([.. original.Value.LargeFiles], name.Value.Owner, cancellationToken);
        if (held.Error is { } missing)
        {
            return missing;
        }

        var made = await directory.InsertAsync(row, caller, fresh => FillAsync(fresh, row, original.Value, held.Value.Values, caller, cancellationToken), cancellationToken);
        if (made.Error is null)
        {
            LogDuplicated(source.Row.Name, original.Value.Commit, row.Name, caller.Principal.Name);
        }

        return made;
    }

    /// <summary>What there is to copy, of which the caller may have every file.</summary>
    private async Task<Result<Original>> OpenAsync(CatalogDbContext context, SeenRepository source, string revision, CancellationToken cancellationToken)
    {
        var root = await reading.OpenAsync(context, source, revision, cancellationToken);
        if (root.Error is { } error)
        {
            return error;
        }

        if (root.Value.Commit.Length is 0)
        {
            return Error.Invalid("NOTHING_TO_DUPLICATE", $"{source.Row.Name} has no commit yet");
        }

        var files = await RecordKeeper.MeasureAsync(context, root.Value.Trees, source.Row, root.Value.Tree, cancellationToken);
        return files.Select(file => file.Refusal(source)).FirstOrDefault(refusal => refusal is not null) is { } refused
            ? refused
            : await Original.ReadAsync(source.Row, root.Value, cancellationToken);
    }

    /// <summary>Within the transaction in which the repository is made.</summary>
    private async Task<Error?> FillAsync(
        CatalogDbContext context, StoredRepository row, Original original, IEnumerable<StoredFile> held, Caller caller, CancellationToken cancellationToken)
    {
        var (from, to) = (original.Repository.Id, row.Id);
        var copied = await ObjectWriter.CopyAsync(context, "trees", "oid, content, sizes", from, to, original.Trees, cancellationToken)
            + await ObjectWriter.CopyAsync(context, "blobs", "oid, content", from, to, original.SmallFiles, cancellationToken)
            + await ObjectWriter.CopyAsync(context, "large_files", "oid, sha256, size", from, to, original.Pointers, cancellationToken);
        if (copied != original.Trees.Count + original.SmallFiles.Count + original.Pointers.Count)
        {
            return Error.NotFound("REPOSITORY_NOT_FOUND", $"{original.Repository.Name} was deleted a moment ago");
        }

        await ObjectWriter.CopyAsync(context, "examinations", "oid, name, state", from, to, original.SmallFiles, cancellationToken);
        await FileKnowledge.KeepAsync(context, held, cancellationToken);
        var commit = StoredCommit.Of(to, Describe(original, caller, row.CreatedAt), null);
        if (await Committer.KeepAsync(context, new(context, cache, to), row, commit, new(), cancellationToken) is { } fault)
        {
            return fault;
        }

        Committer.Move(context, row, RefName.Branch("").Value, null, commit.Oid, row.CreatedAt);
        await OriginDesk.KeepAsync(context, row, commit.Oid, original.Files, caller.Principal.Name, cancellationToken);
        return null;
    }

    private static CommitObject Describe(Original original, Caller caller, DateTimeOffset now) => new()
    {
        Tree = original.Tree,
        Parents = [],
        Author = caller.Principal.Name,
        At = now,
        Summary = $"Duplicate of {original.Repository.Name}",
        Description = $"at {original.Commit}",
    };

    [LoggerMessage(3004, LogLevel.Information, "duplicated {Repository} at {Commit} as {Name} by {Account}")]
    private partial void LogDuplicated(string repository, string commit, string name, string account);

    /// <summary>What is copied: a commit's tree, and every object that it reaches.</summary>
    private sealed class Original(StoredRepository repository, string commit, ObjectId tree)
    {
        private readonly Dictionary<ObjectId, PutLarge> _pointers = [];

        public StoredRepository Repository => repository;

        public string Commit => commit;

        public ObjectId Tree => tree;

        /// <summary>All of them, by path.</summary>
        public List<PlacedFile> Files { get; } = [];

        public HashSet<ObjectId> Trees { get; } = [];

        public HashSet<ObjectId> SmallFiles { get; } = [];

        public Dictionary<ObjectId, PutLarge>.KeyCollection Pointers => _pointers.Keys;

        /// <summary>Each under one of its names.</summary>
        public IEnumerable<PutLarge> LargeFiles => _pointers.Values;

        public static async Task<Original> ReadAsync(StoredRepository repository, FileReading.Root root, CancellationToken cancellationToken)
        {
            var original = new Original(repository, root.Commit, root.Tree);
            var folders = new Stack<(string Prefix, ObjectId Oid)>([("", root.Tree)]);
            while (folders.TryPop(out var folder))
            {
                // git's empty tree is stored nowhere.
                if (folder.Oid != FileTree.Empty.Oid)
                {
                    original.Trees.Add(folder.Oid);
                }

                // A folder that is there under two names has its files under both.
                foreach (var item in (await root.Trees.ReadAsync(folder.Oid, cancellationToken)).Items)
                {
                    original.Add(item, folder.Prefix, folders);
                }
            }

            return original;
        }

        private void Add(TreeItem item, string prefix, Stack<(string Prefix, ObjectId Oid)> folders)
        {
            if (item.IsFolder)
            {
                folders.Push(($"{prefix}{item.Name}/", item.Oid));
                return;
            }

            Files.Add(new(prefix + item.Name, item));
            if (item.Sha256 is { } sha256)
            {
                _pointers.TryAdd(item.Oid, new(FilePath.Create(prefix + item.Name).Value, sha256, item.Size));
            }
            else
            {
                SmallFiles.Add(item.Oid);
            }
        }
    }
}
