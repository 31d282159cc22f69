using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Packs;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Pushes;

/// <summary>Takes a push: everything that it brings is stored in one transaction with the refs that come to stand on it, or nothing is.</summary>
internal sealed partial class Pusher(RepositoryChanges changes, PushCheck check, TreeCache cache, CatalogMetrics metrics, ILogger<Pusher> logger)
{
    private const int MaximumUpdates = 5_000;
    private const int MaximumMessage = 4096;

    /// <summary>What came of each ref. The caller may write.</summary>
    public async Task<Result<PushResponse>> PushAsync(SeenRepository repository, PushStart start, PushedObjects pushed, Caller caller, CancellationToken cancellationToken)
    {
        if (StartFault(start) is { } fault)
        {
            return fault;
        }

        var push = await check.CheckAsync(repository.Id, start, pushed, cancellationToken);
        if (push.Error is { } error)
        {
            return Answer(start, _ => error);
        }

        var isNew = false;
        var result = await changes.RunAsync<PushResponse>(
            repository.Id,
            async change =>
            {
                var answer = await AttemptAsync(change, start, push.Value, cancellationToken);
                isNew = answer.Error is null && change.IsClaimed;
                return answer;
            },
            cancellationToken);
        if (isNew)
        {
            metrics.Pushed(push.Value.Commits.Count);
            LogPushed(push.Value.Commits.Count, repository.Row.Name, start.Updates.Count, caller.Principal.Name);
        }

        return result;
    }

    private static Error? StartFault(PushStart start) => start.Updates.Count switch
    {
        0 => Error.Invalid("BAD_PUSH", "a push moves at least one ref"),
        > MaximumUpdates => Error.Invalid("TOO_MANY_REFS", $"{start.Updates.Count} refs: at most {MaximumUpdates} go into one push"),
        _ => start.Updates.GroupBy(update => update.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? Error.Invalid("BAD_PUSH", $"'{Text.Shorten(twice.Key)}' is there twice")
            : start.Updates.FirstOrDefault(update => !IsId(update.Old) || !IsId(update.New) || update.Name.Contains('\0', StringComparison.Ordinal)) is { } bad
            ? Error.Invalid("BAD_PUSH", $"'{Text.Shorten(bad.Name)}' has an id that is none")
            : null,
    };

    private static bool IsId(string id) => id.Length is 0 || ObjectId.Create(id).Error is null;

    private async Task<Result<PushResponse>> AttemptAsync(RepositoryChange change, PushStart start, CheckedPush push, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var refs = await context.Refs.AsTracking().Where(row => row.RepositoryId == repository.Id).ToDictionaryAsync(row => row.Name, cancellationToken);
        var graph = await GraphAsync(context, repository, start, push, cancellationToken);
        if (graph?.Error is { } tooLarge)
        {
            return tooLarge;
        }

        var moves = new RefMoves(repository, refs, push, await StoredAsync(context, repository.Id, start, push, cancellationToken), graph?.Value);
        var decided = start.Updates.Select(update => (update.Name, Decision: moves.Decide(update))).ToDictionary(pair => pair.Name, pair => pair.Decision);
        var refused = decided.Values.Where(one => one.Refusal is not null).ToList();
        if (start.Atomic && refused.Count > 0)
        {
            return Answer(start, name => decided[name].Refusal ?? Error.Conflict("ATOMIC", "another ref of the atomic push was refused"));
        }

        var accepted = decided.Values.Select(one => one.Move).OfType<RefMove>().ToList();
        if (accepted.Count > 0)
        {
            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            await StoreAsync(change, refs, push, accepted, cancellationToken);
        }

        return Answer(start, name => decided[name].Refusal);
    }

    // Only where a ref is moved that others may have been shown: what is forced must not lose it.
    private static async Task<Result<CommitGraph>?> GraphAsync(
        CatalogDbContext context, StoredRepository repository, PushStart start, CheckedPush push, CancellationToken cancellationToken)
    {
        if ((repository.Published.Length is 0 && repository.SubmittedRevision.Length is 0) || start.Updates.All(update => update.Old.Length is 0 || update.New.Length is 0))
        {
            return null;
        }

        var graph = await CommitGraph.LoadAsync(context, SeenRepository.ForFeed(repository), cancellationToken);
        foreach (var commit in graph.Error is null ? push.Commits : [])
        {
            graph.Value.Add(PackedId.Of(commit.Oid), commit.Content);
        }

        return graph;
    }

    /// <summary>The commits that refs may stand on, by the ids by which they are named: their own, or a tag's.</summary>
    private static async Task<Dictionary<string, string>> StoredAsync(
        CatalogDbContext context, string repositoryId, PushStart start, CheckedPush push, CancellationToken cancellationToken)
    {
        var known = push.Commits.ToDictionary(commit => commit.Oid, commit => commit.Oid);
        foreach (var ids in start.Updates.Select(update => update.New).Where(id => id.Length > 0 && !known.ContainsKey(id)).Distinct().Chunk(500))
        {
            foreach (var oid in await context.Commits.Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Oid)).Select(row => row.Oid).ToListAsync(cancellationToken))
            {
                known[oid] = oid;
            }

            foreach (var tag in await context.Tags.Where(row => row.RepositoryId == repositoryId && ids.Contains(row.Oid)).ToListAsync(cancellationToken))
            {
                known[tag.Oid] = tag.Target;
            }
        }

