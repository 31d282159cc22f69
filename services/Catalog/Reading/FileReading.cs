using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Reading;

/// <summary>Reads the files of a revision: resolves it, lists it, looks entries up, answers small files' content.</summary>
internal sealed class FileReading(TreeCache cache, RecordKeeper records)
{
    private const int MaximumPage = 1000;
    private const int MaximumPaths = 1000;

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
        foreach (var path in request.Paths.Select(path => path.Trim('/')).Distinct())
        {
            if (await root.Value.Trees.FindAsync(root.Value.Tree, path, cancellationToken) is { } item)
            {
                response.Entries.Add(item.At(path));
            }
        }

        response.Record = await records.FindOrMakeAsync(context, repository.Row, response.Commit, cancellationToken);
        response.Repository = await DescribeAsync(context, repository, response.Commit, response.Record, cancellationToken);
        return response;
    }

    public async Task<Result<ReadFileResponse>> ReadAsync(CatalogDbContext context, SeenRepository repository, ReadFileRequest request, CancellationToken cancellationToken)
    {
        var root = await OpenAsync(context, repository, request.Revision, cancellationToken);
        if (root.Error is { } missing)
        {
            return missing;
        }

        if (await root.Value.Trees.FindAsync(root.Value.Tree, request.Path, cancellationToken) is not { IsFolder: false } file)
        {
            return NoPath(request.Path, "file", root.Value);
        }

        var oid = file.Oid.Hex;
        var content = file.Sha256 is { } sha256
            ? new LargeFilePointer(sha256, file.Size).Content
            : await context.Blobs.Where(blob => blob.RepositoryId == repository.Id && blob.Oid == oid).Select(blob => blob.Content).SingleAsync(cancellationToken);
        return new ReadFileResponse { Content = UnsafeByteOperations.UnsafeWrap(content), Entry = file.At(request.Path), Commit = root.Value.Commit };
    }

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

    private static Error NoPath(string path, string what, Root root) =>
        Error.NotFound("PATH_NOT_FOUND", $"there is no {what} '{Text.Shorten(path)}' in {(root.Commit.Length > 0 ? root.Commit : "a repository without a commit")}");
}
