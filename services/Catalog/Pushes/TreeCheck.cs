using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Pushes;

/// <summary>Holds pushed trees and files against the rules of any commit, and makes of them what is stored. What they name must be in the push or stored.</summary>
internal sealed class TreeCheck(CatalogDbContext context, string repositoryId, TreeReader trees, PushedObjects pushed, SmallFileScan scan)
{
    private const int BatchSize = 500;
    private const int MaximumPath = 1024;
    private const int MaximumFiles = 100_000;
    private const int MaximumDepth = MaximumPath / 2;
    private readonly Dictionary<ObjectId, List<PushedEntry>> _entries = [];
    private readonly Dictionary<ObjectId, (long Size, LargeFilePointer? Pointer)> _files = [];
    private readonly Dictionary<ObjectId, Extent> _extents = [];
    private readonly Dictionary<(ObjectId, string), FilePath> _names = [];

    /// <summary>What the trees and files are in the store.</summary>
    public NewObjects Objects { get; } = new() { Scan = scan };

    /// <summary>Pushed pointers with a name under which each is found.</summary>
    public Dictionary<LargeFilePointer, FilePath> Pointers { get; } = [];

    public async Task<Error?> CheckAsync(CancellationToken cancellationToken)
    {
        if ((ReadTrees() ?? ReadBlobs()) is { } error)
        {
            return error;
        }

        return await FindStoredAsync(cancellationToken) ?? await MeasureAsync(cancellationToken);
    }

    /// <summary>Whether a tree is there, and within bounds as a root.</summary>
    public async Task<Error?> CheckRootAsync(ObjectId root, ObjectId commit, CancellationToken cancellationToken)
    {
        if (root != FileTree.Empty.Oid && !_extents.ContainsKey(root)
            && !await context.Trees.AnyAsync(row => row.RepositoryId == repositoryId && row.Oid == root.Hex, cancellationToken))
        {
            return Error.Invalid("MISSING_OBJECT", $"tree {root} of commit {commit} is neither in the push nor here");
        }

        return _extents.GetValueOrDefault(root) switch
        {
            { Path: > MaximumPath } => PathFault(),
            { Files: > MaximumFiles } extent => Error.Exhausted("TOO_MANY_FILES", $"commit {commit} has {extent.Files} files: at most {MaximumFiles} go into one repository"),
            _ => null,
        };
    }

    /// <summary>Looks into small files as any commit does: pushed ones, and those that stand here under a name as they did not before.</summary>
    /// <param name="before">The roots of the commits that the pushed ones build upon.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task ExamineAsync(IEnumerable<ObjectId> before, CancellationToken cancellationToken)
    {
        foreach (var root in before)
        {
            await foreach (var (path, file) in trees.FilesAsync(root, cancellationToken))
            {
                _names.Remove((file.Oid, SmallFiles.NameClass(path)));
            }
        }

        foreach (var batch in _names.Where(name => _files[name.Key.Item1].Pointer is null).Chunk(BatchSize / 10))
        {
            var missing = batch.Select(name => name.Key.Item1).Where(id => !pushed.Blobs.ContainsKey(id)).Select(id => id.Hex).Distinct().ToList();
            var stored = missing.Count is 0 ? [] : await context.Blobs.Where(row => row.RepositoryId == repositoryId && missing.Contains(row.Oid)).ToDictionaryAsync(row => row.Oid, row => row.Content, cancellationToken);
            foreach (var ((id, kind), _) in batch)
            {
                await Objects.ExamineAsync(repositoryId, id, kind, pushed.Blobs.GetValueOrDefault(id) ?? stored[id.Hex], cancellationToken);
            }
        }
    }

    private Error? ReadTrees()
    {
        foreach (var (id, content) in pushed.Trees)
        {
            var read = GitText.ReadTree(id, content);
            if (read.Error is { } error)
            {
                return error;
            }

            _entries[id] = read.Value;
            foreach (var entry in read.Value.Where(entry => entry.Mode is not TreeItem.FolderMode))
            {
                _names.TryAdd((entry.Id, SmallFiles.NameClass(entry.Name)), FilePath.Create(entry.Name).Value);
            }
        }

        return null;
    }

    private Error? ReadBlobs()
    {
        var names = _names.GroupBy(name => name.Key.Item1).ToDictionary(group => group.Key, group => group.First().Value);
        foreach (var (id, content) in pushed.Blobs)
        {
            var name = names.TryGetValue(id, out var path) ? $"'{path}'" : $"file {id}";
            if (content.Length > CommitPlan.MaximumSmallFile)
            {
                return Error.Invalid(
                    "INLINE_TOO_LARGE",
                    $"{name} has {content.Length} bytes: at most {CommitPlan.MaximumSmallFile} are kept in git itself. Use git-lfs: 'git lfs migrate import --above=1MiB', then push again");
            }

            var pointer = LargeFilePointer.Read(content) is { } read && read.Content.AsSpan().SequenceEqual(content) ? read : null;
            _files[id] = (pointer?.Size ?? content.Length, pointer);
            if (pointer is null)
            {
                Objects.Blobs[id] = content;
            }
            else
            {
                Objects.LargeFiles[id] = pointer;
                Pointers[pointer] = names.GetValueOrDefault(id, FilePath.Create(id.Hex).Value);
            }
        }

        return null;
    }

