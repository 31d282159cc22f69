namespace ModelGarden.Identity.Keys;

/// <summary>Has the keys there before the service starts, then sees every minute to their rotation and to those that other replicas made.</summary>
internal sealed partial class KeyKeeper(KeyStore store, KeyRing ring, OutsideKeys outside, TimeProvider clock, ILogger<KeyKeeper> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    public Task StartingAsync(CancellationToken cancellationToken) => KeepAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await KeepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        ring.Hold(await store.KeepAsync(cancellationToken));
        await outside.KeepAsync(cancellationToken);
    }

    [LoggerMessage(2002, LogLevel.Warning, "the signing keys could not be looked after, the present ones stay in use, next try in a minute")]
    private partial void LogFailed(Exception exception);
}
