using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Hub.Repositories;

/// <summary>What a card says that the protocol shows beside it: as the card has it, where it has the shape that clients read.</summary>
internal static class CardFields
{
    public const string ModelIndex = "model-index";
    public const string Widget = "widgetData";

    /// <summary>Stands before the sizes of data sets among their tags.</summary>
    public const string SizeCategories = "size_categories:";

    public static void Add(JsonObject json, RepositoryKind kind, DeclaredFacts declared, JsonObject? card)
    {
        switch (kind)
        {
            case RepositoryKind.Dataset:
                AddText(json, "description", Text(card, "description") is { Length: > 0 } told ? told : declared.Summary);
                AddText(json, "citation", Text(card, "citation"));
                AddText(json, "paperswithcode_id", Text(card, "paperswithcode_id"));
                break;
            case RepositoryKind.App:
                AddText(json, "sdk", Text(card, "sdk"));
                json["models"] = Texts(card, "models");
                json["datasets"] = Texts(card, "datasets");
                break;
            default:
                AddList(json, ModelIndex, card?["model-index"]);
                AddList(json, Widget, card?["widget"]);
                AddText(json, "mask_token", Text(card, "mask_token"));
                break;
        }
    }

    /// <summary>A text of the card; empty: it has none there.</summary>
    public static string Text(JsonObject? card, string field) => card?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static JsonArray Texts(JsonObject? card, string field) =>
        [.. (card?[field] as JsonArray ?? []).OfType<JsonValue>().Where(value => value.TryGetValue<string>(out _)).Select(value => value.DeepClone())];

    private static void AddText(JsonObject json, string name, string value)
    {
        if (value.Length > 0)
        {
            json[name] = value;
        }
    }

    private static void AddList(JsonObject json, string name, JsonNode? value)
    {
        if (value is JsonArray list)
        {
            json[name] = list.DeepClone();
        }
    }
}
