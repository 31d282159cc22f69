using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Webhooks;

/// <summary>An account's webhooks; and, which is ours, the log of what was sent to them.</summary>
internal sealed class WebhookEndpoints(Garden garden) : IEndpoints
{
    private const int UsualPage = 50;
    private const int MaximumPage = 200;
    private const string Path = "/api/settings/webhooks";
    private const string One = Path + "/{id}";

    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", Path, ListAsync),
        new("POST", Path, CreateAsync),
        new("GET", One, ShowAsync),
        new("POST", One, UpdateAsync),
        new("DELETE", One, DeleteAsync),
        new("POST", One + "/enable", request => SetDisabledAsync(request, false)),
        new("POST", One + "/disable", request => SetDisabledAsync(request, true)),
        new("GET", One + "/deliveries", ListDeliveriesAsync),
        new("POST", One + "/deliveries/{delivery}/redeliver", RedeliverAsync),
    ];

    private async Task ListAsync(HubRequest request)
    {
        var found = await garden.Catalog.ListWebhooksAsync(new(), cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Webhooks.Select(WebhookJson.Of)]));
    }

    private async Task CreateAsync(HubRequest request)
    {
        var body = await BodyAsync(request);
        await AnswerAsync(request, await garden.Catalog.CreateWebhookAsync(
            new()
            {
                Url = body.Text("url"),
                Watched = { body.Objects("watched").Select(WebhookJson.Watched) },
                Domains = { WebhookJson.Domains(body) },
                Secret = body.OptionalText("secret") ?? "",
                Address = request.Address,
            },
            cancellationToken: request.Cancel));
    }

    private async Task ShowAsync(HubRequest request) =>
        await AnswerAsync(request, await garden.Catalog.GetWebhookAsync(new() { Id = request.Value("id") }, cancellationToken: request.Cancel));

    private async Task UpdateAsync(HubRequest request)
    {
        var body = await BodyAsync(request);
        await AnswerAsync(request, await garden.Catalog.UpdateWebhookAsync(
            new()
            {
                Id = request.Value("id"),
                Url = body.OptionalText("url") ?? "",
                Watched = { body.Objects("watched").Select(WebhookJson.Watched) },
                Domains = { WebhookJson.Domains(body) },
                Secret = body.OptionalText("secret") ?? "",
                Address = request.Address,
            },
            cancellationToken: request.Cancel));
    }

    private async Task DeleteAsync(HubRequest request)
    {
        await garden.Catalog.DeleteWebhookAsync(new() { Id = request.Value("id") }, cancellationToken: request.Cancel);
        await request.Http.WriteJsonAsync(new JsonObject { ["success"] = true });
    }

    private async Task SetDisabledAsync(HubRequest request, bool disabled) =>
        await AnswerAsync(request, await garden.Catalog.SetWebhookDisabledAsync(new() { Id = request.Value("id"), Disabled = disabled }, cancellationToken: request.Cancel));

    private async Task ListDeliveriesAsync(HubRequest request)
    {
        var found = await garden.Catalog.ListDeliveriesAsync(
            new() { WebhookId = request.Value("id"), PageSize = request.Limit(UsualPage, MaximumPage), PageToken = request.QueryText(Paging.Cursor) ?? "" }, cancellationToken: request.Cancel);
        request.LinkNext(found.NextPageToken);
        await request.Http.WriteJsonAsync(new JsonArray([.. found.Deliveries.Select(WebhookJson.Of)]));
    }

    private async Task RedeliverAsync(HubRequest request) => await request.Http.WriteJsonAsync(WebhookJson.Of(
        await garden.Catalog.RedeliverAsync(new() { WebhookId = request.Value("id"), DeliveryId = request.Value("delivery") }, cancellationToken: request.Cancel)));

    private static Task AnswerAsync(HubRequest request, Webhook webhook) => request.Http.WriteJsonAsync(new JsonObject { ["webhook"] = WebhookJson.Of(webhook) });

    /// <summary>The body, if it has nothing but what is served.</summary>
    private static async Task<JsonFields> BodyAsync(HubRequest request)
    {
        string[] fields = ["watched", "url", "domains", "secret"];
        var body = await request.Http.ReadJsonAsync();
        return body.FirstBeside(fields) is { } unknown ? throw body.Bad(Text.Shorten(unknown), $"is not served here: {string.Join(", ", fields)} are") : body;
    }
}
