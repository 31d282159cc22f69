using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Origins;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>The steps that repositories have taken: only ever added to, each chained to the one before, so that it shows if someone has rewritten them on disk.</summary>
internal static class StepHistory
{
    private const int MaximumPage = 1000;
    private const int MaximumSteps = 10_000;
    private const int MaximumComment = 4096;

    /// <summary>Why a comment cannot be kept with a step; null: it can.</summary>
    public static Error? CommentFault(string field, string comment) => comment switch
    {
        { Length: > MaximumComment } => Error.Invalid("BAD_COMMENT", $"{field} is longer than {MaximumComment} characters"),
        _ when comment.Contains('\0', StringComparison.Ordinal) => Error.Invalid("BAD_COMMENT", $"{field} has a zero character"),
        _ => null,
    };

    /// <summary>The same of one that has to say why.</summary>
    public static Error? ReasonFault(string field, string comment) =>
        CommentFault(field, comment) ?? (string.IsNullOrWhiteSpace(comment) ? Error.Invalid("COMMENT_MISSING", $"{field} is empty: it says why") : null);

    /// <summary>Makes up for what an earlier version, which may have run beside this one, did not keep of the submission when it took its steps. Before whatever takes the next one.</summary>
    public static async Task CatchUpAsync(RepositoryChange change, CancellationToken cancellationToken)
    {
        var missed = await UnsealedAsync(change.Context, change.Repository.Id, cancellationToken);
        if (missed.Count > 0)
        {
            change.Repository.Life = missed.Aggregate(change.Repository.Life, (life, step) => life.MakeUp(step.Action, AccountKey.Of(step.Account)));
        }
    }

    /// <summary>Adds a step that a repository, as it is by now, has taken. The change is claimed: nobody adds another meanwhile.</summary>
    public static Task AddAsync(RepositoryChange change, LifeStep step, string revision, string comment, string account, CancellationToken cancellationToken) =>
        AddAsync(change.Context, change.Repository, step, (revision, comment, account, change.Now), cancellationToken);

    /// <summary>The same of one that is made in this transaction.</summary>
    public static async Task AddAsync(
        CatalogDbContext context, StoredRepository repository, LifeStep step, (string Revision, string Comment, string Account, DateTimeOffset At) said, CancellationToken cancellationToken)
    {
        var made = new StoredStep
        {
            RepositoryId = repository.Id,
            Repository = repository.Name,
            Action = step.Action,
            State = repository.Life.Inward,
            Revision = said.Revision,
            Account = said.Account,
            Comment = said.Comment,
            At = said.At,
            Reviewer = step.Reviewer,
        };
        context.LifecycleSteps.Add(made.Seal(await HeadAsync(context, repository, cancellationToken)));
        repository.StepHash = made.Hash;
    }

    /// <summary>Why nothing more can be said of a repository's submissions; null: it can. Its life goes on in any case.</summary>
    public static async Task<Error?> FaultAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken) =>
        await context.LifecycleSteps.CountAsync(step => step.RepositoryId == repository.Id, cancellationToken) >= MaximumSteps
            ? Error.Exhausted("TOO_MANY_COMMENTS", $"{repository.Name} has a history of {MaximumSteps} steps: decide on the submission")
            : null;

    public static async Task<Result<ListLifecycleResponse>> ListAsync(CatalogDbContext context, SeenRepository repository, ListLifecycleRequest request, CancellationToken cancellationToken)
    {
        var (size, token) = (PageToken.Size(request.PageSize, MaximumPage, MaximumPage), PageToken.Read(request.PageToken, 1));
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        var after = 0L;
        if (token.Value is [var text] && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return Error.Invalid("BAD_PAGE_TOKEN", "page_token is not one that a list of steps answered: begin with an empty one");
        }

        var steps = await Of(context, repository.Id, after).Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = steps.Take(size.Value).ToList();
        return new ListLifecycleResponse
        {
            Steps = { page.Select(step => step.ToStep()) },
            NextPageToken = steps.Count > page.Count ? PageToken.Write(page[^1].Id.ToString(CultureInfo.InvariantCulture)) : "",
        };
    }

    /// <summary>Holds all steps against their hashes, and what was imported against what they say of it, as they stand at one moment.</summary>
    public static async Task<VerifyLifecycleResponse> VerifyAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = await StepHashAsync(context, repository.Id, cancellationToken);
            var verified = await VerifyAsync(context, repository, head, cancellationToken);
            // A step that was taken while they were read is no fault of theirs.
            if (await StepHashAsync(context, repository.Id, cancellationToken) == head)
            {
                return verified;
            }
        }
    }

    private static Task<string?> StepHashAsync(CatalogDbContext context, string repositoryId, CancellationToken cancellationToken) =>
        context.Repositories.Where(row => row.Id == repositoryId).Select(row => row.StepHash).SingleOrDefaultAsync(cancellationToken);

    private static async Task<VerifyLifecycleResponse> VerifyAsync(CatalogDbContext context, SeenRepository repository, string? head, CancellationToken cancellationToken)
    {
        var (count, hash, sealedTo, newest, imports) = (0L, "", 0L, "", new List<StoredStep>());
        await foreach (var step in Of(context, repository.Id, 0).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            count++;
            hash = step.HashAfter(hash);
            if (step.Action is LifecycleAction.Import)
            {
                imports.Add(step);
            }

            // One without is covered by the next that has one.
            if (step.Hash.Length is 0)
            {
                continue;
            }

            (sealedTo, newest) = (count, hash);
            if (step.Hash != hash)
            {
                return Broken(count, repository, $"step {count}, {Life.Name(step.Action)} by {step.Account}, is not the one that was taken there, or one before it was changed, taken out or put in");
            }
        }

        if (head is not null && head != newest)
        {
            return Broken(count, repository, $"there are {count} steps, and the last of them that has a hash is not the one that was taken last");
        }

        var origins = await OriginVerification.RunAsync(context, repository.Id, imports, cancellationToken);
        return new() { Steps = count, Head = newest, UnhashedSince = count > sealedTo ? sealedTo + 1 : 0, Fault = origins.Fault, Origins = origins.Held, OriginsLeft = origins.Left };
    }

    private static VerifyLifecycleResponse Broken(long count, SeenRepository repository, string fault) => new() { Steps = count, Head = repository.Row.StepHash, Fault = fault };

    /// <summary>What the next step is chained to: the newest that has a hash, and those behind it, whose hashes were not kept by the version that added them. The first step of a change covers them for those that follow.</summary>
    private static async Task<string> HeadAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken) =>
        context.LifecycleSteps.Local.Any(step => step.RepositoryId == repository.Id)
            ? repository.StepHash
            : (await UnsealedAsync(context, repository.Id, cancellationToken)).Aggregate(repository.StepHash, (hash, step) => step.HashAfter(hash));

    /// <summary>The steps at the end that have no hash: of a version from before there were any.</summary>
    private static async Task<List<StoredStep>> UnsealedAsync(CatalogDbContext context, string repositoryId, CancellationToken cancellationToken)
    {
        var last = await context.LifecycleSteps.Where(step => step.RepositoryId == repositoryId && step.Hash != "").MaxAsync(step => (long?)step.Id, cancellationToken);
        return await Of(context, repositoryId, last ?? 0).ToListAsync(cancellationToken);
    }

    private static IQueryable<StoredStep> Of(CatalogDbContext context, string repositoryId, long after) =>
        context.LifecycleSteps.Where(step => step.RepositoryId == repositoryId && step.Id > after).OrderBy(step => step.Id);
}
