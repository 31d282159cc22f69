using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Webhooks;

/// <summary>Webhooks in the protocol's words; what only this garden knows stands under <c>garden</c>, and deliveries are in words of our own.</summary>
internal static class WebhookJson
{
    private static readonly (WatchedType Type, string Word)[] Types =
        [(WatchedType.User, "user"), (WatchedType.Organization, "org"), (WatchedType.Model, "model"), (WatchedType.Dataset, "dataset"), (WatchedType.App, "space")];

    private static readonly (WebhookDomain Domain, string Word)[] AllDomains = [(WebhookDomain.Repository, "repo"), (WebhookDomain.Discussion, "discussion")];

    public static WatchedItem Watched(JsonFields item) => new()
    {
        Name = item.Text("name"),
        Type = Types.FirstOrDefault(one => one.Word == item.Text("type")) is { Word: not null } found
            ? found.Type
            : throw item.Bad("type", $"is '{Text.Shorten(item.Text("type"))}': one of {string.Join(", ", Types.Select(one => one.Word))} is expected"),
    };

    /// <summary>Which are wanted; none: the usual ones.</summary>
    public static IEnumerable<WebhookDomain> Domains(JsonFields body) => body.Texts("domains").Select(word =>
        AllDomains.FirstOrDefault(one => one.Word == word) is { Word: not null } found
            ? found.Domain
            : throw body.Bad("domains", $"has '{Text.Shorten(word)}': {string.Join(" and ", AllDomains.Select(one => one.Word))} are served"));

    public static JsonObject Of(Webhook webhook) => new()
    {
        ["id"] = webhook.Id,
        ["url"] = webhook.Url,
        ["watched"] = new JsonArray([.. webhook.Watched.Select(item => new JsonObject { ["type"] = Types.First(one => one.Type == item.Type).Word, ["name"] = item.Name })]),
        ["domains"] = new JsonArray([.. webhook.Domains.Select(domain => (JsonNode)AllDomains.First(one => one.Domain == domain).Word)]),
        ["secret"] = webhook.Secret,
        ["disabled"] = webhook.Disabled,
        ["garden"] = new JsonObject
        {
            ["disabledReason"] = webhook.DisabledReason.Length > 0 ? webhook.DisabledReason : null,
            ["failingSince"] = webhook.FailingSince.ToWire(),
            ["createdAt"] = webhook.CreatedAt.ToWire(),
        },
    };

    public static JsonObject Of(Delivery delivery) => new()
    {
        ["id"] = delivery.Id,
        ["event"] = new JsonObject { ["action"] = delivery.Action, ["scope"] = delivery.Scope },
        ["repo"] = new JsonObject { ["type"] = Kinds.ToBody(delivery.Repository.Kind), ["name"] = delivery.Repository.Name },
        ["status"] = delivery.Status.ToString().ToLowerInvariant(),
        ["attempts"] = delivery.Attempts,
        ["createdAt"] = delivery.CreatedAt.ToWire(),
        ["attemptedAt"] = delivery.AttemptedAt.ToWire(),
        ["nextAttemptAt"] = delivery.NextAttemptAt.ToWire(),
        ["responseCode"] = delivery.ResponseCode > 0 ? delivery.ResponseCode : null,
        ["outcome"] = delivery.Outcome,
        ["response"] = delivery.Response,
        ["durationMs"] = delivery.DurationMs,
    };
}
