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
        var seen = First(rows, caller) ?? First(await FormerlyAsync(context, key, kind, cancellationToken), caller);
        return seen is null ? NotFound(name.Value) : seen;
    }

    /// <summary>The same, for someone who wants to change what is in it.</summary>
    public static async Task<Result<SeenRepository>> FindToWriteAsync(
        CatalogDbContext context, RepositoryName name, RepositoryKind kind, Caller caller, CancellationToken cancellationToken)
    {
        var found = await FindAsync(context, name, kind, caller, cancellationToken);
        // Its owner, not the one that the name says: it may have been moved to another's namespace.
        return found.Error is null && WriteFault(OwnerOf(found.Value.Row), caller) is { } error ? error : found;
    }

    public static TenantName OwnerOf(StoredRepository row) => RepositoryName.Create(row.Name).Value.Owner;

    /// <summary>Why the caller may not write below a namespace; null: he may.</summary>
    public static Error? WriteFault(TenantName owner, Caller caller) => caller switch
    {
        { IsService: true } => null,
        _ when !caller.HasScope(Scopes.Write) => Error.Denied("SCOPE_MISSING", "the token lacks the scope 'write': make one that has it"),
        { IsOperator: true } => null,
        _ when !caller.IsOf(owner.Value) => Error.Denied(
            "NOT_YOUR_NAMESPACE", $"only members of {owner} and operators write below '{owner}/': {caller.Principal.Name} belongs to {caller.Principal.Tenant}"),
        _ when caller.HasRole(Roles.Engineer) || caller.HasRole(Roles.Admin) => null,
        _ => Error.Denied("ROLE_MISSING", $"{caller.Principal.Name} is neither engineer nor admin of {owner}: its admin can give the role"),
    };

    private static SeenRepository? First(IEnumerable<StoredRepository> rows, Caller caller) =>
        rows.OrderBy(row => row.Kind).Select(row => SeenRepository.Of(row, caller)).FirstOrDefault(seen => seen is not null);

    private static Task<List<StoredRepository>> FormerlyAsync(CatalogDbContext context, string key, RepositoryKind kind, CancellationToken cancellationToken) =>
        context.FormerNames.Where(former => former.Key == key && (kind == RepositoryKind.Unspecified || former.Kind == kind))
            .Join(context.Repositories, former => former.RepositoryId, repository => repository.Id, (_, repository) => repository)
            .ToListAsync(cancellationToken);

    public static Error NotFound(string name) => Error.NotFound("REPOSITORY_NOT_FOUND", $"there is no repository '{Text.Shorten(name)}', or none that you may see");
}
