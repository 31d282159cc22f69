using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Comparing;

/// <summary>A file of one of two trees.</summary>
internal sealed record PlacedFile(string Path, TreeItem Item);

/// <summary>A file that differs between two trees; one of the two may be missing.</summary>
internal sealed record FileDifference(PlacedFile? Before, PlacedFile? After)
{
    /// <summary>Where it is listed: at its new path, if it has one.</summary>
    public string Path => (After ?? Before)!.Path;

    public FileChangeKind Kind => this switch
    {
        { Before: null } => FileChangeKind.Added,
        { After: null } => FileChangeKind.Deleted,
        _ when Before.Path != After.Path => FileChangeKind.Renamed,
        _ => FileChangeKind.Modified,
    };
}

/// <summary>Finds the files that differ between two trees, reading only the folders that do.</summary>
internal sealed class TreeComparison(TreeReader trees)
{
    private readonly List<PlacedFile> _deleted = [];
    private readonly List<PlacedFile> _added = [];
    private readonly List<FileDifference> _modified = [];

    /// <summary>By path, in git's order: bytes.</summary>
    public async Task<IReadOnlyList<FileDifference>> CompareAsync(ObjectId before, ObjectId after, CancellationToken cancellationToken)
    {
        await WalkAsync(before, after, "", cancellationToken);
        return [.. ExactRenames.Pair(_deleted, _added).Concat(_modified).OrderBy(difference => difference.Path, PathOrder.Bytes)];
    }

    private async Task WalkAsync(ObjectId before, ObjectId after, string prefix, CancellationToken cancellationToken)
    {
        if (before == after)
        {
            return;
        }

        var (old, now) = (await trees.ReadAsync(before, cancellationToken), await trees.ReadAsync(after, cancellationToken));
        foreach (var item in old.Items)
        {
            if (now.Find(item.Name) is { } other && other.IsFolder == item.IsFolder)
            {
                await CompareAsync(item, other, prefix + item.Name, cancellationToken);
            }
            else
            {
                await GatherAsync(_deleted, item, prefix + item.Name, cancellationToken);
            }
        }

        foreach (var item in now.Items.Where(item => old.Find(item.Name)?.IsFolder != item.IsFolder))
        {
            await GatherAsync(_added, item, prefix + item.Name, cancellationToken);
        }
    }

    private async Task CompareAsync(TreeItem before, TreeItem after, string path, CancellationToken cancellationToken)
    {
        if (before.IsFolder)
        {
            await WalkAsync(before.Oid, after.Oid, path + "/", cancellationToken);
        }
        else if (before.Oid != after.Oid || before.Mode != after.Mode)
        {
            _modified.Add(new(new(path, before), new(path, after)));
        }
    }

    private async Task GatherAsync(List<PlacedFile> files, TreeItem item, string path, CancellationToken cancellationToken)
    {
        if (!item.IsFolder)
        {
            files.Add(new(path, item));
            return;
        }

        await foreach (var (below, file) in trees.FilesAsync(item.Oid, cancellationToken))
        {
            files.Add(new($"{path}/{below}", file));
        }
    }
}
