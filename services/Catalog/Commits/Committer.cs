using System.Diagnostics;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Discussions;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Commits;

/// <summary>Makes commits: everything that one brings is stored in one transaction with the branch that comes to stand on it.</summary>
internal sealed partial class Committer(RepositoryChanges changes, HeldFiles heldFiles, SmallFileScans scans, TreeCache cache, CatalogMetrics metrics, ILogger<Committer> logger)
{
    private const int MaximumFiles = 100_000;

    private static Error NoFiles => Error.Invalid("NOTHING_TO_COMMIT", "the first commit of a repository has at least one file");

    /// <summary>The new commit, or the head when the plan changes nothing. The caller may write.</summary>
    public async Task<Result<Commit>> CommitAsync(SeenRepository repository, CommitPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var isNew = false;
        var held = await heldFiles.AskAsync(repository.Row, plan, caller, cancellationToken);
        var scan = scans.Begin();
        var result = held.Error is { } error ? error : await changes.RunAsync<Commit>(
            repository.Id,
            async change =>
            {
                var made = await AttemptAsync(change, plan, caller, held.Value, scan, cancellationToken);
                isNew = made.Error is null && change.IsClaimed;
                return made;
            },
            cancellationToken);
        metrics.Committed(Stopwatch.GetElapsedTime(began), isNew);
        if (isNew)
        {
            LogCommitted(result.Value.Id, repository.Row.Name, plan.Branch.Value, caller.Principal.Name);
        }

        return result;
    }

    /// <summary>What a repository that is to be made begins with: everything that takes time, before the transaction.</summary>
    public async Task<Result<FirstCommit>> PrepareAsync(CatalogDbContext context, StoredRepository repository, CreateCommitRequest request, CancellationToken cancellationToken)
    {
        if (request is not { Name: "", Kind: RepositoryKind.Unspecified, Branch: "", Parent: "", CreatePullRequest: false })
        {
            return Error.Invalid("BAD_FIRST_COMMIT", "first_commit has a name, kind, branch, parent or create_pull_request: it is the new repository's, on main");
        }

        var plan = CommitPlan.Read(request);
        var held = plan.Error is { } bad ? bad : await heldFiles.AskAsync(plan.Value, cancellationToken);
        if (held.Error is { } missing)
        {
            return missing;
        }

        var applier = new PlanApplier(context, new(repository, Sight.Everything, true), new(context, cache, repository.Id), FileTree.Empty.Oid, held.Value, scans.Begin());
        var tree = await applier.ApplyAsync(plan.Value, cancellationToken);
        return tree.Error is { } fault ? fault
            : tree.Value.Oid == FileTree.Empty.Oid ? NoFiles
            : new FirstCommit(plan.Value, tree.Value.Oid, applier.Objects, held.Value.Values);
    }

    /// <summary>Makes it, within the transaction in which the repository is made; an error: it cannot be.</summary>
    public async Task<Error?> BeginAsync(CatalogDbContext context, StoredRepository repository, FirstCommit first, Caller caller, CancellationToken cancellationToken)
    {
        var commit = StoredCommit.Of(repository.Id, Describe(first.Plan, caller, first.Tree, null, repository.CreatedAt), null);
        await FileKnowledge.KeepAsync(context, first.Held, cancellationToken);
        if (await KeepAsync(context, new(context, cache, repository.Id), repository, commit, first.Objects, cancellationToken) is { } fault)
        {
            return fault;
        }

        Move(context, repository, first.Plan.Branch, null, commit.Oid, repository.CreatedAt);
        LogCommitted(commit.Oid, repository.Name, first.Plan.Branch.Value, caller.Principal.Name);
        return null;
    }

    private async Task<Result<Commit>> AttemptAsync(
        RepositoryChange change, CommitPlan plan, Caller caller, Dictionary<string, StoredFile> held, SmallFileScan scan, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var branch = await context.Refs.AsTracking().SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Name == plan.Branch.Value, cancellationToken);
        if ((Fault(plan, repository, branch) ?? await PullRequests.FaultAsync(context, repository, plan.Branch, cancellationToken)) is { } fault)
        {
            return fault;
        }

        var parent = branch is null ? null : await context.Commits.SingleAsync(row => row.RepositoryId == repository.Id && row.Oid == branch.Target, cancellationToken);
        var before = parent is null ? FileTree.Empty.Oid : ObjectId.Create(parent.Tree).Value;
        var trees = new TreeReader(context, cache, repository.Id);
        var applier = new PlanApplier(context, new(repository, Sight.Everything, true), trees, before, held, scan);
        var tree = await applier.ApplyAsync(plan, cancellationToken);
        if (tree.Error is { } error)
        {
            return error;
        }

        if (tree.Value.Oid == before && plan.OpensPullRequest)
        {
            return Error.Invalid("NOTHING_TO_COMMIT", "the files are as they are on main: there is nothing to propose");
        }

        if (tree.Value.Oid == before)
        {
            return parent?.ToCommit() ?? (Result<Commit>)NoFiles;
        }

