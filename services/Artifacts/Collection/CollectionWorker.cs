namespace ModelGarden.Artifacts.Collection;

/// <summary>Collects whenever it is due.</summary>
internal sealed partial class CollectionWorker(Collector collector, CollectionSchedule schedule, TimeProvider clock, ILogger<CollectionWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(await CollectAsync(stoppingToken), clock, stoppingToken);
        }
    }

    /// <summary>How long to wait then.</summary>
    private async Task<TimeSpan> CollectAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await schedule.ClaimAsync(stoppingToken) is { } wait)
            {
                return wait;
            }

            var report = await collector.CollectAsync(dryRun: false, stoppingToken);
            LogCollected(report.Files, report.Xorbs, report.RewrittenXorbs, report.GarbageBytes, report.Objects);
            return TimeSpan.Zero;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(exception, schedule.Claim);
            return schedule.Claim;
        }
    }

    [LoggerMessage(551, LogLevel.Information, "collected {Files} files and {Xorbs} xorbs, rewrote {Rewritten}, {Bytes} bytes in all; deleted {Objects} objects")]
    private partial void LogCollected(long files, long xorbs, long rewritten, long bytes, long objects);

    [LoggerMessage(552, LogLevel.Error, "collection failed, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
