using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Hosting;

namespace ModelGarden.Catalog.Lifecycles;

/// <summary>
/// Retires deprecated repositories on the dates that their deprecations named: looks at start and every minute. Each is a change like any other, made on the condition that it is still
/// due: of several replicas one makes it.
/// </summary>
internal sealed partial class RetirementWorker(
    IDbContextFactory<CatalogDbContext> contexts, RepositoryChanges changes, CatalogMetrics metrics, TimeProvider clock, ILogger<RetirementWorker> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pause, clock, RetireAllAsync, exception => LogFailed(exception, Pause), stoppingToken);

    /// <summary>Retires everything whose date has come.</summary>
    public async Task RetireAllAsync(CancellationToken cancellationToken)
    {
        var last = "";
        while (await DueAsync(last, cancellationToken) is [.., var end] due)
        {
            last = end;
            foreach (var repository in due)
            {
                await TryRetireAsync(repository, cancellationToken);
            }
        }
    }

    /// <summary>One that fails keeps no other waiting, and is due again in the next round.</summary>
    private async Task TryRetireAsync(string repository, CancellationToken cancellationToken)
    {
        try
        {
            var retired = await changes.RunAsync(repository, change => RetireAsync(change, cancellationToken), cancellationToken);
            if (retired is { Error: null, Value: true })
            {
                metrics.Stepped(LifecycleAction.Retire);
                LogRetired(repository);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, Pause);
        }
    }

    private async Task<List<string>> DueAsync(string after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return await context.Repositories.Where(row => row.Standing == Lifecycle.Deprecated && row.RetiresAt <= now && string.Compare(row.Id, after) > 0)
            .OrderBy(row => row.Id).Select(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>False: it is not due any more.</summary>
    private static async Task<Result<bool>> RetireAsync(RepositoryChange change, CancellationToken cancellationToken)
    {
        var repository = change.Repository;
        if (repository.Standing is not Lifecycle.Deprecated || repository.RetiresAt is not { } date || date > change.Now)
        {
            return false;
        }

        if (!await change.ClaimAsync(cancellationToken))
        {
            return RepositoryChange.Lost;
        }

        await StepHistory.CatchUpAsync(change, cancellationToken);
        var step = new LifeStep(LifecycleAction.Retire) { Account = ServiceNames.Catalog };
        repository.Life = repository.Life.Apply(step).OrThrow();
        await StepHistory.AddAsync(change, step, repository.NewestPublished, "the date that its deprecation named has come", ServiceNames.Catalog, cancellationToken);
        return true;
    }

    [LoggerMessage(411, LogLevel.Information, "retired repository {Repository} on the date that its deprecation named")]
    private partial void LogRetired(string repository);

    [LoggerMessage(412, LogLevel.Error, "repositories whose date has come could not be retired, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
