using ModelGarden.Hosting.Health;

namespace ModelGarden.Artifacts.Objects;

/// <summary>Looks at start whether the store serves. While it does not, the service is up, is not ready, has said why, and goes on trying.</summary>
internal sealed partial class ObjectStoreStart : BackgroundService
{
    public const string Waiting = "the object store";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly IObjectStore _store;
    private readonly Readiness _readiness;
    private readonly TimeProvider _clock;
    private readonly ILogger<ObjectStoreStart> _logger;

    public ObjectStoreStart(IObjectStore store, Readiness readiness, TimeProvider clock, ILogger<ObjectStoreStart> logger)
    {
        (_store, _readiness, _clock, _logger) = (store, readiness, clock, logger);
        readiness.WaitFor(Waiting);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var fault = await FaultAsync(stoppingToken);
        for (var (pause, said) = (FirstPause, ""); fault is not null; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (fault != said)
            {
                LogDoesNotServe(said = fault);
            }

            await Task.Delay(pause, _clock, stoppingToken);
            fault = await FaultAsync(stoppingToken);
            if (fault is null)
            {
                LogServes();
            }
        }

        _readiness.Reached(Waiting);
    }

    private async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _store.CheckAsync(cancellationToken);
            return null;
        }
        catch (ObjectStoreException exception)
        {
            return exception.Message;
        }
    }

    [LoggerMessage(521, LogLevel.Warning, "{Fault}; trying again until it serves")]
    private partial void LogDoesNotServe(string fault);

    [LoggerMessage(522, LogLevel.Information, "the object store serves")]
    private partial void LogServes();
}
