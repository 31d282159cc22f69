using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using ModelGarden.Catalog.Facts;
using ModelGarden.Catalog.Families;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Repositories;

/// <summary>
/// Changes repositories one change at a time: a compare-and-set on the repository's version that is tried again on the newer state when another
/// replica was first, and a lock that keeps the changes of this process from racing each other.
/// </summary>
internal sealed class RepositoryChanges(IDbContextFactory<CatalogDbContext> contexts, DeliveryBell bell, CatalogMetrics metrics, TimeProvider clock) : IDisposable
{
    private const int MaximumAttempts = 10;
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Runs a change until it wins, is refused or has lost too often. It runs again from its beginning after each loss.</summary>
    public async Task<Result<T>> RunAsync<T>(string repositoryId, Func<RepositoryChange, Task<Result<T>>> change, CancellationToken cancellationToken)
        where T : notnull
    {
        var gate = _gates[(uint)repositoryId.GetHashCode(StringComparison.Ordinal) % _gates.Length];
        await gate.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 0; attempt < MaximumAttempts; attempt++)
            {
                if (await TryAsync(repositoryId, change, cancellationToken) is { } result)
                {
                    return result;
                }

                metrics.Lost();
            }

            return Error.Unavailable("BUSY", $"the repository was changed by others {MaximumAttempts} times in a row: try again");
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    // Null: another one was first.
    private async Task<Result<T>?> TryAsync<T>(string repositoryId, Func<RepositoryChange, Task<Result<T>>> change, CancellationToken cancellationToken)
        where T : notnull
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // Read first: whatever is read after it is at least as new as the version that the change is conditional on.
        var repository = await context.Repositories.AsTracking().SingleOrDefaultAsync(row => row.Id == repositoryId, cancellationToken);
        if (repository is null)
        {
            return Error.NotFound("REPOSITORY_NOT_FOUND", "the repository was deleted a moment ago");
        }

        await using var attempt = new RepositoryChange(context, repository, clock);
        var result = await change(attempt);
        if (attempt.IsLost)
        {
            return null;
        }

        if (result.Error is null && attempt.IsClaimed && await attempt.CommitAsync(cancellationToken))
        {
            bell.Ring();
        }

        return result;
    }
}

/// <summary>One attempt to change a repository. Nothing is kept unless it is claimed and its function answers a value.</summary>
internal sealed class RepositoryChange(CatalogDbContext context, StoredRepository repository, TimeProvider clock) : IAsyncDisposable
{
    private readonly EventNotes _notes = new(context, repository);
    private IDbContextTransaction? _transaction;
    private bool _isDeletion;
    private bool _isQuiet;
    private bool _keepsDate;

    public CatalogDbContext Context => context;

    /// <summary>Tracked: what is set here is saved.</summary>
    public StoredRepository Repository => repository;

    /// <summary>In whole milliseconds, as it is stored.</summary>
    public DateTimeOffset Now { get; } = clock.GetStoredNow();

    /// <summary>What the function answers when its claim is lost; nobody sees it.</summary>
    public static Error Lost { get; } = Error.Conflict("LOST", "another change was first");

    public bool IsLost { get; private set; }

    public bool IsClaimed => _transaction is not null;

    /// <summary>Begins the transaction and takes the repository for this change; false: it has moved on, answer <see cref="Lost"/>.</summary>
    public async Task<bool> ClaimAsync(CancellationToken cancellationToken)
    {
        _transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var claimed = await context.Repositories
            .Where(row => row.Id == repository.Id && row.Version == repository.Version)
            .ExecuteUpdateAsync(update => update.SetProperty(row => row.Version, row => row.Version + 1), cancellationToken);
        IsLost = claimed is 0;
        repository.Version++;
        return !IsLost;
    }

    /// <summary>What is changed is not part of what the repository is to those who follow it: they are told nothing, and it counts as no update.</summary>
    public void KeepQuiet() => _isQuiet = true;

    /// <summary>What is changed is what is known of the repository, not the repository: those who follow it are told, and it counts as no update.</summary>
    public void KeepDate() => _keepsDate = true;

    /// <summary>The repository goes, with everything in it.</summary>
    public void Delete() => _isDeletion = true;

    /// <summary>Keeps it; true: webhooks are to be told of it.</summary>
    public async Task<bool> CommitAsync(CancellationToken cancellationToken)
    {
        if (!_isDeletion)
        {
            repository.UpdatedAt = _isQuiet || _keepsDate ? repository.UpdatedAt : Now;
            await context.SaveChangesAsync(cancellationToken);
        }

        var isWatched = await _notes.AddEventsAsync(_isDeletion, Now, cancellationToken);
        if (_isDeletion)
        {
            context.Repositories.Remove(repository);
            context.Announce($"repository/{repository.Id}", null);
        }
        else if (!_isQuiet)
        {
            await AnnounceAsync(context, repository, cancellationToken);
        }

        // With the last save: from the first word to the feed on, no other change in the garden is told of.
        foreach (var step in context.LifecycleSteps.Local)
        {
            context.Tell(step.ToEvent(repository.Kind));
        }

        await context.SaveChangesAsync(cancellationToken);
        await _transaction!.CommitAsync(cancellationToken);
        return isWatched;
    }

    /// <summary>Tells the feed of a repository as it is saved by now, and keeps what of it is looked up by others. Saved with the change.</summary>
    public static async Task AnnounceAsync(CatalogDbContext context, StoredRepository repository, CancellationToken cancellationToken)
    {
        var state = await RecordKeeper.StateAsync(context, repository, cancellationToken);
        await FamilyTies.KeepAsync(context, state, cancellationToken);
        context.Announce($"repository/{repository.Id}", state);
    }

    public ValueTask DisposeAsync()
    {
        _notes.Dispose();
        return _transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
