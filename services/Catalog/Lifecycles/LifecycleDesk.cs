using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Moderation;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>Takes repositories along their life: who may, what must hold, and a step of history with each change.</summary>
internal sealed class LifecycleDesk(RepositoryChanges changes, RecordKeeper records, PublicationChecks checks, CatalogMetrics metrics)
{
    public async Task<Result<Repository>> ChangeAsync(SeenRepository repository, ChangeLifecycleRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (Fault(request) is { } fault)
        {
            return fault;
        }

        var result = await changes.RunAsync(repository.Id, change => StepAsync(change, request, caller, cancellationToken), cancellationToken);
        if (result.Error is null)
        {
            metrics.Stepped(request.Action);
        }

        return result;
    }

    /// <summary>Why the caller may not do this to a repository; null: he may.</summary>
    public static Error? Denial(LifecycleAction action, TenantName owner, Caller caller) => action switch
    {
        LifecycleAction.Submit or LifecycleAction.Withdraw => caller.WriteFault(owner),
        LifecycleAction.Comment when !caller.IsCurator => caller.WriteFault(owner),
        _ when caller.IsService || (caller.IsCurator && caller.HasScope(Scopes.Curate)) => null,
        _ when caller.IsCurator => Error.Denied("SCOPE_MISSING", "the token lacks the scope 'curate': make one that has it"),
        _ => Error.Denied("CURATORS_ONLY", $"{Life.Name(action)} is a curator's decision: {caller.Principal.Name} has not that role"),
    };

    /// <summary>Takes down a repository that is claimed, and not so already, as part of what else is decided about it.</summary>
    public static Task TakeDownAsync(RepositoryChange change, string comment, Caller caller, CancellationToken cancellationToken)
    {
        var repository = change.Repository;
        var (about, step) = (AboutOf(repository), new LifeStep(LifecycleAction.TakeDown) { Account = AccountKey.Of(caller.Principal.Name) });
        repository.Life = repository.Life.Apply(step).OrThrow();
        return StepHistory.AddAsync(change, step, about, comment, caller.Principal.Name, cancellationToken);
    }

    private static Error? Fault(ChangeLifecycleRequest request) => request switch
    {
        { Action: LifecycleAction.Unspecified } => Error.Invalid("BAD_ACTION", "action is not set"),
        { Action: LifecycleAction.Squash or LifecycleAction.Move } => Error.Invalid("BAD_ACTION", $"{Life.Name(request.Action)} is not asked for here: SquashBranch and MoveRepository take such steps"),
        { Action: LifecycleAction.Rate or LifecycleAction.DecideReport } => Error.Invalid("BAD_ACTION", $"{Life.Name(request.Action)} is not asked for here: RateRepository and ResolveReport take such steps"),
        { Action: LifecycleAction.Import } => Error.Invalid("BAD_ACTION", $"{Life.Name(request.Action)} is not asked for here: RecordOrigin takes such steps"),
        _ when !Enum.IsDefined(request.Action) => Error.Invalid("BAD_ACTION", $"there is no action {(int)request.Action}"),
        { UpholdReports: true, Action: not LifecycleAction.TakeDown } => Error.Invalid("BAD_ACTION", $"uphold_reports is set: that goes with take_down alone, not with {Life.Name(request.Action)}"),
        _ when (StepHistory.CommentFault("comment", request.Comment) ?? Moments.Fault("retires_at", request.RetiresAt)) is { } fault => fault,
        { Action: LifecycleAction.Comment or LifecycleAction.Reject or LifecycleAction.RequestChanges or LifecycleAction.TakeDown } when string.IsNullOrWhiteSpace(request.Comment) =>
            Error.Invalid("COMMENT_MISSING", $"{Life.Name(request.Action)} needs a comment that says {(request.Action is LifecycleAction.Comment ? "something" : "why")}"),
        { Action: LifecycleAction.Assign or LifecycleAction.Unassign } when AccountName.Create(request.Reviewer).Error is { } error => error with { Message = $"reviewer: {error.Message}" },
        { Successor.Length: > 0 } when RepositoryName.Create(request.Successor).Error is { } error => error with { Message = $"successor: {error.Message}" },
        _ => null,
    };

