using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;

namespace ModelGarden.Catalog.Revisions;

/// <summary>Finds the commit that a revision means to someone who sees a repository.</summary>
internal static class RevisionResolver
{
    private const int ShortestId = 4;
    private const int LongestRevision = 300;

    /// <summary>The commit's id; empty for HEAD and the default branch of a repository without a commit.</summary>
    public static async Task<Result<string>> ResolveAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        if (revision is "" or "HEAD" or "main" or RefName.Default)
        {
            return repository.Head;
        }

        var commit = revision.Length > LongestRevision || revision.Contains('\0', StringComparison.Ordinal) ? null
            : await FindRefAsync(context, repository, revision, cancellationToken) ?? await FindCommitAsync(context, repository, revision, cancellationToken);
        return commit is not null && repository.Sees(commit) ? commit : NotFound(repository.Row.Name, revision);
    }

    public static Error NotFound(string repository, string revision) =>
        Error.NotFound("REVISION_NOT_FOUND", $"there is no revision '{Text.Shorten(revision)}' in {repository}, or none that you may see");

    private static async Task<string?> FindRefAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        string[] names = revision.StartsWith("refs/", StringComparison.Ordinal) ? [revision] : [RefName.Heads + revision, RefName.Tags + revision];
        var found = await context.Refs.Where(row => row.RepositoryId == repository.Id && names.Contains(row.Name)).ToListAsync(cancellationToken);
        return found.OrderBy(row => Array.IndexOf(names, row.Name)).FirstOrDefault()?.Target;
    }

    // A commit that the caller may not see must not make the short id of one that he sees ambiguous either.
    private static async Task<string?> FindCommitAsync(CatalogDbContext context, SeenRepository repository, string revision, CancellationToken cancellationToken)
    {
        if (revision.Length is < ShortestId or > 40 || !revision.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        var found = repository.SeesAll
            ? await StartingWithAsync(context, repository.Id, revision, cancellationToken)
            : [.. repository.Row.Life.Published.Where(commit => commit.StartsWith(revision, StringComparison.Ordinal))];
        return found is [var only] ? only : null;
    }

    private static Task<List<string>> StartingWithAsync(CatalogDbContext context, string repositoryId, string prefix, CancellationToken cancellationToken)
    {
        // 'g' comes behind every hexadecimal digit.
        var end = prefix + "g";
        return context.Commits
            .Where(commit => commit.RepositoryId == repositoryId && string.Compare(commit.Oid, prefix) >= 0 && string.Compare(commit.Oid, end) < 0)
            .Select(commit => commit.Oid).Order().Take(2).ToListAsync(cancellationToken);
    }
}
