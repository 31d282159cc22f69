using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Commits;

/// <summary>
/// Makes a branch's history one commit of the same files. What the branch stood on is kept, as are all commits: what is published or submitted goes by
/// their ids and is not touched, and the repository's own history tells of the squash.
/// </summary>
internal sealed partial class Squasher(RepositoryChanges changes, TreeCache cache, ILogger<Squasher> logger)
{
    /// <param name="repository">Where. The caller may write.</param>
    /// <param name="plan">Branch, expected parent and message; no operations.</param>
    /// <param name="caller">Who becomes the commit's author.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Result<Commit>> SquashAsync(SeenRepository repository, CommitPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        var squashed = await changes.RunAsync(repository.Id, change => AttemptAsync(change, plan, caller, cancellationToken), cancellationToken);
        if (squashed.Error is null)
        {
            LogSquashed(repository.Row.Name, plan.Branch.Value, squashed.Value.Id, caller.Principal.Name);
        }

        return squashed;
    }

    private async Task<Result<Commit>> AttemptAsync(RepositoryChange change, CommitPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var branch = await context.Refs.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Name == plan.Branch.Value, cancellationToken);
        if (plan.Branch.PullRequest is not null)
        {
            return Error.Invalid("BAD_REF_NAME", $"{plan.Branch.Value} is a pull request's: squashed it would have nothing in common with main any more");
        }

        if (Committer.Fault(plan, repository, branch) is { } fault)
        {
            return fault;
        }

        if (branch is null)
        {
            return Error.NotFound("REVISION_NOT_FOUND", $"{repository.Name} has no commit yet: there is nothing to squash");
        }

        var head = await context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == branch.Target, cancellationToken);
        if (head.FirstParent.Length is 0)
        {
            return head.ToCommit();
        }

        return await change.ClaimAsync(cancellationToken) ? await StoreAsync(change, plan, branch, head, caller, cancellationToken) : RepositoryChange.Lost;
    }

    private async Task<Result<Commit>> StoreAsync(
        RepositoryChange change, CommitPlan plan, StoredRef branch, StoredCommit head, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var commit = StoredCommit.Of(repository.Id, Committer.Describe(plan, caller, ObjectId.Create(head.Tree).Value, null, change.Now), null);
        if (await Committer.KeepAsync(context, new(context, cache, repository.Id), repository, commit, new(), cancellationToken) is { } fault)
        {
            return fault;
        }

        await ObjectWriter.InsertAsync(context, "squashes (repository_id, revision, replaced)", [[repository.Id, commit.Oid, head.Oid]], cancellationToken);
        Committer.Move(context, repository, plan.Branch, branch, commit.Oid, change.Now);
        var told = string.Create(CultureInfo.InvariantCulture, $"{plan.Branch.Value}: {head.Generation} commits up to {head.Oid} became {commit.Oid}");
        await StepHistory.CatchUpAsync(change, cancellationToken);
        await StepHistory.AddAsync(change, new(LifecycleAction.Squash), head.Oid, told, caller.Principal.Name, cancellationToken);
        return commit.ToCommit();
    }

    [LoggerMessage(3003, LogLevel.Information, "squashed {Repository} {Branch} into {Commit} by {Account}")]
    private partial void LogSquashed(string repository, string branch, string commit, string account);
}