        return known;
    }

    private async Task StoreAsync(RepositoryChange change, Dictionary<string, StoredRef> refs, CheckedPush push, List<RefMove> moves, CancellationToken cancellationToken)
    {
        var (context, id) = (change.Context, change.Repository.Id);
        await FileKnowledge.KeepAsync(context, push.Held, cancellationToken);
        await ObjectWriter.WriteAsync(context, change.Repository, push.Objects, cancellationToken);
        await ObjectWriter.InsertAsync(
            context,
            "commits (repository_id, oid, tree, first_parent, generation, content)",
            push.Commits.Select(row => new object[] { id, row.Oid, row.Tree, row.FirstParent, row.Generation, row.Content }),
            cancellationToken);
        await ObjectWriter.InsertAsync(
            context,
            "tags (repository_id, oid, target, content)",
            push.Tags.Values.Select(row => new object[] { id, row.Tag.Oid, row.Tag.Target, row.Tag.Content }),
            cancellationToken);
        foreach (var move in moves)
        {
            await MoveAsync(change, refs.GetValueOrDefault(move.Name), move, push, cancellationToken);
        }

        await RecordAsync(change, push, moves, cancellationToken);
    }

    private static async Task MoveAsync(RepositoryChange change, StoredRef? row, RefMove move, CheckedPush push, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        repository.Head = move.Name is RefName.Default ? move.Commit : repository.Head;
        if (move.Commit.Length is 0)
        {
            context.Refs.Remove(row!);
            return;
        }

        var stored = move.Tag.Length is 0 || push.Tags.ContainsKey(move.Tag) ? null
            : await context.Tags.SingleAsync(tag => tag.RepositoryId == repository.Id && tag.Oid == move.Tag, cancellationToken);
        var message = stored is not null ? GitText.ReadTag(ObjectId.Create(stored.Oid).Value, stored.Content).Value.Message
            : move.Tag.Length > 0 ? push.Tags[move.Tag].Message : "";
        message = message.Length > MaximumMessage ? message[..MaximumMessage] : message;
        if (row is null)
        {
            context.Refs.Add(new() { RepositoryId = repository.Id, Name = move.Name, Target = move.Commit, Tag = move.Tag, Message = message, At = change.Now });
        }
        else
        {
            (row.Target, row.Tag, row.Message, row.At) = (move.Commit, move.Tag, message, change.Now);
        }
    }

    /// <summary>Makes the records of the commits that refs come to stand on; those between have none before somebody looks at them.</summary>
    private async Task RecordAsync(RepositoryChange change, CheckedPush push, List<RefMove> moves, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var trees = new TreeReader(context, cache, repository.Id);
        foreach (var tree in push.Trees)
        {
            trees.Add(tree);
        }

        foreach (var tip in moves.Select(move => move.Commit).Where(commit => commit.Length > 0).Distinct())
        {
            if (!await context.Records.AnyAsync(record => record.RepositoryId == repository.Id && record.Revision == tip, cancellationToken))
            {
                var commit = await context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == tip, cancellationToken);
                var record = await RecordKeeper.MakeAsync(context, trees, repository, commit, cancellationToken);
                context.Records.Add(new() { RepositoryId = repository.Id, Revision = tip, Content = record.ToByteArray() });
            }
        }
    }

    private static PushResponse Answer(PushStart start, Func<string, Error?> refusal) => new()
    {
        Results = { start.Updates.Select(update => new RefResult { Name = update.Name, Refusal = refusal(update.Name) is { } error ? $"{error.Reason}: {error.Message}" : "" }) },
    };

    [LoggerMessage(3002, LogLevel.Information, "took a push of {Commits} commits to {Repository}, {Refs} refs, by {Account}")]
    private partial void LogPushed(int commits, string repository, int refs, string account);
}
