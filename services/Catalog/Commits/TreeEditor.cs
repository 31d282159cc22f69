using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Commits;

/// <summary>Changes a tree of folders path by path, loading only the folders it meets, and writes the changed ones as new trees.</summary>
internal sealed class TreeEditor(TreeReader trees, ObjectId root)
{
    private readonly Folder _root = new(root);

    /// <summary>The file at a path as it is now; null: there is none, or a folder.</summary>
    public async ValueTask<TreeItem?> FindAsync(FilePath path, CancellationToken cancellationToken)
    {
        var trail = await DescendAsync(path, false, cancellationToken);
        return trail?[^1].Files.GetValueOrDefault(path.FileName);
    }

    /// <summary>Puts a file at a path. PATH_CONFLICT: a folder is there, or a file where a folder is needed.</summary>
    public async ValueTask<Error?> PutAsync(FilePath path, TreeItem item, CancellationToken cancellationToken)
    {
        if (await DescendAsync(path, true, cancellationToken) is not { } trail)
        {
            return Error.Invalid("PATH_CONFLICT", $"'{path}' needs a folder where there is a file: delete the file in the same commit first");
        }

        if (trail[^1].Folders.ContainsKey(path.FileName))
        {
            return Error.Invalid("PATH_CONFLICT", $"'{path}' is a folder: delete it in the same commit first, or choose another name");
        }

        trail[^1].Files[path.FileName] = item;
        Touch(trail);
        return null;
    }

    public async ValueTask<Error?> DeleteAsync(FilePath path, bool isRecursive, CancellationToken cancellationToken)
    {
        var trail = await DescendAsync(path, false, cancellationToken);
        var folder = trail?[^1];
        if (folder is null || !(isRecursive ? folder.Folders.Remove(path.FileName) : folder.Files.Remove(path.FileName)))
        {
            var isOther = folder is not null && (isRecursive ? folder.Files.ContainsKey(path.FileName) : folder.Folders.ContainsKey(path.FileName));
            return Error.NotFound("PATH_NOT_FOUND", isOther
                ? $"'{path}' is a {(isRecursive ? "file" : "folder")}: delete it with recursive {(isRecursive ? "off" : "on")}"
                : $"there is no {(isRecursive ? "folder" : "file")} '{path}' to delete");
        }

        Touch(trail!);
        Prune(trail!, path);
        return null;
    }

    /// <summary>The root as it is now; trees that were not there before are added to <paramref name="made"/>. Empty folders vanish, as in git.</summary>
    public FileTree Write(FileTree before, Dictionary<ObjectId, FileTree> made) => _root.Oid is not null ? before : WriteFolder(_root, made);

    private static FileTree WriteFolder(Folder folder, Dictionary<ObjectId, FileTree> made)
    {
        var items = new List<TreeItem>(folder.Files.Values);
        foreach (var (name, child) in folder.Folders)
        {
            if (child.Oid is { } unchanged)
            {
                items.Add(TreeItem.Folder(name, unchanged));
            }
            else if (WriteFolder(child, made) is { Items.Count: > 0 } written)
            {
                items.Add(TreeItem.Folder(name, written.Oid));
            }
        }

        var tree = FileTree.Of(items);
        if (items.Count > 0)
        {
            made[tree.Oid] = tree;
        }

        return tree;
    }

    /// <summary>The folders from the root down to the one that holds a path; null: one of them is a file, or is not there.</summary>
    private async ValueTask<List<Folder>?> DescendAsync(FilePath path, bool isMaking, CancellationToken cancellationToken)
    {
        await LoadAsync(_root, cancellationToken);
        var trail = new List<Folder> { _root };
        var segments = path.Value.Split('/');
        foreach (var segment in segments.AsSpan(0, segments.Length - 1).ToArray())
        {
            var folder = trail[^1];
            if (!folder.Folders.TryGetValue(segment, out var next))
            {
                if (!isMaking || folder.Files.ContainsKey(segment))
                {
                    return null;
                }

                next = folder.Folders[segment] = new(null) { IsLoaded = true };
            }

            await LoadAsync(next, cancellationToken);
            trail.Add(next);
        }

        return trail;
    }

    private async ValueTask LoadAsync(Folder folder, CancellationToken cancellationToken)
    {
        if (folder.IsLoaded)
        {
            return;
        }

        foreach (var item in (await trees.ReadAsync(folder.Oid!.Value, cancellationToken)).Items)
        {
            if (item.IsFolder)
            {
                folder.Folders[item.Name] = new(item.Oid);
            }
            else
            {
                folder.Files[item.Name] = item;
            }
        }

        folder.IsLoaded = true;
    }

    // git has no empty folders: one that has lost its last file is not there, for the operations behind this one too.
    private static void Prune(List<Folder> trail, FilePath path)
    {
        var segments = path.Value.Split('/');
        for (var depth = trail.Count - 1; depth > 0 && trail[depth] is { Files.Count: 0, Folders.Count: 0 }; depth--)
        {
            trail[depth - 1].Folders.Remove(segments[depth - 1]);
        }
    }

    private static void Touch(List<Folder> trail)
    {
        foreach (var folder in trail)
        {
            folder.Oid = null;
        }
    }

    private sealed class Folder(ObjectId? oid)
    {
        /// <summary>Null: changed, its id is known when it is written.</summary>
        public ObjectId? Oid { get; set; } = oid;

        public bool IsLoaded { get; set; }

        public Dictionary<string, TreeItem> Files { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Folder> Folders { get; } = new(StringComparer.Ordinal);
    }
}