    private async Task<Result<Repository>> StepAsync(RepositoryChange change, ChangeLifecycleRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        await StepHistory.CatchUpAsync(change, cancellationToken);
        var revision = await RevisionAsync(context, repository, request, cancellationToken);
        var step = revision.Error is null ? Step(repository, request, revision.Value, caller) : new(request.Action);
        var next = (revision.Error ?? DateFault(request, change.Now)) is { } error ? error : repository.Life.Apply(step);
        if ((next.Error ?? await RefusalAsync(context, repository, request.Action, revision.Value, cancellationToken)) is { } refused)
        {
            return refused;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        if (IsTalk(request.Action))
        {
            change.KeepQuiet();
        }
        else
        {
            repository.UpdatedAt = change.Now;
        }

        repository.Life = next.Value;
        if (request.Action is LifecycleAction.Publish)
        {
            repository.PublishSource();
        }

        await StepHistory.AddAsync(change, step, revision.Value, request.Comment, caller.Principal.Name, cancellationToken);
        if (request.UpholdReports)
        {
            await OpenReports.UpholdAsync(change, request.Comment, caller.Principal.Name, cancellationToken);
        }

        return (SeenRepository.Of(repository, caller) ?? SeenRepository.ForFeed(repository)).Describe(await RecordKeeper.FindAsync(context, repository.Id, repository.Head, cancellationToken));
    }

    private LifeStep Step(StoredRepository repository, ChangeLifecycleRequest request, string revision, Caller caller)
    {
        var rules = checks.RulesOf(repository);
        return new(request.Action)
        {
            Account = AccountKey.Of(caller.Principal.Name),
            Revision = revision,
            Successor = request.Successor,
            RetiresAt = request.RetiresAt?.ToDateTimeOffset(),
            Reviewer = request.Action is LifecycleAction.Assign or LifecycleAction.Unassign ? AccountKey.Of(request.Reviewer) : "",
            RequiredApprovals = rules.Approvals,
            IsBoundByFourEyes = rules.FourEyes is FourEyes.Everyone || (rules.FourEyes is FourEyes.Curators && !caller.IsOperator && !caller.IsService),
        };
    }

    /// <summary>What is said about a submission, or who looks at it, is no change of the repository: nobody else is told.</summary>
    private static bool IsTalk(LifecycleAction action) => action is LifecycleAction.Comment or LifecycleAction.Assign or LifecycleAction.Unassign;

    private static Error? DateFault(ChangeLifecycleRequest request, DateTimeOffset now) =>
        request is { Action: LifecycleAction.Deprecate, RetiresAt: { } date } && date.ToDateTimeOffset() <= now
            ? Error.Invalid("BAD_DATE", $"retires_at, {date.ToDateTimeOffset():u}, has passed: retire it, or name a later date")
            : null;

    private async Task<Error?> RefusalAsync(CatalogDbContext context, StoredRepository repository, LifecycleAction action, string revision, CancellationToken cancellationToken)
    {
        if (IsTalk(action))
        {
            return await StepHistory.FaultAsync(context, repository, cancellationToken);
        }

        if (action is not (LifecycleAction.Submit or LifecycleAction.Approve or LifecycleAction.Publish))
        {
            return null;
        }

        // A revision that nobody looked at lately may have an old record.
        await records.RefreshAsync(context, repository, revision, cancellationToken);
        return await checks.FaultAsync(context, repository, revision, cancellationToken);
    }

    private static string AboutOf(StoredRepository repository) => repository.SubmittedRevision.Length > 0 ? repository.SubmittedRevision : repository.NewestPublished;

    /// <summary>The commit that the action is about: what is submitted, else what was, else what is published.</summary>
    private static async Task<Result<string>> RevisionAsync(
        CatalogDbContext context, StoredRepository repository, ChangeLifecycleRequest request, CancellationToken cancellationToken)
    {
        var about = AboutOf(repository);
        if (request.Action is not LifecycleAction.Submit && request.Revision.Length is 0)
        {
            return about;
        }

        var seen = SeenRepository.ForFeed(repository);
        var resolved = await RevisionResolver.ResolveAsync(context, seen, request.Revision, cancellationToken);
        if (resolved.Error is not null)
        {
            return resolved;
        }

        if (request.Action is LifecycleAction.Submit)
        {
            return resolved.Value.Length > 0 ? resolved : Error.NotFound("REVISION_NOT_FOUND", $"{repository.Name} has no commit yet: there is nothing to submit");
        }

        return resolved.Value == about ? resolved : Error.Conflict(
            "OTHER_REVISION", $"{Life.Name(request.Action)} is about {(about.Length > 0 ? about : "no revision")}, not about {resolved.Value}: look at what was submitted");
    }
}
