using Microsoft.EntityFrameworkCore;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>
/// Which webhooks have something to be sent, and who sends it. A turn is a webhook taken for a while by one replica: nobody else sends anything to it meanwhile, so that its events keep their order. A
/// replica that dies leaves the turn to others when its time is over. Everything that changes when something is due takes the webhook's row first.
/// </summary>
internal sealed class DeliveryQueue(IDbContextFactory<CatalogDbContext> contexts, TimeProvider clock)
{
    /// <summary>How long nobody else sends: far longer than a turn takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    // In whole milliseconds, as it is stored.
    public DateTimeOffset Now => clock.GetStoredNow();

    /// <summary>Takes webhooks that something is due for, those first that have waited longest for a turn. Once it has begun to take them it answers all that it took, for nobody else has them before the lease is over.</summary>
    public async Task<IReadOnlyList<StoredWebhook>> ClaimAsync(int most, CancellationToken cancellationToken)
    {
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var due = await context.Webhooks.Where(row => row.DueAt != null && row.DueAt <= now && row.ClaimedUntil <= now && !row.IsDisabled)
            .OrderBy(row => row.ClaimedUntil).ThenBy(row => row.Id).Take(most).Select(row => row.Id).ToListAsync(cancellationToken);
        var claim = Guid.NewGuid().ToString("n");
        foreach (var id in due)
        {
            // On the condition that nobody was quicker: one statement decides.
            await context.Webhooks.Where(row => row.Id == id && row.ClaimedUntil <= now && !row.IsDisabled)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.ClaimedUntil, now + Lease).SetProperty(row => row.Claim, claim), CancellationToken.None);
        }

        return due.Count is 0 ? [] : await context.Webhooks.Where(row => due.Contains(row.Id) && row.Claim == claim).ToListAsync(CancellationToken.None);
    }

    /// <summary>Ends a turn, if it is still the holder's: what waits is due when it says, and not before then if that is given.</summary>
    public async Task ReleaseAsync(StoredWebhook webhook, DateTimeOffset? notBefore, CancellationToken cancellationToken) => await contexts.TransactAsync(
        async (context, transaction) =>
        {
            var now = Now;
            // The row first, then in another statement what waits: what is added meanwhile is either seen, or says itself that it is due.
            if (await context.Webhooks.Where(row => row.Id == webhook.Id && row.Claim == webhook.Claim)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.ClaimedUntil, now).SetProperty(row => row.Claim, ""), cancellationToken) is 1)
            {
                var first = await context.WebhookDeliveries.Where(row => row.WebhookId == webhook.Id && row.DueAt != null).MinAsync(row => row.DueAt, cancellationToken);
                var due = first < notBefore ? notBefore : first;
                await context.Webhooks.Where(row => row.Id == webhook.Id).ExecuteUpdateAsync(
                    update => update.SetProperty(row => row.DueAt, due).SetProperty(row => row.WaitingMost, row => due == null ? 0 : row.WaitingMost), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>
    /// One more of a webhook's deliveries is due now; false: it is disabled, or gone, or so many wait that it is disabled now. Only where that many may wait are they counted. In a transaction.
    /// </summary>
    public static async Task<bool> AwaitAsync(CatalogDbContext context, string webhookId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var enabled = context.Webhooks.Where(row => row.Id == webhookId && !row.IsDisabled);
        return await AddAsync() || (await CountAsync(context, webhookId, enabled, cancellationToken) && await AddAsync());

        async Task<bool> AddAsync() => await enabled.Where(row => row.WaitingMost < WebhookLimits.Waiting).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.DueAt, row => row.DueAt != null && row.DueAt < now ? row.DueAt : now).SetProperty(row => row.WaitingMost, row => row.WaitingMost + 1),
            cancellationToken) is 1;
    }

    /// <summary>Counts what waits for a webhook, and disables it if that is too much. The row first, so that nobody adds any meanwhile; false: it is disabled, or gone.</summary>
    private static async Task<bool> CountAsync(CatalogDbContext context, string webhookId, IQueryable<StoredWebhook> enabled, CancellationToken cancellationToken)
    {
        if (await enabled.ExecuteUpdateAsync(update => update.SetProperty(row => row.WaitingMost, WebhookLimits.Waiting), cancellationToken) is 0)
        {
            return false;
        }

        var waiting = await context.WebhookDeliveries.CountAsync(row => row.WebhookId == webhookId && row.DueAt != null, cancellationToken);
        if (waiting >= WebhookLimits.Waiting)
        {
            await DisableAsync(context, webhookId, $"more than {WebhookLimits.Waiting} deliveries waited for it: its receiver does not keep up", cancellationToken);
            return false;
        }

        await enabled.ExecuteUpdateAsync(update => update.SetProperty(row => row.WaitingMost, waiting), cancellationToken);
        return true;
    }

    /// <summary>What waits, and is due, in the order of the events.</summary>
    public async Task<List<StoredDelivery>> DueAsync(StoredWebhook webhook, int most, CancellationToken cancellationToken)
    {
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.WebhookDeliveries.Where(row => row.WebhookId == webhook.Id && row.DueAt != null && row.DueAt <= now).OrderBy(row => row.EventId).Take(most).ToListAsync(cancellationToken);
    }

    /// <summary>Disables a webhook; what waits for it is dropped. In a transaction.</summary>
    public static async Task DisableAsync(CatalogDbContext context, string webhookId, string reason, CancellationToken cancellationToken)
    {
        await context.Webhooks.Where(row => row.Id == webhookId).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.IsDisabled, true).SetProperty(row => row.DisabledReason, reason).SetProperty(row => row.DueAt, (DateTimeOffset?)null).SetProperty(row => row.WaitingMost, 0), cancellationToken);
        await context.WebhookDeliveries.Where(row => row.WebhookId == webhookId && row.DueAt != null).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.Status, DeliveryStatus.Dropped).SetProperty(row => row.DueAt, (DateTimeOffset?)null).SetProperty(row => row.Outcome, "not sent: the webhook was disabled"),
            cancellationToken);
    }

    /// <summary>Disables a webhook for a reason that is not its account's, unless that has done it before.</summary>
    public Task DisableAsync(string webhookId, string reason, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            if (await context.Webhooks.AnyAsync(row => row.Id == webhookId && !row.IsDisabled, cancellationToken))
            {
                await DisableAsync(context, webhookId, reason, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>A webhook as it is now; null: it is disabled or gone, or the turn is not the holder's any more.</summary>
    public async Task<StoredWebhook?> HeldAsync(StoredWebhook webhook)
    {
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        return await context.Webhooks.SingleOrDefaultAsync(row => row.Id == webhook.Id && row.Claim == webhook.Claim && row.ClaimedUntil > now && !row.IsDisabled, CancellationToken.None);
    }

    /// <summary>Keeps what became of a delivery, unless another attempt was counted meanwhile, and since when the webhook is failing. Where it was decided otherwise meanwhile that it is to be sent, or not, that stands.</summary>
    public Task KeepAsync(StoredDelivery delivery, int attemptsBefore, DateTimeOffset? dueBefore, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var (isAttempt, arrived) = (delivery.Attempts > attemptsBefore, delivery.Status is DeliveryStatus.Delivered);
            await context.Webhooks.Where(row => row.Id == delivery.WebhookId).ExecuteUpdateAsync(
                update => update.SetProperty(row => row.FailingSince, row => !isAttempt ? row.FailingSince : arrived ? null : row.FailingSince ?? delivery.AttemptedAt), cancellationToken);
            var rows = context.WebhookDeliveries.Where(row => row.Id == delivery.Id && row.Attempts == attemptsBefore);
            await rows.Where(row => row.Status == DeliveryStatus.Waiting && row.DueAt == dueBefore).ExecuteUpdateAsync(
                update => update.SetProperty(row => row.Status, delivery.Status).SetProperty(row => row.Failures, delivery.Failures).SetProperty(row => row.DueAt, delivery.DueAt), cancellationToken);
            await rows.ExecuteUpdateAsync(
                update => update.SetProperty(row => row.Attempts, delivery.Attempts).SetProperty(row => row.AttemptedAt, delivery.AttemptedAt).SetProperty(row => row.ResponseCode, delivery.ResponseCode)
                    .SetProperty(row => row.Outcome, delivery.Outcome).SetProperty(row => row.Response, delivery.Response).SetProperty(row => row.Duration, delivery.Duration),
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        },
        cancellationToken);
}
