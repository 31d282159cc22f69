using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;

namespace ModelGarden.Catalog.Packs;

/// <summary>Answers what a fetch of git asks: what both sides have, and the objects that one of them lacks.</summary>
internal sealed class PackReading(FileReading reading, RecordKeeper records)
{
    private const int MaximumIds = 100_000;

    public static async Task<Result<FindCommonResponse>> FindCommonAsync(
        CatalogDbContext context, SeenRepository repository, FindCommonRequest request, CancellationToken cancellationToken)
    {
        var loaded = await CommitGraph.LoadAsync(context, repository, cancellationToken);
        if ((loaded.Error ?? CountFault(request.Wants.Count + request.Haves.Count)) is { } error)
        {
            return error;
        }

        var graph = loaded.Value;
        var wants = await WantsAsync(context, repository, graph, request.Wants, cancellationToken);
        if (wants.Error is { } missing)
        {
            return missing;
        }

        var common = Known(graph, request.Haves).ToHashSet();
        return new FindCommonResponse
        {
            Common = { common.Select(id => id.Hex) },
            Ready = common.Count > 0 && graph.EachReaches(wants.Value.Commits, common),
        };
    }

    /// <summary>What is to be sent, found and counted.</summary>
    public async Task<Result<FoundPack>> FindAsync(CatalogDbContext context, SeenRepository repository, ReadPackRequest request, CancellationToken cancellationToken)
    {
        var loaded = await CommitGraph.LoadAsync(context, repository, cancellationToken);
        if ((loaded.Error ?? CountFault(request.Wants.Count + request.Haves.Count + request.Shallow.Count)) is { } error)
        {
            return error;
        }

        var graph = loaded.Value;
        var wants = await WantsAsync(context, repository, graph, request.Wants, cancellationToken);
        if (wants.Error is { } missing)
        {
            return missing;
        }

        var excluded = await ExcludedAsync(context, repository, request.Exclude, cancellationToken);
        if (excluded.Error is { } unknown)
        {
            return unknown;
        }

        var plan = PackPlan.Make(graph, WishOf(graph, request, wants.Value, excluded.Value));
        var trees = new PackTrees(context, repository.Id) { Names = repository.IsReviewer ? null : [] };
        if (await trees.FindAsync(plan.Send.Select(id => graph.Nodes[id].Tree), plan.Edges.Select(id => graph.Nodes[id].Tree), cancellationToken) is { } tooLarge)
        {
            return tooLarge;
        }

        var sent = plan.Send.ToHashSet();
        var tags = wants.Value.AllTags.Where(tag => wants.Value.Tags.Contains(tag.Tag) || (request.IncludeTags && sent.Contains(PackedId.Of(tag.Target))));
        if (trees.Names is { } names && (await FileKnowledge.OfAllAsync(context, repository.Row, cancellationToken)).Unclean(names) is { } unclean)
        {
            return unclean;
        }

        return new FoundPack(context, repository, plan, trees, [.. tags.Select(tag => tag.Tag).Distinct()])
        {
            Revisions = await RevisionsAsync(context, repository, wants.Value.Commits, cancellationToken),
        };
    }

    /// <summary>Those of these files that a revision has which the caller sees.</summary>
    public async Task<Result<FindLargeFilesResponse>> FindFilesAsync(
        CatalogDbContext context, SeenRepository repository, FindLargeFilesRequest request, CancellationToken cancellationToken)
    {
        if (request.Sha256.Count > 1000)
        {
            return Error.Invalid("TOO_MANY_FILES", $"{request.Sha256.Count} files are asked for, at most 1000 may be");
        }

        var wanted = request.Sha256.ToHashSet();
        var stored = await context.LargeFiles.Where(file => file.RepositoryId == repository.Id && wanted.Contains(file.Sha256)).Select(file => file.Sha256).Distinct().ToListAsync(cancellationToken);
        return new FindLargeFilesResponse { Sha256 = { repository.IsReviewer ? stored : await NamedAsync(context, repository, [.. stored], cancellationToken) } };
    }

