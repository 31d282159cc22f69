using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ModelGarden.Persistence;

/// <summary>
/// Forgets once a day what was deleted more than a week ago, and what happened more than 30 days ago, so that a log of changes is no larger than what there is. Replicas do it at
/// different times; doing it twice does no harm.
/// </summary>
internal sealed partial class ChangeLogTrim<TContext>(IDbContextFactory<TContext> contexts, TimeProvider clock, ILogger<ChangeLogTrim<TContext>> logger) : BackgroundService
    where TContext : GardenDbContext
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    public static readonly TimeSpan EventsKept = TimeSpan.FromDays(30);
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first time within the hour, though not while everything starts: a service that is restarted every day forgets too.
        for (var pause = TimeSpan.FromMinutes(6 + (54 * Random.Shared.NextDouble())); ; pause = LongestPause * (0.8 + (0.2 * Random.Shared.NextDouble())))
        {
            await Task.Delay(pause, clock, stoppingToken);
            await TrimAsync(stoppingToken);
        }
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var count = await ChangeLog.ForgetAsync(context.Database, clock.GetUtcNow() - Kept, cancellationToken);
            await ChangeLog.ForgetEventsAsync(context.Database, clock.GetUtcNow() - EventsKept, cancellationToken);
            LogForgotten(count, typeof(TContext).Name);
        }
        catch (Exception exception)
        {
            // Not by type: a database that is away, or is broken off from as the host stops, is told in as many as there are engines, and none
            // is worth the service's life.
            if (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(exception, typeof(TContext).Name);
            }
        }
    }

    [LoggerMessage(922, LogLevel.Debug, "forgot {Count} old deletions of {Store}")]
    private partial void LogForgotten(int count, string store);

    [LoggerMessage(923, LogLevel.Warning, "old deletions of {Store} could not be forgotten, next try tomorrow")]
    private partial void LogFailed(Exception exception, string store);
}
