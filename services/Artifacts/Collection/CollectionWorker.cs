using Microsoft.Extensions.Options;

namespace ModelGarden.Artifacts.Collection;

/// <summary>Collects every few hours.</summary>
internal sealed partial class CollectionWorker(Collector collector, IOptions<ArtifactsOptions> options, TimeProvider clock, ILogger<CollectionWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CollectEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var report = await collector.CollectAsync(dryRun: false, stoppingToken);
                LogCollected(report.Files, report.Xorbs, report.RewrittenXorbs, report.GarbageBytes, report.Objects);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception, options.Value.CollectEvery);
            }
        }
    }

    [LoggerMessage(551, LogLevel.Information, "collected {Files} files and {Xorbs} xorbs, rewrote {Rewritten}, {Bytes} bytes in all; deleted {Objects} objects")]
    private partial void LogCollected(long files, long xorbs, long rewritten, long bytes, long objects);

    [LoggerMessage(552, LogLevel.Error, "collection failed, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
