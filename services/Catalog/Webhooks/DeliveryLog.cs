using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Looks after what is kept of deliveries: forgets what is old or too much, and tells the operator how much waits.</summary>
internal sealed partial class DeliveryLog(IDbContextFactory<CatalogDbContext> contexts, CatalogMetrics metrics, TimeProvider clock, ILogger<DeliveryLog> logger) : BackgroundService
{
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pause, clock, LookAfterAsync, exception => LogFailed(exception, Pause), stoppingToken);

    private async Task LookAfterAsync(CancellationToken cancellationToken)
    {
        await MeasureAsync(cancellationToken);
        await TrimAsync(cancellationToken);
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var waiting = context.WebhookDeliveries.Where(row => row.DueAt != null);
        metrics.Waiting(await waiting.CountAsync(cancellationToken), await waiting.MinAsync(row => (DateTimeOffset?)row.CreatedAt, cancellationToken));
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var over = context.WebhookDeliveries.Where(row => row.DueAt == null);
        var oldest = clock.GetStoredNow() - WebhookLimits.LogAge;
        var forgotten = await over.Where(row => row.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        foreach (var id in await over.GroupBy(row => row.WebhookId).Where(group => group.Count() > WebhookLimits.Log).Select(group => group.Key).ToListAsync(cancellationToken))
        {
            var first = await over.Where(row => row.WebhookId == id).OrderByDescending(row => row.EventId).Skip(WebhookLimits.Log - 1).Select(row => row.EventId).FirstAsync(cancellationToken);
            forgotten += await over.Where(row => row.WebhookId == id && row.EventId < first).ExecuteDeleteAsync(cancellationToken);
        }

        await context.WebhookEvents.Where(row => row.IsSpread && !context.WebhookDeliveries.Any(delivery => delivery.EventId == row.Id)).ExecuteDeleteAsync(cancellationToken);
        LogForgotten(forgotten);
    }

    [LoggerMessage(511, LogLevel.Debug, "forgot {Count} deliveries of webhooks")]
    private partial void LogForgotten(int count);

    [LoggerMessage(512, LogLevel.Warning, "deliveries of webhooks could not be looked after, next try in {Pause}")]
    private partial void LogFailed(Exception exception, TimeSpan pause);
}
