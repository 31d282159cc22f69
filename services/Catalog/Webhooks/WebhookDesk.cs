using System.Globalization;
using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Catalog.Collections;
using ModelGarden.Catalog.Repositories;
using ModelGarden.Hosting.Access;
using ModelGarden.Persistence;

namespace ModelGarden.Catalog.Webhooks;

/// <summary>Makes, changes and deletes an account's webhooks, one change at a time, and has deliveries sent again.</summary>
internal sealed class WebhookDesk(IDbContextFactory<CatalogDbContext> contexts, EventSpreader spreader, ReceiverAddresses addresses, DeliveryBell bell, TimeProvider clock)
{
    // In whole milliseconds, as it is stored.
    private DateTimeOffset Now => clock.GetStoredNow();

    public async Task<Result<Webhook>> CreateAsync(CreateWebhookRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var secret = request.Secret.Length > 0 ? request.Secret : WebhookSecret.New();
        if ((UrlFault(request.Url) ?? WebhookSecret.Fault(secret) ?? AddressFault(request.Address) ?? WatchedFault(request.Watched, 1)) is { } fault)
        {
            return fault;
        }

        // What has happened so far is not told to one that is made, or enabled, now.
        await spreader.SpreadAsync(cancellationToken);
        return await InTurnAsync<Webhook>(
            caller,
            async context =>
            {
                if (await context.Webhooks.OwnedBy(caller).CountAsync(cancellationToken) >= WebhookLimits.Webhooks)
                {
                    return Error.Exhausted("TOO_MANY_WEBHOOKS", $"{caller.Principal.Name} has {WebhookLimits.Webhooks} webhooks, which is as many as may be: delete one, or let one watch more");
                }

                var made = new StoredWebhook
                {
                    Id = CollectionSlug.NewId(),
                    Account = caller.Principal.Name,
                    AccountKey = AccountKey.Of(caller.Principal.Name),
                    Tenant = caller.Principal.Tenant,
                    Url = request.Url,
                    Secret = secret,
                    Address = request.Address,
                    Domains = DomainsOf(request.Domains, EventDomains.All),
                    CreatedAt = Now,
                };
                context.Webhooks.Add(made);
                await context.SaveChangesAsync(cancellationToken);
                return await WatchAsync(context, made, request.Watched, caller, cancellationToken) is { } unseen ? unseen : await WebhookReading.DescribeAsync(context, made, caller, cancellationToken);
            },
            cancellationToken);
    }

    public Task<Result<Webhook>> UpdateAsync(UpdateWebhookRequest request, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        request.Id,
        caller,
        async (context, row) =>
        {
            row.Url = request.Url.Length > 0 ? request.Url : row.Url;
            row.Secret = request.Secret.Length > 0 ? request.Secret : row.Secret;
            row.Address = request.Address.Length > 0 ? request.Address : row.Address;
            row.Domains = DomainsOf(request.Domains, row.Domains);
            if ((UrlFault(row.Url) ?? WebhookSecret.Fault(row.Secret) ?? AddressFault(row.Address) ?? WatchedFault(request.Watched, 0)) is { } fault)
            {
                return fault;
            }

            if (request.Watched.Count is 0)
            {
                return null;
            }

            await context.WebhookWatches.Where(watch => watch.WebhookId == row.Id).ExecuteDeleteAsync(cancellationToken);
            return await WatchAsync(context, row, request.Watched, caller, cancellationToken);
        },
        cancellationToken);

    public async Task<Result<Webhook>> SetDisabledAsync(SetWebhookDisabledRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (!request.Disabled)
        {
            await spreader.SpreadAsync(cancellationToken);
        }

        return await ChangeAsync(
            request.Id,
            caller,
            async (context, row) =>
            {
                if (request.Disabled)
                {
                    await DeliveryQueue.DisableAsync(context, row.Id, row.IsDisabled ? row.DisabledReason : "", cancellationToken);
                    await context.Entry(row).ReloadAsync(cancellationToken);
                }
                else
                {
                    (row.IsDisabled, row.DisabledReason, row.FailingSince) = (false, "", null);
                }

                return null;
            },
            cancellationToken);
    }

