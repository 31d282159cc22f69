using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Objects;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Revisions;

/// <summary>Lists the commits of a revision, newest first.</summary>
internal static class History
{
    private const int MaximumPage = 1000;

    public static async Task<Result<ListCommitsResponse>> ListAsync(
        CatalogDbContext context, SeenRepository repository, ListCommitsRequest request, CancellationToken cancellationToken)
    {
        var size = PageToken.Size(request.PageSize, 50, MaximumPage);
        var token = PageToken.Read(request.PageToken, 2);
        if ((size.Error ?? token.Error) is { } error)
        {
            return error;
        }

        // Further pages go on from where the first one began, wherever the branch is by now.
        var (start, next) = token.Value is [var first, var behind] ? (first, behind) : (request.Revision, "");
        var resolved = await RevisionResolver.ResolveAsync(context, repository, start, cancellationToken);
        if (resolved.Error is { } missing)
        {
            return missing;
        }

        return resolved.Value.Length is 0 ? new ListCommitsResponse()
            : repository.SeesAll ? await WalkAsync(context, repository, resolved.Value, next, size.Value, cancellationToken)
            : await PublishedAsync(context, repository, resolved.Value, next, size.Value, cancellationToken);
    }

    private static async Task<Result<ListCommitsResponse>> WalkAsync(
        CatalogDbContext context, SeenRepository repository, string start, string next, int size, CancellationToken cancellationToken)
    {
        var commits = await FirstParents.ReadAsync(context, repository.Id, next.Length > 0 ? next : start, size + 1, cancellationToken);
        return new ListCommitsResponse
        {
            Commits = { commits.Take(size).Select(row => CommitObject.Read(row.Content).As(row.Oid)) },
            NextPageToken = commits.Count > size ? PageToken.Write(start, commits[size].Oid) : "",
            Total = await context.Commits.Where(row => row.RepositoryId == repository.Id && row.Oid == start).Select(row => row.Generation).SingleAsync(cancellationToken),
        };
    }

    /// <summary>Of the history only what was published: what lies between is the owner's matter, its ids included.</summary>
    private static async Task<Result<ListCommitsResponse>> PublishedAsync(
        CatalogDbContext context, SeenRepository repository, string start, string next, int size, CancellationToken cancellationToken)
    {
        var all = repository.Row.Life.Published.SkipWhile(commit => commit != start).ToList();
        var left = next.Length is 0 ? all : [.. all.SkipWhile(commit => commit != next)];
        var page = left.Take(size).ToList();
        var rows = await context.Commits.Where(row => row.RepositoryId == repository.Id && page.Contains(row.Oid)).ToDictionaryAsync(row => row.Oid, cancellationToken);
        return new ListCommitsResponse
        {
            Commits = { page.Select(oid => Shown(rows[oid].ToCommit(), repository)) },
            NextPageToken = left.Count > size ? PageToken.Write(start, left[size]) : "",
            Total = all.Count,
        };
    }

    private static Commit Shown(Commit commit, SeenRepository repository)
    {
        var hidden = commit.Parents.Where(parent => !repository.Sees(parent)).ToList();
        foreach (var parent in hidden)
        {
            commit.Parents.Remove(parent);
        }

        return commit;
    }
}
