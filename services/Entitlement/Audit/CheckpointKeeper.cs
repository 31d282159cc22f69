using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Entitlement.Audit;

/// <summary>Sees every ten minutes to a checkpoint of what was added, and to what is too old.</summary>
internal sealed partial class CheckpointKeeper(Checkpoints checkpoints, TimeProvider clock, ILogger<CheckpointKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pause, clock, KeepAsync, exception => LogFailed(exception, Pause), stoppingToken);

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (await checkpoints.PruneAsync(cancellationToken) is > 0 and var removed)
        {
            LogPruned(removed);
        }

        await checkpoints.TakeAsync(cancellationToken);
    }

    [LoggerMessage(3101, LogLevel.Information, "removed {Records} audit records that are older than they are kept")]
    private partial void LogPruned(long records);

    [LoggerMessage(3102, LogLevel.Warning, "the audit trail's end could not be signed, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