    // Newest first, until all are found: what others may see of a file follows from the revisions that they may see, and from its names there.
    private async Task<HashSet<string>> NamedAsync(CatalogDbContext context, SeenRepository repository, HashSet<string> wanted, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var revision in repository.SeesAll ? await RecordKeeper.ShownAsync(context, repository.Row, cancellationToken) : repository.Row.Life.Published)
        {
            if (found.Count == wanted.Count)
            {
                break;
            }

            var root = (await reading.OpenAsync(context, repository, revision, cancellationToken)).Value;
            var files = new List<(string Path, TreeItem Item)>();
            await foreach (var (path, file) in root.Trees.FilesAsync(root.Tree, cancellationToken))
            {
                if (file.Sha256 is { } sha256 && wanted.Contains(sha256.Hex) && !found.Contains(sha256.Hex))
                {
                    files.Add((path, file));
                }
            }

            // Whether its bytes are clean is asked again when it is given; what they are by a name is known here alone.
            var known = await FileKnowledge.OfAsync(context, repository.Row, [.. files.Select(file => file.Item)], cancellationToken);
            found.UnionWith(files.Where(file => known.IsAsNamed(file.Path, file.Item)).Select(file => file.Item.Sha256!.Value.Hex));
        }

        return found;
    }

    private static Error? CountFault(int count) =>
        count > MaximumIds ? Error.Invalid("TOO_MANY_IDS", $"{count} ids of objects: at most {MaximumIds} go into one request") : null;

    private static IEnumerable<PackedId> Known(CommitGraph graph, IEnumerable<string> ids) =>
        ids.Select(PackedId.Read).OfType<PackedId>().Where(graph.Nodes.ContainsKey);

    private static PackWish WishOf(CommitGraph graph, ReadPackRequest request, Wanted wants, IReadOnlyList<string> excluded) => new()
    {
        Wants = wants.Commits,
        Haves = [.. Known(graph, request.Haves)],
        Shallow = Known(graph, request.Shallow).ToHashSet(),
        Depth = Math.Max(0, request.Depth),
        IsDepthRelative = request.DepthIsRelative,
        Since = request.Since?.Seconds,
        Exclude = [.. Known(graph, excluded)],
    };

    /// <summary>The wanted commits, those of wanted tags among them; and the tags that the caller sees.</summary>
    private static async Task<Result<Wanted>> WantsAsync(
        CatalogDbContext context, SeenRepository repository, CommitGraph graph, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var refs = await context.Refs.Where(row => row.RepositoryId == repository.Id && row.Tag != "").ToListAsync(cancellationToken);
        var tags = refs.Where(row => repository.Sees(row.Target)).ToList();
        var wanted = new Wanted([], [], tags);
        foreach (var id in ids)
        {
            var tag = tags.Find(row => row.Tag == id);
            if (PackedId.Read(tag?.Target ?? id) is not { } commit || !graph.Nodes.ContainsKey(commit))
            {
                return RevisionResolver.NotFound(repository.Row.Name, id);
            }

            wanted.Commits.Add(commit);
            _ = tag is not null && wanted.Tags.Add(tag.Tag);
        }

        return wanted;
    }

    private static async Task<Result<List<string>>> ExcludedAsync(CatalogDbContext context, SeenRepository repository, IEnumerable<string> revisions, CancellationToken cancellationToken)
    {
        var excluded = new List<string>();
        foreach (var revision in revisions)
        {
            var resolved = await RevisionResolver.ResolveAsync(context, repository, revision, cancellationToken);
            if (resolved.Error is { } error)
            {
                return error;
            }

            excluded.Add(resolved.Value);
        }

        return excluded;
    }

    private async Task<List<PackRevision>> RevisionsAsync(
        CatalogDbContext context, SeenRepository repository, IEnumerable<PackedId> commits, CancellationToken cancellationToken)
    {
        var (described, revisions) = (repository.Describe(null), new Dictionary<ByteString, PackRevision>());
        foreach (var ids in commits.Distinct().Select(id => id.Hex).Chunk(200))
        {
            var rows = await context.Records.Where(record => record.RepositoryId == repository.Id && ids.Contains(record.Revision)).ToDictionaryAsync(row => row.Revision, cancellationToken);
            foreach (var id in ids)
            {
                var record = rows.TryGetValue(id, out var row) ? ModelRecord.Parser.ParseFrom(row.Content) : await records.FindOrMakeAsync(context, repository.Row, id, cancellationToken);
                var revision = new PackRevision { Licenses = { record?.Declared?.Licenses ?? [] }, Facts = ModelFacts.Of(described, record) };
                var same = revision.ToByteString();
                revision.Commit = id;
                revisions.TryAdd(same, revision);
            }
        }

        return [.. revisions.Values];
    }

    private sealed record Wanted(List<PackedId> Commits, HashSet<string> Tags, List<StoredRef> AllTags);
}