    /// <summary>What the pushed trees name and the push does not bring.</summary>
    private async Task<Error?> FindStoredAsync(CancellationToken cancellationToken)
    {
        var files = _names.Keys.Select(key => key.Item1).Where(id => !_files.ContainsKey(id)).Distinct().ToList();
        foreach (var batch in files.Select(id => id.Hex).Chunk(BatchSize))
        {
            foreach (var large in await context.LargeFiles.Where(row => row.RepositoryId == repositoryId && batch.Contains(row.Oid)).ToListAsync(cancellationToken))
            {
                _files[ObjectId.Create(large.Oid).Value] = (large.Size, new(Sha256Digest.Create(large.Sha256).Value, large.Size));
            }

            foreach (var small in await context.Blobs.Where(row => row.RepositoryId == repositoryId && batch.Contains(row.Oid)).Select(row => new { row.Oid, Size = row.Content.Length }).ToListAsync(cancellationToken))
            {
                _files[ObjectId.Create(small.Oid).Value] = (small.Size, null);
            }
        }

        return files.Where(id => !_files.ContainsKey(id)).Select(id => (ObjectId?)id).FirstOrDefault() is { } missing
            ? Error.Invalid("MISSING_OBJECT", $"file {missing} is named by a pushed tree, but neither in the push nor here")
            : null;
    }

    private async Task<Error?> MeasureAsync(CancellationToken cancellationToken)
    {
        var folders = _entries.Values.SelectMany(entries => entries).Where(entry => entry.Mode is TreeItem.FolderMode).Select(entry => entry.Id).ToHashSet();
        folders.Remove(FileTree.Empty.Oid);
        foreach (var batch in folders.Where(id => !_entries.ContainsKey(id)).Select(id => id.Hex).Chunk(BatchSize))
        {
            var there = await context.Trees.Where(row => row.RepositoryId == repositoryId && batch.Contains(row.Oid)).Select(row => row.Oid).ToListAsync(cancellationToken);
            if (batch.Except(there).FirstOrDefault() is { } missing)
            {
                return Error.Invalid("MISSING_OBJECT", $"tree {missing} is named by a pushed tree, but neither in the push nor here");
            }

            foreach (var id in there)
            {
                await StoredExtentAsync(ObjectId.Create(id).Value, cancellationToken);
            }
        }

        foreach (var id in _entries.Keys)
        {
            if (Measure(id, 0) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>How many files are below a stored tree, and how long their paths are; bounded, since it was stored within the bounds.</summary>
    private async Task<Extent> StoredExtentAsync(ObjectId id, CancellationToken cancellationToken)
    {
        if (_extents.TryGetValue(id, out var known))
        {
            return known;
        }

        var (files, path) = (0L, 0);
        foreach (var item in (await trees.ReadAsync(id, cancellationToken)).Items)
        {
            var below = item.IsFolder ? await StoredExtentAsync(item.Oid, cancellationToken) : new(1, 0);
            (files, path) = (files + below.Files, Math.Max(path, LengthOf(item.Name, item.IsFolder) + below.Path));
        }

        return _extents[id] = new(files, path);
    }

    private Error? Measure(ObjectId id, int depth)
    {
        if (_extents.ContainsKey(id))
        {
            return null;
        }

        if (depth > MaximumDepth)
        {
            return PathFault();
        }

        var (files, path) = (0L, 0);
        foreach (var entry in _entries[id])
        {
            var isFolder = entry.Mode is TreeItem.FolderMode;
            if (isFolder && entry.Id == FileTree.Empty.Oid)
            {
                return Error.Invalid("BAD_TREE", $"tree {id} has the empty folder '{entry.Name}'");
            }

            if (isFolder && Measure(entry.Id, depth + 1) is { } error)
            {
                return error;
            }

            var below = isFolder ? _extents[entry.Id] : new(1, 0);
            (files, path) = (Math.Min(files + below.Files, int.MaxValue), Math.Max(path, LengthOf(entry.Name, isFolder) + below.Path));
        }

        if (path > MaximumPath)
        {
            return PathFault();
        }

        _extents[id] = new(files, path);
        Keep(id);
        return null;
    }

    private void Keep(ObjectId id)
    {
        var tree = FileTree.Of(_entries[id].Select(entry => _files.TryGetValue(entry.Id, out var file) && entry.Mode is not TreeItem.FolderMode
            ? new TreeItem(entry.Name, entry.Mode is TreeItem.FileMode ? TreeItem.FileMode : entry.Mode, entry.Id, file.Size, file.Pointer?.Sha256)
            : TreeItem.Folder(entry.Name, entry.Id)));
        // git's bytes and ours are the same, or the id would lie.
        if (tree.Oid != id)
        {
            throw new InvalidDataException($"tree {id} was read as {tree.Oid}");
        }

        if (id != FileTree.Empty.Oid)
        {
            Objects.Trees[id] = tree;
            trees.Add(tree);
        }
    }

    private static int LengthOf(string name, bool isFolder) => System.Text.Encoding.UTF8.GetByteCount(name) + (isFolder ? 1 : 0);

    private static Error PathFault() =>
        Error.Invalid("BAD_PATH", string.Create(CultureInfo.InvariantCulture, $"a path is longer than {MaximumPath} bytes: shorten its folders' names"));

    private readonly record struct Extent(long Files, int Path);
}
