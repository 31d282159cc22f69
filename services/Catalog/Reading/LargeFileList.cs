using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Reading;

/// <summary>Lists the large files that a repository has in any revision, for its owner's people: where and when each came first, and where it still is.</summary>
internal sealed class LargeFileList(TreeCache cache)
{
    private const int NormalPage = 100;
    private const int MaximumPage = 1000;

    private const int MaximumFolders = 50_000;
    private const int CommitsAtOnce = 100;

    public async Task<Result<ListLargeFilesResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListLargeFilesRequest request, CancellationToken cancellationToken)
    {
        if (!repository.SeesAll)
        {
            return Error.Denied("NOT_YOUR_NAMESPACE", $"the large files of all of {repository.Row.Name}'s history are listed to its owner's people: others find those of a revision in its tree");
        }

        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        var found = (size.Error ?? after.Error) is { } error ? error : await FindAsync(context, repository, cancellationToken);
        if (found.Error is { } fault)
        {
            return fault;
        }

        var last = after.Value;
        var left = found.Value.OrderByDescending(file => file.PushedAt.Seconds).ThenBy(file => file.Sha256, StringComparer.Ordinal)
            .Where(file => last.Id.Length is 0 || file.PushedAt.Seconds < last.Number || (file.PushedAt.Seconds == last.Number && string.CompareOrdinal(file.Sha256, last.Id) > 0)).ToList();
        var page = left.Take(size.Value).ToList();
        return new ListLargeFilesResponse
        {
            Files = { page },
            NextPageToken = left.Count > page.Count ? PageToken.Write(page[^1].PushedAt.Seconds, page[^1].Sha256) : "",
            Total = found.Value.Count,
        };
    }

    private async Task<Result<List<LargeFile>>> FindAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var graph = await CommitGraph.LoadAsync(context, repository, cancellationToken);
        if (graph.Error is { } error)
        {
            return error;
        }

        var files = new Dictionary<Sha256Digest, LargeFile>();
        var trees = new TreeReader(context, cache, repository.Id);
        var history = new Walk(trees);
        // The oldest first: where a file is met first is where it came.
        foreach (var commits in graph.Value.Nodes.OrderBy(node => node.Value.At).ThenBy(node => node.Key.Hex, StringComparer.Ordinal).Select(node => (Tree: ObjectId.Create(node.Value.Tree.Hex).Value, node.Value.At)).Chunk(CommitsAtOnce))
        {
            await trees.LoadAsync(commits.Select(commit => commit.Tree), cancellationToken);
            foreach (var commit in commits)
            {
                await foreach (var (path, file) in history.NewAsync(commit.Tree, cancellationToken))
                {
                    files.TryAdd(file.Sha256!.Value, new() { Sha256 = file.Sha256.Value.Hex, Size = file.Size, Path = path, PushedAt = new() { Seconds = commit.At } });
                }
            }
        }

        if (history.IsTooLong)
        {
            return Error.Exhausted("HISTORY_TOO_LONG", $"the revisions of {repository.Row.Name} have more than {MaximumFolders} folders: its large files are not looked for in as many");
        }

        await PlaceAsync(context, repository, graph.Value, files, new(new(context, cache, repository.Id)), cancellationToken);
        return files.Values.ToList();
    }

    /// <summary>Says of each file the first ref that has it now: of main, then by name.</summary>
    private static async Task PlaceAsync(CatalogDbContext context, SeenRepository repository, CommitGraph graph, Dictionary<Sha256Digest, LargeFile> files, Walk present, CancellationToken cancellationToken)
    {
        var refs = await context.Refs.Where(row => row.RepositoryId == repository.Id).ToListAsync(cancellationToken);
        foreach (var one in refs.OrderBy(row => row.Name is not RefName.Default).ThenBy(row => row.Name, StringComparer.Ordinal))
        {
            if (graph.Nodes.TryGetValue(PackedId.Of(one.Target), out var commit))
            {
                await foreach (var (_, file) in present.NewAsync(ObjectId.Create(commit.Tree.Hex).Value, cancellationToken))
                {
                    var known = files[file.Sha256!.Value];
                    known.Ref = known.Ref.Length > 0 ? known.Ref : one.Name;
                }
            }
        }
    }

    /// <summary>Goes through trees, into each folder once.</summary>
    private sealed class Walk(TreeReader trees)
    {
        private readonly HashSet<ObjectId> _met = [];

        /// <summary>There is more than is gone through.</summary>
        public bool IsTooLong => _met.Count > MaximumFolders;

        /// <summary>The large files of the folders that were not met before.</summary>
        public async IAsyncEnumerable<(string Path, TreeItem File)> NewAsync(ObjectId root, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var level = new List<(string Prefix, ObjectId Oid)> { ("", root) };
            while (!IsTooLong && level.FindAll(folder => _met.Add(folder.Oid)) is { Count: > 0 } met)
            {
                await trees.LoadAsync(met.Select(folder => folder.Oid), cancellationToken);
                level = [];
                foreach (var folder in met)
                {
                    foreach (var item in (await trees.ReadAsync(folder.Oid, cancellationToken)).Items)
                    {
                        if (item.IsFolder)
                        {
                            level.Add(($"{folder.Prefix}{item.Name}/", item.Oid));
                        }
                        else if (item.Sha256 is not null)
                        {
                            yield return (folder.Prefix + item.Name, item);
                        }
                    }
                }
            }
        }
    }
}
