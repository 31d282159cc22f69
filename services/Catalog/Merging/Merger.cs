using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Commits;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Merging;

/// <summary>Merges revisions into branches, whole or not at all.</summary>
internal sealed partial class Merger(RepositoryChanges changes, SmallFileScans scans, TreeCache cache, ILogger<Merger> logger)
{
    private const int ToldConflicts = 1000;
    private const int ShownConflicts = 10;

    /// <param name="repository">Where. The caller may write.</param>
    /// <param name="plan">Branch, expected parent and message; no operations.</param>
    /// <param name="request">What is merged, and whether it really is.</param>
    /// <param name="caller">Who becomes the commit's author.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Result<MergeRevisionResponse>> MergeAsync(
        SeenRepository repository, CommitPlan plan, MergeRevisionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var merged = await changes.RunAsync(repository.Id, change => AttemptAsync(change, plan, request, caller, cancellationToken), cancellationToken);
        if (merged.Error is null && !request.DryRun)
        {
            LogMerged(merged.Value.Revision, repository.Row.Name, plan.Branch.Value, merged.Value.Commit.Id, caller.Principal.Name);
        }

        return merged;
    }

    /// <summary>The same as part of a change that does more.</summary>
    public async Task<Result<MergeRevisionResponse>> AttemptAsync(
        RepositoryChange change, CommitPlan plan, MergeRevisionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var branch = await context.Refs.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Name == plan.Branch.Value, cancellationToken);
        if ((Committer.Fault(plan, repository, branch) ?? await PullRequests.FaultAsync(context, repository, plan.Branch, cancellationToken) ?? (branch is null ? RevisionResolver.NotFound(repository.Name, plan.Branch.Value) : null)) is { } fault)
        {
            return fault;
        }

        var found = await SidesAsync(context, repository, branch!.Target, request.Revision, cancellationToken);
        if (found.Error is { } error)
        {
            return error;
        }

        var sides = found.Value;
        var answer = new MergeRevisionResponse { Revision = sides.Theirs.Oid, Bases = { sides.Bases.Select(commit => commit.Oid) } };
        if (sides.Bases.Any(commit => commit.Oid == sides.Theirs.Oid))
        {
            answer.Commit = request.DryRun ? null : sides.Ours.ToCommit();
            return answer;
        }

        var trees = new TreeReader(context, cache, repository.Id);
        var merge = new TreeMerge(context, repository.Id, trees, scans.Begin());
        var merged = await merge.MergeAsync([.. sides.Bases.Select(TreeOf)], TreeOf(sides.Ours), TreeOf(sides.Theirs), cancellationToken);
        if (request.DryRun)
        {
            answer.Conflicts.Add(merged.Conflicts.Take(ToldConflicts));
            return answer;
        }

        if (merged.Conflicts.Count > 0)
        {
            return Conflict(plan, sides.Theirs.Oid, merged.Conflicts);
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        var commit = StoredCommit.Of(repository.Id, Describe(plan, caller, merged.Tree, sides, change.Now), sides.Ours);
        var kept = await Committer.KeepAsync(context, trees, repository, commit, merge.Objects, cancellationToken);
        if (kept is { } refused)
        {
            return refused;
        }

        Committer.Move(context, repository, plan.Branch, branch, commit.Oid, change.Now);
        answer.Commit = commit.ToCommit();
        if (plan.Branch.PullRequest is { } number)
        {
            PullRequests.Tell(change, number, answer.Commit);
        }

        return answer;
    }

    private static async Task<Result<Sides>> SidesAsync(
        CatalogDbContext context, StoredRepository repository, string head, string revision, CancellationToken cancellationToken)
    {
        var theirs = await RevisionResolver.ResolveAsync(context, new(repository, Sight.Everything, true), revision, cancellationToken);
        var common = theirs.Error is { } missing ? missing : await new AncestorSearch(context, repository.Id).CommonAncestorsAsync(head, theirs.Value, _ => true, cancellationToken);
        if (common.Error is { } error)
        {
            return error;
        }

        if (common.Value.Count is 0)
        {
            return NoCommonAncestor(head, theirs.Value);
        }

        var wanted = common.Value.Append(head).Append(theirs.Value).ToList();
        var commits = await context.Commits.Where(row => row.RepositoryId == repository.Id && wanted.Contains(row.Oid)).ToDictionaryAsync(row => row.Oid, cancellationToken);
        return new Sides(commits[head], commits[theirs.Value], [.. common.Value.Select(oid => commits[oid])]);
    }

    public static Error NoCommonAncestor(string one, string other) =>
        Error.Conflict("NO_COMMON_ANCESTOR", $"{one} and {other} have no commit in common, as after a squash: commit what is wanted of the one on the other");

    private static Error Conflict(CommitPlan plan, string revision, IReadOnlyCollection<string> paths) => Error.Conflict(
        "MERGE_CONFLICT",
        string.Create(
            CultureInfo.InvariantCulture,
            $"{revision} cannot be merged into {plan.Branch.Value}: both have changed {string.Join(", ", paths.Take(ShownConflicts).Select(path => $"'{Text.Shorten(path)}'"))}{(paths.Count > ShownConflicts ? $" and {paths.Count - ShownConflicts} more files" : "")}"));

    private static CommitObject Describe(CommitPlan plan, Caller caller, FileTree tree, Sides sides, DateTimeOffset now) =>
        Committer.Describe(plan, caller, tree.Oid, null, now) with { Parents = [ObjectId.Create(sides.Ours.Oid).Value, ObjectId.Create(sides.Theirs.Oid).Value] };

    private static ObjectId TreeOf(StoredCommit commit) => ObjectId.Create(commit.Tree).Value;

    private sealed record Sides(StoredCommit Ours, StoredCommit Theirs, IReadOnlyList<StoredCommit> Bases);

    [LoggerMessage(3004, LogLevel.Information, "merged {Revision} into {Repository} {Branch} as {Commit} by {Account}")]
    private partial void LogMerged(string revision, string repository, string branch, string commit, string account);
}
