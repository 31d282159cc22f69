using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using ModelGarden.Catalog.Comparing;

namespace ModelGarden.Catalog.Objects;

/// <summary>Reads trees of one repository, through a bounded memory that all repositories share: a tree never changes, so it is never wrong there.</summary>
internal sealed class TreeReader(CatalogDbContext context, TreeCache cache, string repositoryId)
{
    private const int TreesAtOnce = 500;
    private readonly Dictionary<ObjectId, FileTree> _unsaved = [];

    /// <summary>Makes trees readable that are not stored yet.</summary>
    public void Add(FileTree tree) => _unsaved[tree.Oid] = tree;

    public async ValueTask<FileTree> ReadAsync(ObjectId oid, CancellationToken cancellationToken)
    {
        if (oid == FileTree.Empty.Oid)
        {
            return FileTree.Empty;
        }

        if (_unsaved.TryGetValue(oid, out var unsaved))
        {
            return unsaved;
        }

        if (cache.Find(repositoryId, oid) is { } cached)
        {
            return cached;
        }

        var row = await context.Trees.SingleOrDefaultAsync(tree => tree.RepositoryId == repositoryId && tree.Oid == oid.Hex, cancellationToken)
            ?? throw new InvalidDataException($"tree {oid} of repository {repositoryId} is missing");
        var read = FileTree.Read(row.Content, row.Sizes);
        cache.Keep(repositoryId, read);
        return read;
    }

    /// <summary>Brings trees into the memory, some hundred with each statement, before they are read.</summary>
    public async Task LoadAsync(IEnumerable<ObjectId> oids, CancellationToken cancellationToken)
    {
        var missing = oids.Where(oid => oid != FileTree.Empty.Oid && !_unsaved.ContainsKey(oid) && cache.Find(repositoryId, oid) is null).Select(oid => oid.Hex).Distinct();
        foreach (var some in missing.Chunk(TreesAtOnce))
        {
            var rows = await context.Trees.Where(tree => tree.RepositoryId == repositoryId && some.Contains(tree.Oid)).ToListAsync(cancellationToken);
            rows.ForEach(row => cache.Keep(repositoryId, FileTree.Read(row.Content, row.Sizes)));
        }
    }

    /// <summary>The entry at a path, or null.</summary>
    public async ValueTask<TreeItem?> FindAsync(ObjectId root, string path, CancellationToken cancellationToken)
    {
        TreeItem? item = null;
        var tree = await ReadAsync(root, cancellationToken);
        foreach (var segment in path.Split('/'))
        {
            if (item is not null)
            {
                if (!item.IsFolder)
                {
                    return null;
                }

                tree = await ReadAsync(item.Oid, cancellationToken);
            }

            item = tree.Find(segment);
            if (item is null)
            {
                return null;
            }
        }

        return item;
    }

    /// <summary>All files below a tree, with their paths, in git's order.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="after">Only files behind this path; folders in which there is none are not read.</param>
    public async IAsyncEnumerable<(string Path, TreeItem File)> FilesAsync(
        ObjectId root, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken, string after = "")
    {
        var folders = new Stack<(string Prefix, FileTree Tree, int Next)>([("", await ReadAsync(root, cancellationToken), 0)]);
        while (folders.TryPop(out var folder))
        {
            if (folder.Next == folder.Tree.Items.Count)
            {
                continue;
            }

            folders.Push(folder with { Next = folder.Next + 1 });
            var item = folder.Tree.Items[folder.Next];
            var path = $"{folder.Prefix}{item.Name}{(item.IsFolder ? "/" : "")}";
            if (after.Length > 0 && PathOrder.Bytes.Compare(path, after) <= 0 && !(item.IsFolder && after.StartsWith(path, StringComparison.Ordinal)))
            {
                continue;
            }

            if (item.IsFolder)
            {
                folders.Push((path, await ReadAsync(item.Oid, cancellationToken), 0));
            }
            else
            {
                yield return (path, item);
            }
        }
    }
}

/// <summary>Parsed trees in memory, bounded by the number of their entries. The repository is part of the key: what it does not hold is not found through it.</summary>
internal sealed class TreeCache : IDisposable
{
    // About 250 bytes an entry: 40 MB at most.
    private const int MaximumEntries = 160_000;
    private readonly MemoryCache _trees = new(new MemoryCacheOptions { SizeLimit = MaximumEntries });

    public FileTree? Find(string repositoryId, ObjectId oid) => _trees.Get<FileTree>((repositoryId, oid));

    public void Keep(string repositoryId, FileTree tree) => _trees.Set((repositoryId, tree.Oid), tree, new MemoryCacheEntryOptions { Size = tree.Items.Count + 1 });

    public void Dispose() => _trees.Dispose();
}