        var commit = StoredCommit.Of(repository.Id, Describe(plan, caller, tree.Value.Oid, parent, change.Now), parent);
        return await change.ClaimAsync(cancellationToken)
            ? await StoreAsync(change, plan, branch, commit, applier.Objects, trees, held.Values, caller, cancellationToken)
            : RepositoryChange.Lost;
    }

    private static async Task<Result<Commit>> StoreAsync(
        RepositoryChange change,
        CommitPlan plan,
        StoredRef? branch,
        StoredCommit commit,
        NewObjects objects,
        TreeReader trees,
        IEnumerable<StoredFile> held,
        Caller caller,
        CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        await FileKnowledge.KeepAsync(context, held, cancellationToken);
        if (await KeepAsync(context, trees, repository, commit, objects, cancellationToken) is { } fault)
        {
            return fault;
        }

        return plan.OpensPullRequest ? await OpenAsync(change, plan, commit.ToCommit(), caller, cancellationToken) : Arrive(change, plan, branch, commit.ToCommit());
    }

    private static Commit Arrive(RepositoryChange change, CommitPlan plan, StoredRef? branch, Commit commit)
    {
        Move(change.Context, change.Repository, plan.Branch, branch, commit.Id, change.Now);
        if (plan.Branch.PullRequest is { } number)
        {
            PullRequests.Tell(change, number, commit);
        }

        return commit;
    }

    private static async Task<Result<Commit>> OpenAsync(RepositoryChange change, CommitPlan plan, Commit commit, Caller caller, CancellationToken cancellationToken)
    {
        var opened = await PullRequests.OpenAsync(change, plan.Summary, plan.Description, true, DiscussionStatus.Open, caller, cancellationToken);
        if (opened.Error is { } error)
        {
            return error;
        }

        PullRequests.Begin(change, opened.Value, commit.Id);
        PullRequests.Tell(change, opened.Value.Number, commit);
        commit.PullRequest = opened.Value.Number;
        return commit;
    }

    /// <summary>Keeps a commit with the objects that it brings and the record of it; an error: it has too many files.</summary>
    public static async Task<Error?> KeepAsync(
        CatalogDbContext context, TreeReader trees, StoredRepository repository, StoredCommit commit, NewObjects objects, CancellationToken cancellationToken)
    {
        await ObjectWriter.WriteAsync(context, repository, objects, cancellationToken);
        var record = await RecordKeeper.MakeAsync(context, trees, repository, commit, cancellationToken);
        if (record.Measured.FileCount > MaximumFiles)
        {
            return Error.Exhausted("TOO_MANY_FILES", $"the repository would have {record.Measured.FileCount} files: at most {MaximumFiles} go into one");
        }

        await KeepAsync(context, commit, record, cancellationToken);
        return null;
    }

    /// <summary>The same content, author, parents and second make the same one: it is there already when a branch was set back meanwhile.</summary>
    private static async Task KeepAsync(CatalogDbContext context, StoredCommit commit, ModelRecord record, CancellationToken cancellationToken)
    {
        if (!await context.Commits.AnyAsync(row => row.RepositoryId == commit.RepositoryId && row.Oid == commit.Oid, cancellationToken))
        {
            context.Commits.Add(commit);
            context.Records.Add(new() { RepositoryId = commit.RepositoryId, Revision = commit.Oid, Content = record.ToByteArray() });
        }
    }

    /// <summary>Puts a branch, which may be a new one, on a commit.</summary>
    public static void Move(CatalogDbContext context, StoredRepository repository, RefName name, StoredRef? branch, string commit, DateTimeOffset now)
    {
        if (branch is null)
        {
            context.Refs.Add(new() { RepositoryId = repository.Id, Name = name.Value, Target = commit, At = now });
        }
        else
        {
            (branch.Target, branch.At) = (commit, now);
        }

        repository.Head = name.Value is RefName.Default ? commit : repository.Head;
    }

    /// <summary>Why a branch is not one to commit to under this plan; null: it is.</summary>
    public static Error? Fault(CommitPlan plan, StoredRepository repository, StoredRef? branch)
    {
        if (branch is null && plan.Branch.Value is not RefName.Default)
        {
            return Error.NotFound("REVISION_NOT_FOUND", $"there is no branch '{plan.Branch.Value.Replace(RefName.Heads, "", StringComparison.Ordinal)}' in {repository.Name}: make it first");
        }

        return plan.Parent.Length is 0 || branch?.Target.StartsWith(plan.Parent, StringComparison.Ordinal) is true ? null : Error.Conflict(
            "PARENT_MOVED",
            $"{plan.Branch.Value} is at {branch?.Target ?? "no commit yet"} and not at {plan.Parent}: look at what came meanwhile, then commit on it");
    }

    public static CommitObject Describe(CommitPlan plan, Caller caller, ObjectId tree, StoredCommit? parent, DateTimeOffset now) => new()
    {
        Tree = tree,
        Parents = parent is null ? [] : [ObjectId.Create(parent.Oid).Value],
        Author = caller.Principal.Name,
        At = now,
        Summary = plan.Summary,
        Description = plan.Description,
    };

    [LoggerMessage(3001, LogLevel.Information, "committed {Commit} to {Repository} {Branch} by {Account}")]
    private partial void LogCommitted(string commit, string repository, string branch, string account);
}

/// <summary>What a repository begins with.</summary>
/// <param name="Plan">As it was asked for.</param>
/// <param name="Tree">What comes of it.</param>
/// <param name="Objects">All that is to be stored of it.</param>
/// <param name="Held">Its large files, as Artifacts knows them.</param>
internal sealed record FirstCommit(CommitPlan Plan, ObjectId Tree, NewObjects Objects, IReadOnlyCollection<StoredFile> Held);
