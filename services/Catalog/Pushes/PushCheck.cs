using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Cards;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;

namespace ModelGarden.Catalog.Pushes;

/// <summary>Holds all objects of a push against the rules, before anything of the repository is taken.</summary>
internal sealed class PushCheck(IDbContextFactory<CatalogDbContext> contexts, HeldFiles heldFiles, TreeCache cache, SmallFileScans scans)
{
    private const int BatchSize = 500;

    // Of so many commits that the pushed ones build upon the files are known; beyond them, a file is looked into once more.
    private const int MaximumRoots = 16;

    public async Task<Result<CheckedPush>> CheckAsync(string repositoryId, PushStart start, PushedObjects pushed, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var trees = new TreeReader(context, cache, repositoryId);
        var check = new TreeCheck(context, repositoryId, trees, pushed, scans.Begin());
        if (await check.CheckAsync(cancellationToken) is { } error)
        {
            return error;
        }

        var commits = ReadCommits(pushed);
        if (commits.Error is { } broken)
        {
            return broken;
        }

        var parents = await StoredParentsAsync(context, repositoryId, commits.Value, cancellationToken);
        var ordered = Order(repositoryId, commits.Value, parents, pushed);
        var tags = await ReadTagsAsync(context, repositoryId, pushed, cancellationToken);
        var held = await HeldAsync(context, repositoryId, check, cancellationToken);
        if ((ordered.Error ?? tags.Error ?? held.Error ?? await RootsFaultAsync(check, commits.Value, cancellationToken)) is { } fault)
        {
            return fault;
        }

        await check.ExamineAsync(parents.Values.Select(row => ObjectId.Create(row.Tree).Value).Distinct().Take(MaximumRoots), cancellationToken);
        return new CheckedPush
        {
            Objects = check.Objects,
            Commits = ordered.Value,
            Tags = tags.Value,
            Trees = check.Objects.Trees.Values,
            Held = held.Value,
            BadTips = await BadTipsAsync(context, repositoryId, start, commits.Value, tags.Value, trees, pushed, cancellationToken),
        };
    }

    private static Result<Dictionary<ObjectId, PushedCommit>> ReadCommits(PushedObjects pushed)
    {
        var commits = new Dictionary<ObjectId, PushedCommit>();
        foreach (var (id, content) in pushed.Commits)
        {
            var read = GitText.ReadCommit(id, content);
            if (read.Error is { } error)
            {
                return error;
            }

            commits[id] = read.Value;
        }

        return commits;
    }

