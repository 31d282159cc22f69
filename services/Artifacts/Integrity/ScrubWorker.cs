using Microsoft.Extensions.Options;

namespace ModelGarden.Artifacts.Integrity;

/// <summary>Scrubs one xorb after another, slowly enough that nobody notices.</summary>
internal sealed partial class ScrubWorker(Scrubber scrubber, IOptions<ArtifactsOptions> options, TimeProvider clock, ILogger<ScrubWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(await ScrubAsync(stoppingToken), clock, stoppingToken);
        }
    }

    /// <summary>How long to wait then.</summary>
    private async Task<TimeSpan> ScrubAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await scrubber.ScrubNextAsync(stoppingToken) is { } bytes ? TimeSpan.FromSeconds((double)bytes / options.Value.ScrubRate) : Idle;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(exception, Idle);
            return Idle;
        }
    }

    [LoggerMessage(563, LogLevel.Error, "scrubbing failed, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
