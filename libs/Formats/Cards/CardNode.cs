using System.Globalization;
using System.Text.Json.Nodes;

namespace ModelGarden.Formats.Cards;

/// <summary>A value of the front matter with its place in the file. An alias is the node it stands for, once more.</summary>
public abstract record CardNode(int Line, int Column)
{
    public abstract JsonNode? ToJson();
}

public sealed record CardScalar(int Line, int Column, string Text, bool IsPlain) : CardNode(Line, Column)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    public bool? Truth => !IsPlain ? null : Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    // YAML 1.2's core types. Not YAML 1.1's, to which Norwegian ('no') is a falsehood.
    public override JsonNode? ToJson()
    {
        if (IsNull)
        {
            return null;
        }

        if (Truth is { } truth)
        {
            return truth;
        }

        const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return !IsPlain || Text is not [(>= '0' and <= '9') or '-' or '+' or '.', ..] ? Text
            : long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : double.TryParse(Text, Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : Text;
    }
}

public sealed record CardList(int Line, int Column, IReadOnlyList<CardNode> Items) : CardNode(Line, Column)
{
    public override JsonNode ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

public sealed record CardMap(int Line, int Column, IReadOnlyList<KeyValuePair<CardScalar, CardNode>> Entries) : CardNode(Line, Column)
{
    public CardNode? Find(string key)
    {
        foreach (var (name, value) in Entries)
        {
            if (name.Text == key)
            {
                return value;
            }
        }

        return null;
    }

    public override JsonNode ToJson()
    {
        var json = new JsonObject();
        foreach (var (key, value) in Entries)
        {
            json[key.Text] = value.ToJson();
        }

        return json;
    }
}
