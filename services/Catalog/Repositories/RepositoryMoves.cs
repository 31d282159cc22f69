using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Lifecycles;
using ModelGarden.Hosting.Access;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Repositories;

/// <summary>Gives repositories other names, by which they are found beside those that they had.</summary>
internal sealed partial class RepositoryMoves(RepositoryChanges changes, RecordKeeper records, ILogger<RepositoryMoves> logger)
{
    private const int MaximumNames = 100;

    /// <summary>The repository under its new name. The caller may write where it is.</summary>
    public async Task<Result<Repository>> MoveAsync(SeenRepository repository, RepositoryName name, Caller caller, CancellationToken cancellationToken)
    {
        if ((caller.WriteFault(name.Owner) ?? RepositoryDirectory.NameFault(name)) is { } fault)
        {
            return fault;
        }

        var moved = await changes.RunAsync(repository.Id, change => MoveAsync(change, name, caller, cancellationToken), cancellationToken);
        if (moved.Error is null && repository.Row.Name != name.Value)
        {
            LogMoved(repository.Row.Name, name.Value, caller.Principal.Name);
        }

        return moved;
    }

    private async Task<Result<Repository>> MoveAsync(RepositoryChange change, RepositoryName name, Caller caller, CancellationToken cancellationToken)
    {
        var (context, row) = (change.Context, change.Repository);
        if (row.Name == name.Value)
        {
            return await DescribeAsync(context, row, caller, cancellationToken);
        }

        if (await FaultAsync(context, row, name, caller, cancellationToken) is { } fault)
        {
            return fault;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        if (await RenameAsync(change, name, caller, cancellationToken) is { } taken)
        {
            return taken;
        }

        await records.RedeclareAsync(context, row, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        return await DescribeAsync(context, row, caller, cancellationToken);
    }

    private static async Task<Error?> FaultAsync(CatalogDbContext context, StoredRepository row, RepositoryName name, Caller caller, CancellationToken cancellationToken)
    {
        // Asked again of the row that is changed: another may have moved it meanwhile.
        if (caller.WriteFault(RepositoryFinder.OwnerOf(row)) is { } denied)
        {
            return denied;
        }

        var key = StoredRepository.KeyOf(name);
        if (await context.Repositories.AnyAsync(other => other.Key == key && other.Kind == row.Kind && other.Id != row.Id, cancellationToken))
        {
            return RepositoryDirectory.Exists(row.Kind, name.Value);
        }

        return await context.FormerNames.CountAsync(former => former.RepositoryId == row.Id, cancellationToken) >= MaximumNames
            ? Error.Exhausted("TOO_MANY_NAMES", $"{row.Name} had {MaximumNames} other names, by which it is still found: it keeps this one")
            : null;
    }

    /// <summary>An error: another repository took the name at the same time.</summary>
    private static async Task<Error?> RenameAsync(RepositoryChange change, RepositoryName name, Caller caller, CancellationToken cancellationToken)
    {
        var (context, row) = (change.Context, change.Repository);
        var (oldName, oldKey) = (row.Name, row.Key);
        (row.Name, row.Key, row.Owner) = (name.Value, StoredRepository.KeyOf(name), name.Owner.Value.ToLowerInvariant());
        await StepHistory.CatchUpAsync(change, cancellationToken);
        await StepHistory.AddAsync(change, new(LifecycleAction.Move), row.Head, $"{oldName} became {row.Name}", caller.Principal.Name, cancellationToken);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.IsUniqueViolation())
        {
            return RepositoryDirectory.Exists(row.Kind, name.Value);
        }

        await FormerName.ForgetAsync(context, row, cancellationToken);
        if (oldKey != row.Key)
        {
            context.FormerNames.Add(new() { Key = oldKey, Kind = row.Kind, RepositoryId = row.Id, At = change.Now });
        }

        return null;
    }

    private static Task<Repository> DescribeAsync(CatalogDbContext context, StoredRepository row, Caller caller, CancellationToken cancellationToken) =>
        RepositoryDirectory.DescribeAsync(context, SeenRepository.Of(row, caller) ?? SeenRepository.ForFeed(row), cancellationToken);

    [LoggerMessage(3002, LogLevel.Information, "moved {Repository} to {Name} by {Account}")]
    private partial void LogMoved(string repository, string name, string account);
}
