using ModelGarden.Kernel;

namespace ModelGarden.Formats.Cards;

/// <summary>Reads the <c>extra_gated_…</c> fields.</summary>
internal static class AccessFormReader
{
    private static readonly string[] Types = ["text", "checkbox", "date_picker", "country", "ip_location", "select"];

    public static AccessForm? Read(CardFields card) => !card.All().Any(field => field.Key.StartsWith("extra_gated_", StringComparison.Ordinal)) ? null : new()
    {
        Heading = card.Text("extra_gated_heading"),
        Prompt = card.Text("extra_gated_prompt"),
        Description = card.Text("extra_gated_description"),
        ButtonContent = card.Text("extra_gated_button_content"),
        EuDisallowed = card.Flag("extra_gated_eu_disallowed"),
        Fields = card.Inside("extra_gated_fields") is { } fields ? [.. fields.All().Select(field => ReadField(fields, field.Key, field.Value)).OfType<AccessField>()] : [],
    };

    private static AccessField? ReadField(CardFields fields, string name, CardNode value)
    {
        var inside = value is CardMap ? fields.Inside(name) : null;
        var type = inside is null ? fields.Text(name) : inside.RequiredText("type");
        if (type is null)
        {
            return null;
        }

        if (!Types.Contains(type))
        {
            fields.Error(name, $"the type '{Text.Shorten(type)}' is none of {string.Join(", ", Types)}");
            return null;
        }

        var options = value is CardMap map && map.Find("options") is CardList list ? list.Items.Select(ReadOption).OfType<AccessOption>().ToList() : [];
        if (type == "select" && options.Count == 0)
        {
            fields.Error(name, "a select needs options");
            return null;
        }

        return new(name, type, options);
    }

    private static AccessOption? ReadOption(CardNode node) => node switch
    {
        CardScalar scalar => new(scalar.Text, scalar.Text),
        CardMap map when map.Find("label") is CardScalar label => new(label.Text, (map.Find("value") as CardScalar)?.Text ?? label.Text),
        _ => null,
    };
}
