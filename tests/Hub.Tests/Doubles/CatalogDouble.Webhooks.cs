using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Webhooks, of one account; nothing is sent.</summary>
public sealed partial class CatalogDouble
{
    public override Task<Webhook> CreateWebhook(CreateWebhookRequest request, ServerCallContext context)
    {
        store.Address = request.Address;
        var made = new Webhook
        {
            Id = IdOf(store.Webhooks.Count + 1), Url = request.Url, Watched = { request.Watched }, Domains = { request.Domains }, Secret = request.Secret.Length > 0 ? request.Secret : "made", CreatedAt = Then,
        };
        store.Webhooks.Add(made);
        return Task.FromResult(made);
    }

    public override Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) => Task.FromResult(new ListWebhooksResponse { Webhooks = { store.Webhooks } });

    public override Task<Webhook> GetWebhook(GetWebhookRequest request, ServerCallContext context) => Task.FromResult(Hook(request.Id));

    public override Task<Webhook> UpdateWebhook(UpdateWebhookRequest request, ServerCallContext context)
    {
        var hook = Hook(request.Id);
        hook.Url = request.Url.Length > 0 ? request.Url : hook.Url;
        hook.Secret = request.Secret.Length > 0 ? request.Secret : hook.Secret;
        if (request.Watched.Count > 0)
        {
            hook.Watched.Clear();
            hook.Watched.Add(request.Watched);
        }

        if (request.Domains.Count > 0)
        {
            hook.Domains.Clear();
            hook.Domains.Add(request.Domains);
        }

        return Task.FromResult(hook);
    }

    public override Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context)
    {
        store.Webhooks.Remove(Hook(request.Id));
        return Task.FromResult(new DeleteWebhookResponse());
    }

    public override Task<Webhook> SetWebhookDisabled(SetWebhookDisabledRequest request, ServerCallContext context)
    {
        var hook = Hook(request.Id);
        hook.Disabled = request.Disabled;
        return Task.FromResult(hook);
    }

    public override Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        Hook(request.WebhookId);
        var (page, next) = Page(store.Deliveries, request.PageToken, request.PageSize);
        return Task.FromResult(new ListDeliveriesResponse { Deliveries = { page }, NextPageToken = next });
    }

    public override Task<Delivery> Redeliver(RedeliverRequest request, ServerCallContext context)
    {
        Hook(request.WebhookId);
        var delivery = store.Deliveries.Find(one => one.Id == request.DeliveryId) ?? throw new ErrorException(Error.NotFound("DELIVERY_NOT_FOUND", $"there is no delivery '{request.DeliveryId}'"));
        return Task.FromResult(new Delivery(delivery) { Status = DeliveryStatus.Waiting, NextAttemptAt = Then });
    }

    private Webhook Hook(string id) => store.Webhooks.Find(one => one.Id == id) ?? throw new ErrorException(Error.NotFound("WEBHOOK_NOT_FOUND", $"there is no webhook '{id}' of yours"));
}
