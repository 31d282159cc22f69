using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Comparing;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Merging;

/// <summary>What comes of a merge.</summary>
/// <param name="Tree">The branch's files with the other side's changes, but for those in conflict.</param>
/// <param name="Conflicts">Paths that both sides have changed differently.</param>
internal sealed record MergedTree(FileTree Tree, IReadOnlyCollection<string> Conflicts);

/// <summary>
/// Merges trees by path: what one side alone has changed since the common ancestor is taken, a file that both have changed is a conflict unless they made the same of it.
/// Lines within files are not merged, but for <c>.gitattributes</c>, to which each side's large files add theirs.
/// </summary>
internal sealed class TreeMerge(CatalogDbContext context, string repositoryId, TreeReader trees, SmallFileScan scan)
{
    public NewObjects Objects { get; } = new() { Scan = scan };

    /// <summary>With several ancestors it is a merge only if it is the same with each of them.</summary>
    public async Task<MergedTree> MergeAsync(IReadOnlyList<ObjectId> bases, ObjectId ours, ObjectId theirs, CancellationToken cancellationToken)
    {
        var merged = new List<MergedTree>();
        foreach (var tree in bases.Distinct())
        {
            merged.Add(await MergeAsync(tree, ours, theirs, cancellationToken));
        }

        var conflicts = new SortedSet<string>(merged.SelectMany(one => one.Conflicts), PathOrder.Bytes);
        foreach (var other in merged.Skip(1).Where(_ => conflicts.Count is 0))
        {
            conflicts.UnionWith((await new TreeComparison(trees).CompareAsync(merged[0].Tree.Oid, other.Tree.Oid, cancellationToken)).Select(difference => difference.Path));
        }

        return new(merged[0].Tree, conflicts);
    }

    private async Task<MergedTree> MergeAsync(ObjectId tree, ObjectId ours, ObjectId theirs, CancellationToken cancellationToken)
    {
        var (editor, conflicts) = (new TreeEditor(trees, ours), new HashSet<string>(StringComparer.Ordinal));
        // What goes makes room for what comes.
        foreach (var change in (await ChangesAsync(tree, theirs, cancellationToken)).OrderBy(change => change.After is not null))
        {
            if (!await ApplyAsync(editor, ours, change, cancellationToken))
            {
                conflicts.Add(change.Path.Value);
            }
        }

        var merged = editor.Write(await trees.ReadAsync(ours, cancellationToken), Objects.Trees);
        foreach (var made in Objects.Trees.Values)
        {
            trees.Add(made);
        }

        return new(merged, conflicts);
    }

    /// <summary>What one side did, path by path: a rename is a file that went and one that came.</summary>
    private async Task<IReadOnlyList<Change>> ChangesAsync(ObjectId from, ObjectId to, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        foreach (var (before, after) in await new TreeComparison(trees).CompareAsync(from, to, cancellationToken))
        {
            if (before is not null && before.Path != after?.Path)
            {
                changes.Add(new(FilePath.Create(before.Path).OrThrow(), before.Item, null));
            }

            if (after is not null)
            {
                changes.Add(new(FilePath.Create(after.Path).OrThrow(), before?.Path == after.Path ? before.Item : null, after.Item));
            }
        }

        return changes;
    }

    /// <summary>False: it is a conflict.</summary>
    private async Task<bool> ApplyAsync(TreeEditor editor, ObjectId ours, Change change, CancellationToken cancellationToken)
    {
        var mine = await trees.FindAsync(ours, change.Path.Value, cancellationToken) is { IsFolder: false } file ? file : null;
        if (IsSame(mine, change.After))
        {
            return true;
        }

        if (IsSame(mine, change.Before))
        {
            return (change.After is { } after ? await editor.PutAsync(change.Path, after, cancellationToken) : await editor.DeleteAsync(change.Path, false, cancellationToken)) is null;
        }

        return change is { Path.Value: GitAttributes.FileName, After: { } theirs } && mine is not null
            && await UniteAsync(change.Before, mine, theirs, cancellationToken) is { } united
            && await editor.PutAsync(change.Path, united, cancellationToken) is null;
    }

    private static bool IsSame(TreeItem? one, TreeItem? other) => one?.Oid == other?.Oid && one?.Mode == other?.Mode;

    /// <summary>Ours and the lines that are theirs alone, if both sides did nothing but add; otherwise null.</summary>
    private async Task<TreeItem?> UniteAsync(TreeItem? before, TreeItem ours, TreeItem theirs, CancellationToken cancellationToken)
    {
        var (old, mine, other) = (await LinesAsync(before, cancellationToken), await LinesAsync(ours, cancellationToken), await LinesAsync(theirs, cancellationToken));
        if (old.Except(mine).Any() || old.Except(other).Any())
        {
            return null;
        }

        var content = System.Text.Encoding.UTF8.GetBytes(string.Concat(mine.Concat(other.Except(mine)).Select(line => line + "\n")));
        var oid = ObjectId.Of("blob", content);
        Objects.Blobs[oid] = content;
        await Objects.ExamineAsync(repositoryId, oid, SmallFiles.NameClass(GitAttributes.FileName), content, cancellationToken);
        return TreeItem.Small(ours.Name, oid, content.Length);
    }

    private async Task<List<string>> LinesAsync(TreeItem? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return [];
        }

        var content = await context.ReadBlobAsync(repositoryId, file.Oid, cancellationToken);
        return [.. System.Text.Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private sealed record Change(FilePath Path, TreeItem? Before, TreeItem? After);
}
