using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Reading;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Catalog.Revisions;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>Takes repositories along their life: who may, what must hold, and a step of history with each change.</summary>
internal sealed class LifecycleDesk(RepositoryChanges changes, RecordKeeper records, FileReading reading, CatalogMetrics metrics)
{
    private const int MaximumComment = 4096;
    private const int MaximumSteps = 10_000;

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

    public static async Task<ListLifecycleResponse> ListAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var steps = await context.LifecycleSteps.Where(step => step.RepositoryId == repository.Id).OrderBy(step => step.Id).Take(MaximumSteps).ToListAsync(cancellationToken);
        return new() { Steps = { steps.Select(step => step.ToStep()) } };
    }

    /// <summary>Why the caller may not do this to a repository; null: he may.</summary>
    public static Error? Denial(LifecycleAction action, TenantName owner, Caller caller) => action switch
    {
        LifecycleAction.Submit or LifecycleAction.Withdraw => caller.WriteFault(owner),
        _ when caller.IsService || (caller.IsCurator && caller.HasScope(Scopes.Curate)) => null,
        _ when caller.IsCurator => Error.Denied("SCOPE_MISSING", "the token lacks the scope 'curate': make one that has it"),
        _ => Error.Denied("CURATORS_ONLY", $"{Life.Name(action)} is a curator's decision: {caller.Principal.Name} has not that role"),
    };

    private static Error? Fault(ChangeLifecycleRequest request) => request switch
    {
        { Action: LifecycleAction.Unspecified } => Error.Invalid("BAD_ACTION", "action is not set"),
        { Action: LifecycleAction.Squash or LifecycleAction.Move } => Error.Invalid("BAD_ACTION", $"{Life.Name(request.Action)} is not asked for here: SquashBranch and MoveRepository take such steps"),
        _ when !Enum.IsDefined(request.Action) => Error.Invalid("BAD_ACTION", $"there is no action {(int)request.Action}"),
        { Comment.Length: > MaximumComment } => Error.Invalid("BAD_COMMENT", $"comment is longer than {MaximumComment} characters"),
        _ when request.Comment.Contains('\0', StringComparison.Ordinal) => Error.Invalid("BAD_COMMENT", "comment has a zero character"),
        { Action: LifecycleAction.Reject or LifecycleAction.TakeDown } when string.IsNullOrWhiteSpace(request.Comment) =>
            Error.Invalid("COMMENT_MISSING", $"{Life.Name(request.Action)} needs a comment that says why"),
        { Successor.Length: > 0 } when RepositoryName.Create(request.Successor).Error is { } error => error with { Message = $"successor: {error.Message}" },
        _ => null,
    };

    private async Task<Result<Repository>> StepAsync(RepositoryChange change, ChangeLifecycleRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (context, repository) = (change.Context, change.Repository);
        var revision = await RevisionAsync(context, repository, request, cancellationToken);
        var next = revision.Error is { } error ? error
            : repository.Life.Apply(request.Action, revision.Value, request.Successor, request.RetiresAt?.ToDateTimeOffset());
        if (next.Error is { } refused)
        {
            return refused;
        }

        if (request.Action is LifecycleAction.Submit or LifecycleAction.Approve or LifecycleAction.Publish
            && await CheckAsync(context, repository, revision.Value, cancellationToken) is { } failed)
        {
            return failed;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        repository.Life = next.Value;
        repository.UpdatedAt = change.Now;
        context.LifecycleSteps.Add(StoredStep.Of(repository, request.Action, revision.Value, request.Comment, caller, change.Now));
        return (SeenRepository.Of(repository, caller) ?? SeenRepository.ForFeed(repository)).Describe(await RecordKeeper.FindAsync(context, repository.Id, repository.Head, cancellationToken));
    }

    /// <summary>The commit that the action is about: what is submitted, else what was, else what is published.</summary>
    private static async Task<Result<string>> RevisionAsync(
        CatalogDbContext context, StoredRepository repository, ChangeLifecycleRequest request, CancellationToken cancellationToken)
    {
        var about = repository.SubmittedRevision.Length > 0 ? repository.SubmittedRevision : repository.NewestPublished;
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

    private async Task<Error?> CheckAsync(CatalogDbContext context, StoredRepository repository, string revision, CancellationToken cancellationToken)
    {
        // A revision that nobody looked at lately may have an old record.
        await records.RefreshAsync(context, repository, revision, cancellationToken);
        var root = await reading.OpenAsync(context, SeenRepository.ForFeed(repository), revision, cancellationToken);
        var missing = await PublicationChecks.MissingAsync(context, repository, root.Value, cancellationToken);
        return missing.Count is 0 ? null : Error.Conflict("CHECKS_FAILED", $"{revision} cannot be published yet: {string.Join("; ", missing)}");
    }
}
