using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Shows accounts their own webhooks, and what became of what was sent.</summary>
internal static class WebhookReading
{
    private const int NormalPage = 50;
    private const int MaximumPage = 200;

    /// <summary>Those of the caller's.</summary>
    public static IQueryable<StoredWebhook> OwnedBy(this IQueryable<StoredWebhook> webhooks, Caller caller)
    {
        var (account, tenant) = (AccountKey.Of(caller.Principal.Name), caller.Principal.Tenant);
        return webhooks.Where(row => row.AccountKey == account && row.Tenant == tenant);
    }

    public static async Task<Result<StoredWebhook>> FindAsync(IQueryable<StoredWebhook> webhooks, string id, Caller caller, CancellationToken cancellationToken) =>
        id.Contains('\0', StringComparison.Ordinal) || await webhooks.OwnedBy(caller).SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } found ? NotFound(id) : found;

    public static async Task<ListWebhooksResponse> ListAsync(CatalogDbContext context, Caller caller, CancellationToken cancellationToken)
    {
        var rows = await context.Webhooks.OwnedBy(caller).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancellationToken);
        return new() { Webhooks = { await DescribeAsync(context, rows, caller, cancellationToken) } };
    }

    public static async Task<Webhook> DescribeAsync(CatalogDbContext context, StoredWebhook row, Caller caller, CancellationToken cancellationToken) =>
        (await DescribeAsync(context, [row], caller, cancellationToken))[0];

    public static async Task<Result<ListDeliveriesResponse>> ListDeliveriesAsync(CatalogDbContext context, StoredWebhook webhook, ListDeliveriesRequest request, CancellationToken cancellationToken)
    {
        var (size, after) = (PageToken.Size(request.PageSize, NormalPage, MaximumPage), PageToken.ReadPlace(request.PageToken));
        if ((size.Error ?? after.Error) is { } error)
        {
            return error;
        }

        var before = after.Value.Id.Length > 0 ? after.Value.Number : long.MaxValue;
        var rows = await context.WebhookDeliveries.Where(row => row.WebhookId == webhook.Id && row.EventId < before)
            .OrderByDescending(row => row.EventId).Take(size.Value + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size.Value).ToList();
        return new ListDeliveriesResponse
        {
            Deliveries = { page.Select(row => row.ToDelivery()) },
            NextPageToken = rows.Count > page.Count ? PageToken.Write(page[^1].EventId, page[^1].Id) : "",
        };
    }

    public static Error NotFound(string id) => Error.NotFound("WEBHOOK_NOT_FOUND", $"there is no webhook '{Text.Shorten(id)}' of yours");

    private static async Task<List<Webhook>> DescribeAsync(CatalogDbContext context, List<StoredWebhook> rows, Caller caller, CancellationToken cancellationToken)
    {
        var ids = rows.ConvertAll(row => row.Id);
        var watches = await context.WebhookWatches.Where(watch => ids.Contains(watch.WebhookId)).OrderBy(watch => watch.Place).ToListAsync(cancellationToken);
        var repositories = watches.Select(watch => EventTarget.RepositoryOf(watch.Target)).OfType<string>().Distinct().ToList();
        // Those that he still sees, under the names that they have now; of the others what he knows anyway.
        var names = await context.Repositories.Where(RepositoryDirectory.SeenBy(caller)).Where(row => repositories.Contains(row.Id))
            .ToDictionaryAsync(row => EventTarget.OfRepository(row.Id), row => row.Name, cancellationToken);
        var items = watches.ToLookup(watch => watch.WebhookId, watch => new WatchedItem { Type = watch.Type, Name = names.GetValueOrDefault(watch.Target, watch.Name) });
        return rows.ConvertAll(row => Describe(row, items[row.Id]));
    }

    private static Webhook Describe(StoredWebhook row, IEnumerable<WatchedItem> watched) => new()
    {
        Id = row.Id,
        Url = row.Url,
        Watched = { watched },
        Domains = { new[] { WebhookDomain.Repository, WebhookDomain.Discussion }.Where(domain => row.Domains.HasFlag(domain.ToEvents())) },
        Secret = row.Secret,
        Disabled = row.IsDisabled,
        DisabledReason = row.DisabledReason,
        FailingSince = row.FailingSince is { } since ? Timestamp.FromDateTimeOffset(since) : null,
        CreatedAt = Timestamp.FromDateTimeOffset(row.CreatedAt),
    };

    public static EventDomains ToEvents(this WebhookDomain domain) => domain switch
    {
        WebhookDomain.Repository => EventDomains.Repository,
        WebhookDomain.Discussion => EventDomains.Discussion,
        _ => EventDomains.All,
    };
}
