using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Repositories;

/// <summary>Finds repositories by name for a caller, and says no in one way for what is not there and what he may not know of.</summary>
internal static class RepositoryFinder
{
    /// <summary>
    /// The repository of this name and kind, else the one that had the name; of an unspecified kind the first one that the caller sees: model, data
    /// set, app.
    /// </summary>
    public static async Task<Result<SeenRepository>> FindAsync(
        CatalogDbContext context, RepositoryName name, RepositoryKind kind, Caller caller, CancellationToken cancellationToken)
    {
        var key = StoredRepository.KeyOf(name);
        var rows = await context.Repositories
            .Where(repository => repository.Key == key && (kind == RepositoryKind.Unspecified || repository.Kind == kind))
            .ToListAsync(cancellationToken);
        var seen = First(rows, caller);
        if (seen is null)
        {
            rows.AddRange(await FormerlyAsync(context, key, kind, cancellationToken));
            seen = First(rows, caller);
        }

        return seen is not null ? seen
            : rows.Find(row => SeenRepository.IsWithdrawnFrom(row, caller)) is { } withdrawn ? Error.Denied("REPOSITORY_TAKEN_DOWN", $"{withdrawn.Name} was taken down by a curator of the garden: nobody but curators gets at it")
            : NotFound(name.Value);
    }

    /// <summary>The same, for someone who wants to change what is in it.</summary>
    public static async Task<Result<SeenRepository>> FindToWriteAsync(
        CatalogDbContext context, RepositoryName name, RepositoryKind kind, Caller caller, CancellationToken cancellationToken)
    {
        var found = await FindAsync(context, name, kind, caller, cancellationToken);
        // Its owner, not the one that the name says: it may have been moved to another's namespace.
        return found.Error is null && caller.WriteFault(OwnerOf(found.Value.Row)) is { } error ? error : found;
    }

    public static TenantName OwnerOf(StoredRepository row) => RepositoryName.Create(row.Name).Value.Owner;

    private static SeenRepository? First(IEnumerable<StoredRepository> rows, Caller caller) =>
        rows.OrderBy(row => row.Kind).Select(row => SeenRepository.Of(row, caller)).FirstOrDefault(seen => seen is not null);

    private static Task<List<StoredRepository>> FormerlyAsync(CatalogDbContext context, string key, RepositoryKind kind, CancellationToken cancellationToken) =>
        context.FormerNames.Where(former => former.Key == key && (kind == RepositoryKind.Unspecified || former.Kind == kind))
            .Join(context.Repositories, former => former.RepositoryId, repository => repository.Id, (_, repository) => repository)
            .ToListAsync(cancellationToken);

    public static Error NotFound(string name) => Error.NotFound("REPOSITORY_NOT_FOUND", $"there is no repository '{Text.Shorten(name)}', or none that you may see");
}