    public async Task<Result<string>> DeleteAsync(string id, Caller caller, CancellationToken cancellationToken) => await InTurnAsync<string>(
        caller,
        async context =>
        {
            var found = await WebhookReading.FindAsync(context.Webhooks, id, caller, cancellationToken);
            return found.Error is null && await context.Webhooks.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) is 1 ? id : WebhookReading.NotFound(id);
        },
        cancellationToken);

    public async Task<Result<Delivery>> RedeliverAsync(RedeliverRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var redelivered = await InTurnAsync<Delivery>(
            caller,
            async context =>
            {
                var webhook = await WebhookReading.FindAsync(context.Webhooks, request.WebhookId, caller, cancellationToken);
                if (webhook.Error is { } missing)
                {
                    return missing;
                }

                var now = Now;
                // First, and with it the webhook's row: whatever it is disabled by waits.
                if (!await DeliveryQueue.AwaitAsync(context, webhook.Value.Id, now, cancellationToken))
                {
                    return Error.Conflict("WEBHOOK_DISABLED", $"webhook {webhook.Value.Id} is disabled, or so much waits for it that it is about to be: see to its receiver, and enable it first");
                }

                var delivery = request.DeliveryId.Contains('\0', StringComparison.Ordinal) ? null
                    : await context.WebhookDeliveries.AsTracking().SingleOrDefaultAsync(row => row.WebhookId == webhook.Value.Id && row.Id == request.DeliveryId, cancellationToken);
                if (delivery is null)
                {
                    return Error.NotFound("DELIVERY_NOT_FOUND", $"there is no delivery '{Text.Shorten(request.DeliveryId)}' of webhook {webhook.Value.Id}, or not any more");
                }

                if (await RedeliveryFaultAsync(context, webhook.Value.Id, now, cancellationToken) is { } tooMany)
                {
                    return tooMany;
                }

                (delivery.Status, delivery.Failures, delivery.DueAt) = (DeliveryStatus.Waiting, 0, now);
                await context.SaveChangesAsync(cancellationToken);
                return delivery.ToDelivery();
            },
            cancellationToken);
        bell.Ring();
        return redelivered;
    }

    /// <summary>Why nothing of a webhook's is sent again by hand now; null: it is, and counted. In the transaction that has taken its row.</summary>
    private static async Task<Error?> RedeliveryFaultAsync(CatalogDbContext context, string webhookId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = context.Webhooks.Where(row => row.Id == webhookId);
        var until = await row.Select(row => row.RedeliveriesUntil).SingleAsync(cancellationToken);
        var next = (until > now ? until : now) + WebhookLimits.RedeliveryPause;
        if (next - (WebhookLimits.Redeliveries * WebhookLimits.RedeliveryPause) is var from && from > now)
        {
            return Error.Exhausted(
                "TOO_MANY_REDELIVERIES",
                string.Create(CultureInfo.InvariantCulture, $"{WebhookLimits.Redeliveries} deliveries of a webhook are sent again at once, and then one each {WebhookLimits.RedeliveryPause.TotalSeconds} seconds: ask again at {from:yyyy-MM-dd HH:mm:ss} UTC"));
        }

        await row.ExecuteUpdateAsync(update => update.SetProperty(row => row.RedeliveriesUntil, next), cancellationToken);
        return null;
    }

    /// <summary>Replaces what a webhook watches; an error: a repository is not there, or none that its account may see.</summary>
    private static async Task<Error?> WatchAsync(CatalogDbContext context, StoredWebhook webhook, RepeatedField<WatchedItem> watched, Caller caller, CancellationToken cancellationToken)
    {
        foreach (var (place, item) in watched.Index())
        {
            var target = await TargetOfAsync(context, item, caller, cancellationToken);
            if (target.Error is { } error)
            {
                return error with { Message = $"watched[{place}]: {error.Message}" };
            }

            context.WebhookWatches.Add(new() { WebhookId = webhook.Id, Place = place, Type = item.Type, Name = item.Name, Target = target.Value });
        }

        await context.SaveChangesAsync(cancellationToken);
        return null;
    }

    private static async Task<Result<string>> TargetOfAsync(CatalogDbContext context, WatchedItem item, Caller caller, CancellationToken cancellationToken)
    {
        if (item.Type is WatchedType.User or WatchedType.Organization)
        {
            // To the protocol an account is a namespace as well; here only tenants have one.
            var isOwn = item.Type is WatchedType.User && string.Equals(item.Name, caller.Principal.Name, StringComparison.OrdinalIgnoreCase);
            var name = TenantName.Create(isOwn ? caller.Principal.Tenant : item.Name);
            return name.Error is { } bad ? bad : EventTarget.OfNamespace(name.Value.Value);
        }

        var repository = RepositoryName.Create(item.Name);
        var found = repository.Error is { } fault ? fault : await RepositoryFinder.FindAsync(context, repository.Value, KindOf(item.Type), caller, cancellationToken);
        return found.Error is { } missing ? missing : EventTarget.OfRepository(found.Value.Id);
    }

    private static RepositoryKind KindOf(WatchedType type) => type switch
    {
        WatchedType.Dataset => RepositoryKind.Dataset,
        WatchedType.App => RepositoryKind.App,
        _ => RepositoryKind.Model,
    };

    private static EventDomains DomainsOf(RepeatedField<WebhookDomain> domains, EventDomains otherwise) =>
        domains.Count is 0 ? otherwise : domains.Aggregate(EventDomains.None, (all, domain) => all | domain.ToEvents());

    private Error? UrlFault(string url) => url.Length is 0 or > WebhookLimits.Url || url.Any(char.IsControl) || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.Host.Length is 0
            ? Error.Invalid("BAD_URL", $"url is '{Text.Shorten(url)}': an http or https address of at most {WebhookLimits.Url} characters is expected")
        : parsed.UserInfo.Length > 0 ? Error.Invalid("BAD_URL", "url has a user or a password in it: deliveries are signed with the secret instead")
        : System.Net.IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var literal) && addresses.Fault(literal) is { } fault ? Error.Invalid("BAD_URL", $"url: '{parsed.Host}' {fault}")
        : null;

    private static Error? AddressFault(string address) => address.Length <= WebhookLimits.Url && !address.Any(char.IsControl) && Uri.TryCreate(address, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && !address.EndsWith('/')
        ? null
        : Error.Invalid("BAD_ADDRESS", $"address is '{Text.Shorten(address)}': where this garden is reached is expected, such as https://garden.example.com");

    private static Error? WatchedFault(RepeatedField<WatchedItem> watched, int least) =>
        watched.Count < least || watched.Count > WebhookLimits.Watched ? Error.Invalid("BAD_WATCHED", $"watched has {watched.Count} items: 1 to {WebhookLimits.Watched} are expected")
        : watched.FirstOrDefault(item => item.Type is WatchedType.Unspecified || !System.Enum.IsDefined(item.Type)) is { } bad ? Error.Invalid("BAD_WATCHED", $"watched has an item '{Text.Shorten(bad.Name)}' of no type")
        : null;

    private async Task<Result<Webhook>> ChangeAsync(string id, Caller caller, Func<CatalogDbContext, StoredWebhook, Task<Error?>> change, CancellationToken cancellationToken) => await InTurnAsync<Webhook>(
        caller,
        async context =>
        {
            var row = await WebhookReading.FindAsync(context.Webhooks.AsTracking(), id, caller, cancellationToken);
            if ((row.Error ?? await change(context, row.Value)) is { } fault)
            {
                return fault;
            }

            await context.SaveChangesAsync(cancellationToken);
            return await WebhookReading.DescribeAsync(context, row.Value, caller, cancellationToken);
        },
        cancellationToken);

    /// <summary>Has a change made when it is this account's turn, and keeps it if it answers a value.</summary>
    private Task<Result<T>> InTurnAsync<T>(Caller caller, Func<CatalogDbContext, Task<Result<T>>> change, CancellationToken cancellationToken)
        where T : notnull => contexts.DecideAsync(
            async context =>
            {
                var account = AccountKey.Of(caller.Principal.Name);
                await context.Database.ExecuteSqlAsync(
                    $"INSERT INTO webhook_owners (account, changes) VALUES ({account}, 1) ON CONFLICT (account) DO UPDATE SET changes = webhook_owners.changes + 1", cancellationToken);
                return await change(context);
            },
            cancellationToken);
}
