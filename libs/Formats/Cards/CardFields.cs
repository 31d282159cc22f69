using System.Text.Json.Nodes;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Cards;

/// <summary>Takes typed values out of a mapping of the front matter; what has another type becomes an issue, not a value.</summary>
internal sealed class CardFields(CardMap map, string path, List<CardIssue> issues)
{
    public bool Has(string key) => map.Find(key) is not (null or CardScalar { IsNull: true });

    public string? Text(string key)
    {
        var node = map.Find(key);
        if (node is not (null or CardScalar))
        {
            Error(key, "is to be text");
        }

        return node is CardScalar { IsNull: false } scalar ? scalar.Text : null;
    }

    /// <summary>The text, or an issue that the format requires it.</summary>
    public string? RequiredText(string key)
    {
        var text = Text(key);
        if (text is null && map.Find(key) is null or CardScalar)
        {
            Error(key, "is required");
        }

        return text;
    }

    /// <summary>A list of texts; one text alone is a list of one.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (map.Find(key))
        {
            case null or CardScalar { IsNull: true }:
                return [];
            case CardScalar scalar:
                return [scalar.Text];
            case CardList list when list.Items.All(item => item is CardScalar):
                return [.. list.Items.Cast<CardScalar>().Where(item => !item.IsNull).Select(item => item.Text)];
            default:
                Error(key, "is to be text or a list of texts");
                return [];
        }
    }

    public bool Flag(string key)
    {
        var node = map.Find(key);
        if (node is not (null or CardScalar { IsNull: true } or CardScalar { Truth: not null }))
        {
            Error(key, "is to be true or false");
        }

        return node is CardScalar { Truth: true };
    }

    public JsonNode? Json(string key) => map.Find(key)?.ToJson();

    /// <summary>The mapping in a field.</summary>
    public CardFields? Inside(string key)
    {
        switch (map.Find(key))
        {
            case CardMap inside:
                return new(inside, At(key), issues);
            case null or CardScalar { IsNull: true }:
                return null;
            default:
                Error(key, "is to be a mapping");
                return null;
        }
    }

    /// <summary>The mappings in a list.</summary>
    public IEnumerable<CardFields> Each(string key)
    {
        switch (map.Find(key))
        {
            case CardList list when list.Items.All(item => item is CardMap):
                return list.Items.Cast<CardMap>().Select((item, index) => new CardFields(item, $"{At(key)}[{index}]", issues));
            case null or CardScalar { IsNull: true }:
                return [];
            default:
                Error(key, "is to be a list of mappings");
                return [];
        }
    }

    /// <summary>The fields in the order written.</summary>
    public IEnumerable<(string Key, CardNode Value)> All() => map.Entries.Select(entry => (entry.Key.Text, entry.Value));

    public void Error(string key, string message) => Report(CardSeverity.Error, key, message);

    public void Warn(string key, string message) => Report(CardSeverity.Warning, key, message);

    private void Report(CardSeverity severity, string key, string message)
    {
        CardNode place = map.Find(key) ?? map;
        issues.Add(new(severity, place.Line, place.Column, At(key), message));
    }

    private string At(string key) => path.Length == 0 ? Kernel.Text.Shorten(key) : $"{path}.{Kernel.Text.Shorten(key)}";
}
