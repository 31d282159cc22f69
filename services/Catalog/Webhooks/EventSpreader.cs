using Microsoft.EntityFrameworkCore;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>
/// Makes deliveries of events: for each webhook that watches what it happened to, if its account may see it. In the order of the events, one replica at a time, so many webhooks in one transaction; the
/// event's row keeps how far that has come, so that whoever goes on tells each of them once.
/// </summary>
internal sealed class EventSpreader(IDbContextFactory<CatalogDbContext> contexts, TimeProvider clock)
{
    private const int AtOnce = 50;
    private const string DeliveryPrefix = "msg_";

    /// <summary>Until none is left that was there at the beginning.</summary>
    public async Task SpreadAsync(CancellationToken cancellationToken)
    {
        while (await IsAnyAsync(cancellationToken) && await SpreadSomeAsync(cancellationToken))
        {
        }
    }

    private async Task<bool> IsAnyAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.WebhookEvents.AnyAsync(row => !row.IsSpread, cancellationToken);
    }

    /// <summary>To the end of the transaction nobody else spreads events.</summary>
    public static Task TakeTurnAsync(CatalogDbContext context, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"UPDATE webhook_spreading SET turns = turns + 1 WHERE id = 1", cancellationToken);

    /// <summary>One transaction's worth of it; false: another replica did it.</summary>
    internal Task<bool> SpreadSomeAsync(CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await TakeTurnAsync(context, cancellationToken);
            var events = await context.WebhookEvents.AsTracking().Where(row => !row.IsSpread).OrderBy(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
            var left = WebhookLimits.SpreadAtOnce;
            for (var i = 0; i < events.Count && left > 0; i++)
            {
                left -= await SpreadAsync(context, events[i], left, cancellationToken);
                // Before the next one: what waits for a webhook is counted, and dropped, by what is written.
                await context.SaveChangesAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return events.Count > 0;
        },
        cancellationToken);

    /// <summary>Goes on with an event where that stands; how many webhooks were looked at.</summary>
    private async Task<int> SpreadAsync(CatalogDbContext context, StoredWebhookEvent row, int most, CancellationToken cancellationToken)
    {
        var (view, now) = (await EventView.OfAsync(context, row, cancellationToken), clock.GetStoredNow());
        var webhooks = await WatchersAsync(context, row, most + 1, cancellationToken);
        var isAnyTold = row.SpreadTo.Length > 0;
        foreach (var webhook in webhooks.Take(most))
        {
            row.SpreadTo = webhook.Id;
            if (view.IsTold(webhook) && await DeliveryQueue.AwaitAsync(context, webhook.Id, now, cancellationToken))
            {
                context.WebhookDeliveries.Add(Delivery(row, view.Event, webhook, now));
                isAnyTold = true;
            }
        }

        row.IsSpread = webhooks.Count <= most;
        if (row.IsSpread && !isAnyTold)
        {
            context.WebhookEvents.Remove(row);
        }

        return Math.Min(webhooks.Count, most);
    }

    /// <summary>In one order everywhere, for each of them is taken, and the event's row says how far.</summary>
    private static Task<List<StoredWebhook>> WatchersAsync(CatalogDbContext context, StoredWebhookEvent row, int most, CancellationToken cancellationToken)
    {
        var (targets, after) = (row.Targets.Split(' '), row.SpreadTo);
        return context.Webhooks
            .Where(webhook => string.Compare(webhook.Id, after) > 0 && !webhook.IsDisabled && (webhook.Domains & row.Domain) != 0 && context.WebhookWatches.Any(watch => watch.WebhookId == webhook.Id && targets.Contains(watch.Target)))
            .OrderBy(webhook => webhook.Id).Take(most).ToListAsync(cancellationToken);
    }

    private static StoredDelivery Delivery(StoredWebhookEvent row, RepositoryEvent one, StoredWebhook webhook, DateTimeOffset now) => new()
    {
        Id = DeliveryPrefix + Guid.NewGuid().ToString("n"),
        WebhookId = webhook.Id,
        EventId = row.Id,
        Scope = one.Scope,
        Action = one.Action,
        Repository = one.Repository.Name,
        Kind = one.Repository.Kind,
        CreatedAt = row.At,
        DueAt = now,
    };
}
