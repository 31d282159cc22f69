using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;

namespace ModelGarden.Catalog.Reading;

/// <summary>
/// Finds which commit made each of some entries what it is, as <c>git log -1 -- path</c> does: from a commit each path is followed to the first parent that has the same
/// there, and a commit none of whose parents has is the one. Whole folders that are the same are passed over unread.
/// </summary>
internal sealed class LastCommits(CommitGraph graph, TreeReader trees)
{
    // Folders that are compared: some microseconds each.
    private const int MaximumSteps = 100_000;
    private readonly Dictionary<PackedId, List<Place>> _open = [];
    private readonly Dictionary<string, PackedId> _found = new(StringComparer.Ordinal);
    private int _steps;

    /// <summary>By path; those whose history is too long are left out.</summary>
    public async Task<IReadOnlyDictionary<string, PackedId>> FindAsync(PackedId commit, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        _open[commit] = [.. paths.GroupBy(FolderOf).Select(folder => new Place(folder.Key, [.. folder.Select(path => path[(path.LastIndexOf('/') + 1)..])]))];
        while (_open.Count > 0 && _steps < MaximumSteps)
        {
            // The newest first: what leads to one commit on several ways has mostly come together by then.
            var newest = _open.Keys.MaxBy(id => graph.Nodes[id].At);
            _open.Remove(newest, out var places);
            foreach (var place in places!)
            {
                await FollowAsync(newest, place, cancellationToken);
            }
        }

        return _found;
    }

    private async Task FollowAsync(PackedId commit, Place place, CancellationToken cancellationToken)
    {
        var node = graph.Nodes[commit];
        var here = await FolderAsync(node.Tree, place.Folder, cancellationToken);
        var names = place.Names;
        foreach (var parent in node.Parents.Where(graph.Nodes.ContainsKey))
        {
            _steps++;
            var there = await FolderAsync(graph.Nodes[parent].Tree, place.Folder, cancellationToken);
            var same = there?.Oid == here?.Oid ? names : names.FindAll(name => there?.Find(name) is { } before && here?.Find(name) is { } now && IsSame(before, now));
            if (same.Count > 0)
            {
                Open(parent, place with { Names = same });
                names = same.Count == names.Count ? [] : [.. names.Except(same)];
            }

            if (names.Count is 0)
            {
                return;
            }
        }

        foreach (var name in names)
        {
            _found[place.Folder.Length is 0 ? name : $"{place.Folder}/{name}"] = commit;
        }
    }

    private void Open(PackedId commit, Place place)
    {
        if (!_open.TryGetValue(commit, out var places))
        {
            _open[commit] = places = [];
        }

        places.Add(place);
    }

    private async ValueTask<FileTree?> FolderAsync(PackedId root, string folder, CancellationToken cancellationToken)
    {
        var tree = ObjectId.Create(root.Hex).Value;
        if (folder.Length > 0)
        {
            if (await trees.FindAsync(tree, folder, cancellationToken) is not { IsFolder: true } item)
            {
                return null;
            }

            tree = item.Oid;
        }

        return await trees.ReadAsync(tree, cancellationToken);
    }

    private static bool IsSame(TreeItem one, TreeItem other) => one.Oid == other.Oid && one.Mode == other.Mode;

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";

    private sealed record Place(string Folder, List<string> Names);
}
