namespace ModelGarden.Artifacts.Quotas;

/// <summary>Has counted what waits: at start, whenever files come or go, and every minute for what failed before or other replicas left.</summary>
internal sealed partial class UsageWorker(UsageCounter counter, TimeProvider clock, ILogger<UsageWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = clock.CreateTimer(_ => counter.Wake(), null, TimeSpan.Zero, Pause);
        while (!stoppingToken.IsCancellationRequested)
        {
            await counter.WokenAsync(stoppingToken);
            await CountAllAsync(stoppingToken);
        }
    }

    private async Task CountAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var waiting in counter.WaitingAsync(null, cancellationToken))
            {
                await counter.TryCountAsync(waiting, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopped(exception, Pause);
        }
    }

    [LoggerMessage(571, LogLevel.Error, "counting what tenants store stopped, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);
}
