using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Reading;

/// <summary>Reads the files of a revision: resolves it, lists it, looks entries up, answers small files' content.</summary>
internal sealed class FileReading(TreeCache cache, RecordKeeper records)
{
    private const int MaximumPage = 1000;
    private const int MaximumPaths = 1000;
    private const int MaximumFindings = 1000;

    public async Task<Result<ResolveRevisionResponse>> ResolveAsync(
        CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        var resolved = await RevisionResolver.ResolveAsync(context, repository, revision, cancellationToken);
        if (resolved.Error is { } error)
        {
            return error;
        }

        var id = resolved.Value;
        var record = await records.FindOrMakeAsync(context, repository.Row, id, cancellationToken);
        var commit = id.Length is 0 ? null : await FindCommitAsync(context, repository, id, cancellationToken);
        return new ResolveRevisionResponse
        {
            Repository = await DescribeAsync(context, repository, id, record, cancellationToken),
            Commit = id,
            Record = record,
            CommittedAt = commit is null ? null : Timestamp.FromDateTimeOffset(CommitObject.Read(commit.Content).At),
        };
    }

    public async Task<Result<ListTreeResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListTreeRequest request, CancellationToken cancellationToken)
    {
        var size = PageToken.Size(request.PageSize, MaximumPage, MaximumPage);
        var token = PageToken.Read(request.PageToken, 2);
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        var root = await OpenAsync(context, repository, token.Value is [var pinned, _] ? pinned : request.Revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        var path = request.Path.Trim('/');
        var folder = path.Length is 0 ? root.Value.Tree : await FolderAsync(root.Value, path, cancellationToken);
        if (folder is null)
        {
            return NoPath(path, "folder", root.Value);
        }

        var listing = new TreeListing(root.Value.Trees, request.Recursive, token.Value is [_, var after] ? after : "", size.Value);
        await listing.WalkAsync(folder.Value, path.Length is 0 ? "" : path + "/", cancellationToken);
        if (request.Detailed && await DetailAsync(context, repository, root.Value, listing.Entries, cancellationToken) is { } fault)
        {
            return fault;
        }

        return new ListTreeResponse
        {
            Entries = { listing.Entries },
            NextPageToken = listing.HasMore ? PageToken.Write(root.Value.Commit, listing.Last) : "",
            Commit = root.Value.Commit,
        };
    }

    public async Task<Result<GetEntriesResponse>> GetAsync(CatalogDbContext context, SeenRepository repository, GetEntriesRequest request, CancellationToken cancellationToken)
    {
        if (request.Paths.Count > MaximumPaths)
        {
            return Error.Invalid("TOO_MANY_PATHS", $"{request.Paths.Count} paths: at most {MaximumPaths} are looked up at once");
        }

        var root = await OpenAsync(context, repository, request.Revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        var response = new GetEntriesResponse { Commit = root.Value.Commit };
        response.Entries.AddRange(await FindAsync(context, repository, root.Value, request.Paths.Select(path => path.Trim('/')).Distinct(), cancellationToken));
        if (request.Detailed && await DateAsync(context, repository, root.Value, response.Entries, cancellationToken) is { } fault)
        {
            return fault;
        }

        response.Record = await records.FindOrMakeAsync(context, repository.Row, response.Commit, cancellationToken);
        response.Repository = await DescribeAsync(context, repository, response.Commit, response.Record, cancellationToken);
        return response;
    }

    public async Task<Result<ListFindingsResponse>> ListFindingsAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        var root = await OpenAsync(context, repository, revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        var files = await RecordKeeper.MeasureAsync(context, root.Value.Trees, repository.Row, root.Value.Tree, cancellationToken);
        var found = files.Where(file => file.Verdict is Verdict.Suspicious or Verdict.Malicious).ToList();
        return new ListFindingsResponse
        {
            Files = { found.Take(MaximumFindings).Select(file => new FileFinding { Path = file.Path, Verdict = file.Verdict }) },
            Total = found.Count,
            Examined = files.All(file => file.Verdict is Verdict.Clean or Verdict.Suspicious or Verdict.Malicious),
            Commit = root.Value.Commit,
        };
    }

    public async Task<Result<ReadFileResponse>> ReadAsync(CatalogDbContext context, SeenRepository repository, ReadFileRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(context, repository, request.Revision, request.Path, cancellationToken);
        if ((found.Error ?? (found.Value.Item.Sha256 is null ? found.Value.Known.Refusal(repository) : null)) is { } refusal)
        {
            return refusal;
        }

        var (item, known, commit) = found.Value;
        var content = await context.ReadFileAsync(repository.Id, item, cancellationToken);
        return new ReadFileResponse { Content = UnsafeByteOperations.UnsafeWrap(content), Entry = Judged(item.At(request.Path), known), Commit = commit };
    }

    /// <summary>The card of a revision, for who may read the file that it is; CARD_NOT_FOUND.</summary>
    public async Task<Result<ReadCardResponse>> ReadCardAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(context, repository, new() { Revision = revision, Path = CardReading.FileName }, cancellationToken);
        if (read.Error is { } error)
        {
            return error.Reason is "PATH_NOT_FOUND" ? Error.NotFound("CARD_NOT_FOUND", $"{error.Message}: a card is that file") : error;
        }

        return read.Value.Entry.Sha256.Length is 0
            ? CardReading.Show(read.Value.Content.ToByteArray(), repository.Row, read.Value.Commit, cancellationToken)
            : Error.NotFound("CARD_NOT_FOUND", $"README.md of {read.Value.Commit} is a large file: a card is a text");
    }

    /// <summary>A file of a revision; PATH_NOT_FOUND.</summary>
    public async Task<Result<FoundFile>> FindAsync(CatalogDbContext context, SeenRepository repository, string revision, string path, CancellationToken cancellationToken)
    {
        var root = await OpenAsync(context, repository, revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        return await root.Value.Trees.FindAsync(root.Value.Tree, path, cancellationToken) is { IsFolder: false } item
            ? new FoundFile(item, (await FileKnowledge.OfAsync(context, repository.Row, [item], cancellationToken)).Of(path, item), root.Value.Commit)
            : NoPath(path, "file", root.Value);
    }

    /// <summary>The card of the newest revision that the caller sees; null: there is none.</summary>
    public async Task<byte[]?> FindCardAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var root = (await OpenAsync(context, repository, "", cancellationToken)).OrThrow();
        return await RecordKeeper.ReadCardAsync(context, root.Trees, repository.Id, root.Tree, cancellationToken);
    }

    /// <summary>The entries at these paths, files with what is known of them.</summary>
    private static async Task<IEnumerable<TreeEntry>> FindAsync(
        CatalogDbContext context, SeenRepository repository, Root root, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var found = new List<(string Path, TreeItem Item)>();
        foreach (var path in paths)
        {
            if (await root.Trees.FindAsync(root.Tree, path, cancellationToken) is { } item)
            {
                found.Add((path, item));
            }
        }

        var known = await FileKnowledge.OfAsync(context, repository.Row, [.. found.Select(one => one.Item).Where(item => !item.IsFolder)], cancellationToken);
        return found.Select(one => one.Item.IsFolder ? one.Item.At(one.Path) : Judged(one.Item.At(one.Path), known.Of(one.Path, one.Item)));
    }

    private static async Task<Error?> DetailAsync(CatalogDbContext context, SeenRepository repository, Root root, IReadOnlyList<TreeEntry> entries, CancellationToken cancellationToken)
    {
        var judged = await FindAsync(context, repository, root, entries.Where(entry => !entry.Folder).Select(entry => entry.Path), cancellationToken);
        foreach (var (entry, file) in entries.Where(entry => !entry.Folder).Zip(judged))
        {
            (entry.Verdict, entry.Finding) = (file.Verdict, file.Finding);
        }

        return await DateAsync(context, repository, root, entries, cancellationToken);
    }

    /// <summary>Says of each entry which commit made it what it is.</summary>
    private static async Task<Error?> DateAsync(CatalogDbContext context, SeenRepository repository, Root root, IReadOnlyList<TreeEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count is 0)
        {
            return null;
        }

        var graph = await CommitGraph.LoadAsync(context, repository, cancellationToken);
        if (graph.Error is { } error)
        {
            return error;
        }

        var found = await new LastCommits(graph.Value, root.Trees).FindAsync(PackedId.Of(root.Commit), entries.Select(entry => entry.Path), cancellationToken);
        var commits = await CommitsAsync(context, repository, [.. found.Values.Distinct().Select(id => id.Hex)], cancellationToken);
        foreach (var entry in entries)
        {
            entry.LastCommit = found.TryGetValue(entry.Path, out var id) ? commits[id.Hex] : null;
        }

        return null;
    }

    private static async Task<Dictionary<string, LastCommit>> CommitsAsync(CatalogDbContext context, SeenRepository repository, List<string> ids, CancellationToken cancellationToken)
    {
        var commits = new Dictionary<string, LastCommit>(StringComparer.Ordinal);
        foreach (var some in ids.Chunk(500))
        {
            await foreach (var row in context.Commits.Where(row => row.RepositoryId == repository.Id && some.Contains(row.Oid)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var commit = CommitObject.Read(row.Content);
                commits[row.Oid] = new() { Id = row.Oid, Title = commit.Summary, At = Timestamp.FromDateTimeOffset(commit.At) };
            }
        }

        return commits;
    }

    private static TreeEntry Judged(TreeEntry entry, MeasuredFile file)
    {
        (entry.Verdict, entry.Finding) = (file.Verdict, file.Finding);
        return entry;
    }

    /// <summary>A file, what is known of it, and the commit that it was found in.</summary>
    internal sealed record FoundFile(TreeItem Item, MeasuredFile Known, string Commit);

    /// <summary>A commit's id, its root tree and a reader for what is below it; an empty tree where there is no commit yet.</summary>
    internal sealed record Root(string Commit, ObjectId Tree, TreeReader Trees);

    public async Task<Result<Root>> OpenAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        var resolved = await RevisionResolver.ResolveAsync(context, repository, revision, cancellationToken);
        if (resolved.Error is { } error)
        {
            return error;
        }

        var trees = new TreeReader(context, cache, repository.Id);
        if (resolved.Value.Length is 0)
        {
            return new Root("", FileTree.Empty.Oid, trees);
        }

        var commit = await FindCommitAsync(context, repository, resolved.Value, cancellationToken);
        return new Root(commit.Oid, ObjectId.Create(commit.Tree).Value, trees);
    }

    private static Task<StoredCommit> FindCommitAsync(CatalogDbContext context, SeenRepository repository, string id, CancellationToken cancellationToken) =>
        context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == id, cancellationToken);

    private static async Task<ObjectId?> FolderAsync(Root root, string path, CancellationToken cancellationToken) =>
        await root.Trees.FindAsync(root.Tree, path, cancellationToken) is { IsFolder: true } folder ? folder.Oid : null;

    private static async Task<Repository> DescribeAsync(
        CatalogDbContext context, SeenRepository repository, string commit, ModelRecord? record, CancellationToken cancellationToken) =>
        repository.Describe(repository.Head == commit ? record : await RecordKeeper.FindAsync(context, repository.Id, repository.Head, cancellationToken));

    public static Error NoPath(string path, string what, Root root) =>
        Error.NotFound("PATH_NOT_FOUND", $"there is no {what} '{Text.Shorten(path)}' in {(root.Commit.Length > 0 ? root.Commit : "a repository without a commit")}");
}
