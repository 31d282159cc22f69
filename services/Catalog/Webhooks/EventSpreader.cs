using Microsoft.EntityFrameworkCore;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Makes deliveries of events: for each webhook that watches what it happened to, if its account may see it. In the order of the events, one replica at a time.</summary>
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

    /// <summary>False: another replica did it.</summary>
    private Task<bool> SpreadSomeAsync(CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await context.Database.ExecuteSqlAsync($"UPDATE webhook_spreading SET turns = turns + 1 WHERE id = 1", cancellationToken);
            var events = await context.WebhookEvents.AsTracking().Where(row => !row.IsSpread).OrderBy(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
            foreach (var row in events)
            {
                if (await SpreadAsync(context, row, cancellationToken))
                {
                    row.IsSpread = true;
                }
                else
                {
                    context.WebhookEvents.Remove(row);
                }
            }

            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return events.Count > 0;
        },
        cancellationToken);

    /// <summary>False: there is nobody to be told.</summary>
    private async Task<bool> SpreadAsync(CatalogDbContext context, StoredWebhookEvent row, CancellationToken cancellationToken)
    {
        var (targets, one) = (row.Targets.Split(' '), RepositoryEvent.FromJson(row.Content));
        // In one order everywhere, for each of them is taken.
        var webhooks = await context.Webhooks
            .Where(webhook => !webhook.IsDisabled && (webhook.Domains & row.Domain) != 0 && context.WebhookWatches.Any(watch => watch.WebhookId == webhook.Id && targets.Contains(watch.Target)))
            .OrderBy(webhook => webhook.Id).ToListAsync(cancellationToken);
        var (now, told) = (clock.GetStoredNow(), false);
        var view = await EventView.OfAsync(context, one, cancellationToken);
        foreach (var webhook in webhooks)
        {
            if (view.IsTold(webhook) && await DeliveryQueue.AwaitAsync(context, webhook.Id, now, cancellationToken))
            {
                context.WebhookDeliveries.Add(Delivery(row, one, webhook, now));
                told = true;
            }
        }

        return told;
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
