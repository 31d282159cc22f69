namespace ModelGarden.Catalog.Repositories;

/// <summary>A name that a repository had, on disk: it is found by it until another repository of the kind takes the name.</summary>
internal sealed class FormerName
{
    /// <summary>The name in lower case.</summary>
    public required string Key { get; init; }

    public required RepositoryKind Kind { get; init; }

    public required string RepositoryId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Ends whatever way a name led elsewhere: within the transaction, and after the row that takes the name, so that none is left behind by a race.</summary>
    public static Task<int> ForgetAsync(CatalogDbContext context, StoredRepository taker, CancellationToken cancellationToken)
    {
        var (key, kind) = (taker.Key, taker.Kind);
        return Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.ExecuteDeleteAsync(context.FormerNames.Where(row => row.Key == key && row.Kind == kind), cancellationToken);
    }
}
