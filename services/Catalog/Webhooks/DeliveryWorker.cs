using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Waiting;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>
/// Sends what waits: at once what happens in this process, within seconds what other replicas wrote down. So many webhooks have a turn at a time, one after the other, that one whose receiver hangs keeps a place for
/// seconds and nobody else waiting for it.
/// </summary>
internal sealed partial class DeliveryWorker(
    IDbContextFactory<CatalogDbContext> contexts,
    EventSpreader spreader,
    DeliveryQueue queue,
    DeliverySender sender,
    MakerStanding standing,
    DeliveryBell bell,
    CatalogMetrics metrics,
    TimeProvider clock,
    ILogger<DeliveryWorker> logger) : BackgroundService
{
    private const int Turns = 32;
    private const int DeliveriesOfATurn = 20;

    /// <summary>How often it is looked for what nobody has rung for.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    // Together with one attempt far below the lease.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(30);
    private static readonly GrowingPause Pause = new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(6));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var turns = new HashSet<Task>();
        try
        {
            while (true)
            {
                var rung = bell.Rung;
                turns.RemoveWhere(turn => turn.IsCompleted);
                foreach (var webhook in await NextAsync(Turns - turns.Count, stoppingToken))
                {
                    turns.Add(TakeTurnAsync(webhook, stoppingToken));
                }

                await rung.WithinAsync(Look, clock, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(turns);
        }
    }

    private async Task<IReadOnlyList<StoredWebhook>> NextAsync(int most, CancellationToken cancellationToken)
    {
        try
        {
            await spreader.SpreadAsync(cancellationToken);
            return most > 0 ? await queue.ClaimAsync(most, cancellationToken) : [];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopped(exception, Look);
            return [];
        }
    }

    /// <summary>Never throws: a turn that breaks off is over when its time is, and what was not kept is sent again.</summary>
    private async Task TakeTurnAsync(StoredWebhook webhook, CancellationToken cancellationToken)
    {
        try
        {
            // What was sent is kept, and the turn ended, although the service stops meanwhile: others would send it again.
            await queue.ReleaseAsync(webhook, await SendDueAsync(webhook, cancellationToken), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogFailed(exception, webhook.Id, DeliveryQueue.Lease);
        }

        bell.Ring();
    }

    /// <summary>When it is to be tried again at the earliest; null: whenever something is due.</summary>
    private async Task<DateTimeOffset?> SendDueAsync(StoredWebhook webhook, CancellationToken cancellationToken)
    {
        if (await StandingAsync(webhook, cancellationToken) is not { } isStanding)
        {
            return queue.Now + AskAgain;
        }

        var began = clock.GetTimestamp();
        foreach (var delivery in isStanding ? await queue.DueAsync(webhook, DeliveriesOfATurn, CancellationToken.None) : [])
        {
            // One that fails ends the turn: the next may hang as long, and others wait.
            if (cancellationToken.IsCancellationRequested || !await DeliverAsync(webhook, delivery, cancellationToken) || clock.GetElapsedTime(began) > LongestTurn)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Whether the account is still to be told anything; null: it cannot be known now.</summary>
    private async Task<bool?> StandingAsync(StoredWebhook webhook, CancellationToken cancellationToken)
    {
        try
        {
            if (await standing.FaultAsync(webhook, cancellationToken) is not { } fault)
            {
                return true;
            }

            await queue.DisableAsync(webhook.Id, fault, CancellationToken.None);
            LogDisabled(webhook.Id, webhook.Account, fault);
            return false;
        }
        catch (ErrorException exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnknown(webhook.Id, AskAgain, exception.Message);
            return null;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The service stops: whatever the call says to that, nothing is known.
            return null;
        }
    }

    /// <summary>True: it is over, and not because it failed.</summary>
    private async Task<bool> DeliverAsync(StoredWebhook webhook, StoredDelivery delivery, CancellationToken cancellationToken)
    {
        // Not as it was when the turn began: it may have been changed, disabled or deleted since, or the turn be another's by now.
        if (await queue.HeldAsync(webhook) is not { } current)
        {
            return false;
        }

        var (attempts, due) = (delivery.Attempts, delivery.DueAt);
        if (await BodyAsync(current, delivery) is not { } body)
        {
            (delivery.Status, delivery.DueAt, delivery.Outcome) = (DeliveryStatus.Withheld, null, "not sent: you may not see any more what it would have told of");
        }
        else if (await sender.SendAsync(current, delivery.Id, body, cancellationToken) is { } attempt)
        {
            Take(delivery, attempt);
        }
        else
        {
            return false;
        }

        await queue.KeepAsync(delivery, attempts, due, CancellationToken.None);
        metrics.Delivered(delivery.Status);
        if (delivery.Status is DeliveryStatus.Failed)
        {
            await DisableIfFailingAsync(delivery);
        }

        return delivery.Status is DeliveryStatus.Delivered or DeliveryStatus.Withheld;
    }

    private async Task<byte[]?> BodyAsync(StoredWebhook webhook, StoredDelivery delivery)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        // One whose webhook was deleted a moment ago may be gone with it.
        return await context.WebhookEvents.SingleOrDefaultAsync(row => row.Id == delivery.EventId, CancellationToken.None) is { } row
            ? (await EventView.OfAsync(context, row, CancellationToken.None)).For(webhook)
            : null;
    }

    private void Take(StoredDelivery delivery, Attempt attempt)
    {
        var now = queue.Now;
        delivery.Attempts++;
        delivery.Failures += attempt.Arrived ? 0 : 1;
        (delivery.AttemptedAt, delivery.ResponseCode, delivery.Outcome, delivery.Response, delivery.Duration) =
            (now, attempt.Code, attempt.Outcome, attempt.Response, (long)attempt.Duration.TotalMilliseconds);
        (delivery.Status, delivery.DueAt) = attempt.Arrived ? (DeliveryStatus.Delivered, null)
            : delivery.Failures >= WebhookLimits.Attempts ? (DeliveryStatus.Failed, (DateTimeOffset?)null)
            : (DeliveryStatus.Waiting, now + Pause.After(delivery.Failures));
    }

    private async Task DisableIfFailingAsync(StoredDelivery delivery)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        var since = await context.Webhooks.Where(row => row.Id == delivery.WebhookId).Select(row => row.FailingSince).SingleOrDefaultAsync(CancellationToken.None);
        if (since <= queue.Now - WebhookLimits.Failing)
        {
            var reason = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"nothing has arrived since {since:yyyy-MM-dd HH:mm} UTC: {delivery.Outcome}");
            await queue.DisableAsync(delivery.WebhookId, reason, CancellationToken.None);
            LogDisabled(delivery.WebhookId, "its receiver", reason);
        }
    }

    [LoggerMessage(501, LogLevel.Error, "webhook deliveries cannot be looked for, next try in {Pause}")]
    private partial void LogStopped(Exception exception, TimeSpan pause);

    [LoggerMessage(502, LogLevel.Error, "a turn of webhook {Webhook} broke off, it goes on in {Pause}")]
    private partial void LogFailed(Exception exception, string webhook, TimeSpan pause);

    [LoggerMessage(503, LogLevel.Information, "webhook {Webhook} was disabled for {Whom}: {Reason}")]
    private partial void LogDisabled(string webhook, string whom, string reason);

    [LoggerMessage(504, LogLevel.Warning, "nothing is sent to webhook {Webhook} for {Pause}, for it is not known whether its account is still there: {Reason}")]
    private partial void LogUnknown(string webhook, TimeSpan pause, string reason);
}