    private static async Task<Error?> RootsFaultAsync(TreeCheck check, Dictionary<ObjectId, PushedCommit> commits, CancellationToken cancellationToken)
    {
        foreach (var (id, commit) in commits)
        {
            if (await check.CheckRootAsync(commit.Tree, id, cancellationToken) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>The commits that the pushed ones build upon and that are here.</summary>
    private static async Task<Dictionary<string, StoredCommit>> StoredParentsAsync(
        CatalogDbContext context, string repositoryId, Dictionary<ObjectId, PushedCommit> commits, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredCommit>(StringComparer.Ordinal);
        foreach (var ids in commits.Values.SelectMany(commit => commit.Parents).Where(parent => !commits.ContainsKey(parent)).Distinct().Select(id => id.Hex).Chunk(BatchSize))
        {
            foreach (var row in await context.Commits.Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Oid)).ToListAsync(cancellationToken))
            {
                found[row.Oid] = row;
            }
        }

        return found;
    }

    /// <summary>As they are stored, parents first.</summary>
    private static Result<List<StoredCommit>> Order(
        string repositoryId, Dictionary<ObjectId, PushedCommit> commits, Dictionary<string, StoredCommit> parents, PushedObjects pushed)
    {
        var (ordered, generations) = (new List<StoredCommit>(commits.Count), parents.ToDictionary(row => row.Key, row => row.Value.Generation));
        var open = new Stack<ObjectId>(commits.Keys);
        while (open.TryPop(out var id))
        {
            if (generations.ContainsKey(id.Hex))
            {
                continue;
            }

            var commit = commits[id];
            var waiting = commit.Parents.Where(parent => !generations.ContainsKey(parent.Hex)).ToList();
            foreach (var parent in waiting.Where(parent => !commits.ContainsKey(parent)))
            {
                return Error.Invalid("MISSING_OBJECT", $"commit {parent}, a parent of {id}, is neither in the push nor here: a shallow clone needs 'git fetch --unshallow' first");
            }

            if (waiting.Count > 0)
            {
                open.Push(id);
                waiting.ForEach(open.Push);
                continue;
            }

            var first = commit.Parents is [var parentId, ..] ? parentId.Hex : "";
            generations[id.Hex] = first.Length is 0 ? 1 : generations[first] + 1;
            ordered.Add(new() { RepositoryId = repositoryId, Oid = id.Hex, Tree = commit.Tree.Hex, FirstParent = first, Generation = generations[id.Hex], Content = pushed.Commits[id] });
        }

        return ordered;
    }

    private static async Task<Result<Dictionary<string, (StoredTag Tag, string Message)>>> ReadTagsAsync(
        CatalogDbContext context, string repositoryId, PushedObjects pushed, CancellationToken cancellationToken)
    {
        var tags = new Dictionary<string, (StoredTag Tag, string Message)>(StringComparer.Ordinal);
        foreach (var (id, content) in pushed.Tags)
        {
            var read = GitText.ReadTag(id, content);
            if (read.Error is { } error)
            {
                return error;
            }

            var target = read.Value.Target;
            if (!pushed.Commits.ContainsKey(target) && !await context.Commits.AnyAsync(row => row.RepositoryId == repositoryId && row.Oid == target.Hex, cancellationToken))
            {
                return Error.Invalid("MISSING_OBJECT", $"commit {target}, which tag {id} names, is neither in the push nor here");
            }

            tags[id.Hex] = (new() { RepositoryId = repositoryId, Oid = id.Hex, Target = target.Hex, Content = content }, read.Value.Message);
        }

        return tags;
    }

    // A pointer that the repository has was asked for when it came.
    private async Task<Result<List<StoredFile>>> HeldAsync(CatalogDbContext context, string repositoryId, TreeCheck check, CancellationToken cancellationToken)
    {
        var wanted = check.Pointers.ToDictionary(pointer => pointer.Key.Oid.Hex, pointer => new PutLarge(pointer.Value, pointer.Key.Sha256, pointer.Key.Size));
        foreach (var ids in wanted.Keys.ToList().Chunk(BatchSize))
        {
            foreach (var known in await context.LargeFiles.Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Oid)).Select(row => row.Oid).ToListAsync(cancellationToken))
            {
                wanted.Remove(known);
            }
        }

        var held = await heldFiles.AskAsync([.. wanted.Values], cancellationToken);
        return held.Error is { } error ? error : held.Value.Values.ToList();
    }

    /// <summary>Cards are held against the rules where a ref comes to stand: in what lies behind, nobody could mend them.</summary>
    private static async Task<Dictionary<string, Error>> BadTipsAsync(
        CatalogDbContext context,
        string repositoryId,
        PushStart start,
        Dictionary<ObjectId, PushedCommit> commits,
        Dictionary<string, (StoredTag Tag, string Message)> tags,
        TreeReader trees,
        PushedObjects pushed,
        CancellationToken cancellationToken)
    {
        var bad = new Dictionary<string, Error>(StringComparer.Ordinal);
        foreach (var tip in start.Updates.Select(update => tags.TryGetValue(update.New, out var tag) ? tag.Tag.Target : update.New).Distinct())
        {
            if (ObjectId.Create(tip) is { Error: null, Value: var id } && commits.TryGetValue(id, out var commit)
                && await TipFaultAsync(context, repositoryId, await trees.ReadAsync(commit.Tree, cancellationToken), pushed, cancellationToken) is { } fault)
            {
                bad[tip] = fault;
            }
        }

        return bad;
    }

    private static async Task<Error?> TipFaultAsync(CatalogDbContext context, string repositoryId, FileTree root, PushedObjects pushed, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { CardReading.FileName, GitAttributes.FileName })
        {
            if (root.Find(name) is { Sha256: not null })
            {
                return Error.Invalid("BAD_PATH", $"{name} must be a small file: take it out of git-lfs");
            }
        }

        if (root.Find(CardReading.FileName) is not { IsFolder: false } card)
        {
            return null;
        }

        var content = pushed.Blobs.GetValueOrDefault(card.Oid)
            ?? await context.ReadBlobAsync(repositoryId, card.Oid, cancellationToken);
        return CardReading.Fault(content);
    }
}
