using Grpc.Core;
using ModelGarden.Catalog.Webhooks;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Catalog;

/// <summary>Whom accounts want to be told of what happens.</summary>
internal sealed partial class CatalogService
{
    public override async Task<Webhook> CreateWebhook(CreateWebhookRequest request, ServerCallContext context)
    {
        request.Domains.ToList().ForEach(Known);
        return (await webhooks.CreateAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        return await WebhookReading.ListAsync(database, context.GetCaller(), context.CancellationToken);
    }

    public override async Task<Webhook> GetWebhook(GetWebhookRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var found = (await WebhookReading.FindAsync(database.Webhooks, request.Id, context.GetCaller(), context.CancellationToken)).OrThrow();
        return await WebhookReading.DescribeAsync(database, found, context.GetCaller(), context.CancellationToken);
    }

    public override async Task<Webhook> UpdateWebhook(UpdateWebhookRequest request, ServerCallContext context)
    {
        request.Domains.ToList().ForEach(Known);
        return (await webhooks.UpdateAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
    }

    public override async Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context)
    {
        (await webhooks.DeleteAsync(request.Id, context.GetCaller(), context.CancellationToken)).OrThrow();
        return new();
    }

    public override async Task<Webhook> SetWebhookDisabled(SetWebhookDisabledRequest request, ServerCallContext context) =>
        (await webhooks.SetDisabledAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();

    public override async Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        await using var database = await OpenAsync(context);
        var webhook = (await WebhookReading.FindAsync(database.Webhooks, request.WebhookId, context.GetCaller(), context.CancellationToken)).OrThrow();
        return (await WebhookReading.ListDeliveriesAsync(database, webhook, request, context.CancellationToken)).OrThrow();
    }

    public override async Task<Delivery> Redeliver(RedeliverRequest request, ServerCallContext context) =>
        (await webhooks.RedeliverAsync(request, context.GetCaller(), context.CancellationToken)).OrThrow();
}
