using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Revisions;

/// <summary>Lists, makes and deletes branches and tags.</summary>
internal sealed class References(RepositoryChanges changes)
{
    private const int MaximumRefs = 5_000;
    private const int MaximumMessage = 4096;

    /// <summary>By name. Who sees published revisions only sees the default branch at the newest, and the refs that stand on one.</summary>
    public static async Task<ListRefsResponse> ListAsync(CatalogDbContext context, SeenRepository repository, CancellationToken cancellationToken)
    {
        var rows = await context.Refs.Where(row => row.RepositoryId == repository.Id).ToListAsync(cancellationToken);
        var refs = rows.Where(row => row.Name is not RefName.Default && repository.Sees(row.Target)).Select(row => new Ref { Name = row.Name, Commit = row.Target, Tag = row.Tag });
        var main = repository.Head.Length is 0 ? [] : new[] { new Ref { Name = RefName.Default, Commit = repository.Head } };
        return new() { Refs = { main.Concat(refs).OrderBy(@ref => @ref.Name, StringComparer.Ordinal) } };
    }

    public Task<Result<Ref>> CreateAsync(SeenRepository repository, RefName name, CreateRefRequest request, CancellationToken cancellationToken) => changes.RunAsync<Ref>(
        repository.Id,
        async change =>
        {
            var context = change.Context;
            if (request.Message.Length > MaximumMessage || request.Message.Contains('\0', StringComparison.Ordinal))
            {
                return Error.Invalid("BAD_MESSAGE", $"message is longer than {MaximumMessage} characters, or has a zero character");
            }

            if (await FaultAsync(context, repository, name, cancellationToken) is { } fault)
            {
                return fault;
            }

            var target = await RevisionResolver.ResolveAsync(context, repository with { Row = change.Repository }, request.Revision, cancellationToken);
            if (target.Error is { } error)
            {
                return error;
            }

            if (target.Value.Length is 0)
            {
                return Error.NotFound("REVISION_NOT_FOUND", $"{repository.Row.Name} has no commit yet: commit first");
            }

            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            context.Refs.Add(new() { RepositoryId = repository.Id, Name = name.Value, Target = target.Value, Message = request.Message, At = change.Now });
            return new Ref { Name = name.Value, Commit = target.Value };
        },
        cancellationToken);

    public Task<Result<string>> DeleteAsync(SeenRepository repository, string name, CancellationToken cancellationToken) => changes.RunAsync<string>(
        repository.Id,
        async change =>
        {
            if (name is RefName.Default)
            {
                return Error.Conflict("DEFAULT_BRANCH", "refs/heads/main is the default branch and stays: delete the repository instead");
            }

            if (name.StartsWith(RefName.PullRequests, StringComparison.Ordinal))
            {
                return Error.Conflict("PULL_REQUEST", $"{Text.Shorten(name)} is a pull request's: close that instead");
            }

            var row = name.Contains('\0', StringComparison.Ordinal) ? null : await change.Context.Refs.SingleOrDefaultAsync(row => row.RepositoryId == repository.Id && row.Name == name, cancellationToken);
            if (row is null)
            {
                return Error.NotFound("REF_NOT_FOUND", $"there is no '{Text.Shorten(name)}' in {repository.Row.Name}: a full name such as refs/heads/dev or refs/tags/v1 is expected");
            }

            if (!await change.ClaimAsync(cancellationToken))
            {
                return RepositoryChange.Lost;
            }

            change.Context.Refs.Remove(row);
            return name;
        },
        cancellationToken);

    private static async Task<Error?> FaultAsync(CatalogDbContext context, SeenRepository repository, RefName name, CancellationToken cancellationToken)
    {
        var names = await context.Refs.Where(row => row.RepositoryId == repository.Id).Select(row => row.Name).ToListAsync(cancellationToken);
        return names.Contains(name.Value) ? Error.Exists("REF_EXISTS", $"{name.Value} is there already") : PlaceFault(names, name, repository.Row.Name);
    }

    /// <summary>Why a new ref cannot be beside those that are there; null: it can.</summary>
    public static Error? PlaceFault(IReadOnlyCollection<string> names, RefName name, string repository)
    {
        // git keeps refs as files: one cannot be the folder of another.
        var clash = names.Append(RefName.Default).FirstOrDefault(other =>
            other.StartsWith(name.Value + "/", StringComparison.Ordinal) || name.Value.StartsWith(other + "/", StringComparison.Ordinal));
        return clash is not null ? Error.Invalid("BAD_REF_NAME", $"{name.Value} does not go with {clash}: git allows only one of the two")
            : names.Count >= MaximumRefs ? Error.Exhausted("TOO_MANY_REFS", $"{repository} has {MaximumRefs} branches and tags: delete some first")
            : null;
    }
}
