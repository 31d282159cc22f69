using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Packs;

/// <summary>A file of a pack: a small one by its size, a large one by what its pointer says.</summary>
internal readonly record struct PackedFile(PackedId Id, long Size, Sha256Digest? Sha256);

/// <summary>
/// Finds the trees and files below some roots that are not below others, folder level by folder level, with a few statements a level. Of what the
/// asker has, only the folders are looked into in which something new lies.
/// </summary>
internal sealed class PackTrees(CatalogDbContext context, string repositoryId)
{
    private const int BatchSize = 500;
    private const int MaximumObjects = 2_000_000;
    private const int MaximumKept = 16 << 20;
    private readonly HashSet<PackedId> _seen = [];
    private readonly Dictionary<PackedId, byte[]> _kept = [];
    private int _keptBytes;

    public List<PackedId> Trees { get; } = [];

    public List<PackedFile> Files { get; } = [];

    /// <summary>The files under each kind of name that they have in new trees; null: nobody asks.</summary>
    public HashSet<(PackedId Id, string NameClass)>? Names { get; init; }

    /// <summary>A tree's bytes if they are still in memory.</summary>
    public byte[]? Kept(PackedId id) => _kept.GetValueOrDefault(id);

    /// <returns>PACK_TOO_LARGE, or null.</returns>
    public async Task<Error?> FindAsync(IEnumerable<PackedId> roots, IEnumerable<PackedId> had, CancellationToken cancellationToken)
    {
        var level = new Dictionary<string, Folder>(StringComparer.Ordinal) { [""] = new() };
        level[""].Had.UnionWith(had);
        _seen.UnionWith(level[""].Had);
        level[""].New.AddRange(roots.Where(_seen.Add));
        while (level.Count > 0)
        {
            var next = new Dictionary<string, Folder>(StringComparer.Ordinal);
            await LookAsync(level, folder => folder.Had, (path, tree) => Skip(path, tree, next), cancellationToken);
            await LookAsync(level, folder => folder.New, (path, tree) => Take(path, tree, next), cancellationToken);
            if (_seen.Count > MaximumObjects)
            {
                return Error.Exhausted("PACK_TOO_LARGE", $"more than {MaximumObjects} objects are asked for: fetch less at once, with --depth");
            }

            level = next.Where(pair => pair.Value.New.Count > 0).ToDictionary(StringComparer.Ordinal);
        }

        return null;
    }

    /// <summary>Reads trees in batches; in the order in which they come.</summary>
    private async Task LookAsync(
        Dictionary<string, Folder> level, Func<Folder, IEnumerable<PackedId>> which, Action<string, TreeRow> look, CancellationToken cancellationToken)
    {
        var empty = PackedId.Of(FileTree.Empty.Oid);
        foreach (var batch in level.SelectMany(pair => which(pair.Value).Select(id => (Path: pair.Key, Id: id))).Chunk(BatchSize))
        {
            var paths = batch.Where(one => one.Id != empty).ToLookup(one => one.Id, one => one.Path);
            var ids = paths.Select(group => group.Key.Hex).ToList();
            foreach (var path in batch.Where(one => one.Id == empty).Select(one => one.Path))
            {
                look(path, new(empty, [], []));
            }

            var rows = await context.Trees.Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Oid)).ToListAsync(cancellationToken);
            if (rows.Count < ids.Count)
            {
                throw new InvalidDataException($"{ids.Count - rows.Count} trees of repository {repositoryId} are missing, one of {ids.Except(rows.Select(row => row.Oid)).First()}");
            }

            foreach (var row in rows)
            {
                var tree = new TreeRow(PackedId.Of(row.Oid), row.Content, row.Sizes);
                foreach (var path in paths[tree.Id])
                {
                    look(path, tree);
                }
            }
        }
    }

    private void Skip(string path, TreeRow tree, Dictionary<string, Folder> next)
    {
        var lines = new TreeLines(tree.Content, tree.Sizes);
        while (lines.MoveNext())
        {
            _seen.Add(lines.Id);
            if (lines.IsFolder)
            {
                At(next, path, lines.Name).Had.Add(lines.Id);
            }
        }
    }

    private void Take(string path, TreeRow tree, Dictionary<string, Folder> next)
    {
        Trees.Add(tree.Id);
        if (_keptBytes + tree.Content.Length < MaximumKept)
        {
            _keptBytes += tree.Content.Length;
            _kept[tree.Id] = tree.Content;
        }

        var lines = new TreeLines(tree.Content, tree.Sizes);
        while (lines.MoveNext())
        {
            if (!lines.IsFolder)
            {
                Names?.Add((lines.Id, SmallFiles.NameClass(lines.Name)));
            }

            if (!_seen.Add(lines.Id))
            {
                continue;
            }

            if (lines.IsFolder)
            {
                At(next, path, lines.Name).New.Add(lines.Id);
            }
            else
            {
                Files.Add(lines.File);
            }
        }
    }

    private static Folder At(Dictionary<string, Folder> level, string path, string name)
    {
        var key = $"{path}/{name}";
        if (!level.TryGetValue(key, out var folder))
        {
            folder = level[key] = new();
        }

        return folder;
    }

    private sealed record TreeRow(PackedId Id, byte[] Content, byte[] Sizes);

    private sealed class Folder
    {
        public HashSet<PackedId> Had { get; } = [];

        public List<PackedId> New { get; } = [];
    }
}
