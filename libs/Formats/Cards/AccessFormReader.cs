using ModelGarden.Kernel;

namespace ModelGarden.Formats.Cards;

/// <summary>Reads the <c>extra_gated_…</c> fields.</summary>
internal static class AccessFormReader
{
    // Far beyond what anybody fills in.
    private const int MaximumFields = 50;
    private const int MaximumOptions = 300;
    private const int MaximumName = 200;

    private static readonly string[] Types = ["text", "checkbox", "date_picker", "country", "ip_location", "select"];

    public static AccessForm? Read(CardFields card) => !card.All().Any(field => field.Key.StartsWith("extra_gated_", StringComparison.Ordinal)) ? null : new()
    {
        Heading = card.Text("extra_gated_heading"),
        Prompt = card.Text("extra_gated_prompt"),
        Description = card.Text("extra_gated_description"),
        ButtonContent = card.Text("extra_gated_button_content"),
        EuDisallowed = card.Flag("extra_gated_eu_disallowed"),
        Fields = card.Inside("extra_gated_fields") is { } fields ? ReadFields(card, fields) : [],
    };

    private static List<AccessField> ReadFields(CardFields card, CardFields fields)
    {
        var read = fields.All().Take(MaximumFields).Select(field => ReadField(fields, field.Key, field.Value)).OfType<AccessField>().ToList();
        if (fields.All().Skip(MaximumFields).Any())
        {
            card.Error("extra_gated_fields", $"has more than {MaximumFields} fields");
        }

        return read;
    }

    private static AccessField? ReadField(CardFields fields, string name, CardNode value)
    {
        if (name.Length is 0 or > MaximumName)
        {
            fields.Error(name, $"a field's name has 1 to {MaximumName} characters, this one has {name.Length}");
            return null;
        }

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

        var options = type == "select" ? ReadOptions(fields, name, value) : [];
        return options is null ? null : new(name, type, options);
    }

    private static List<AccessOption>? ReadOptions(CardFields fields, string name, CardNode value)
    {
        if (value is not CardMap map || map.Find("options") is not CardList { Items.Count: > 0 } list)
        {
            fields.Error(name, "a select needs options");
            return null;
        }

        var options = list.Items.Take(MaximumOptions).Select(ReadOption).ToList();
        if (list.Items.Count > MaximumOptions || options.Contains(null))
        {
            fields.Inside(name)!.Error("options", options.Contains(null) ? "each is to be text, or a mapping with label and value" : $"are more than {MaximumOptions}");
            return null;
        }

        return [.. options.OfType<AccessOption>()];
    }

    private static AccessOption? ReadOption(CardNode node) => node switch
    {
        CardScalar scalar => new(scalar.Text, scalar.Text),
        CardMap map when map.Find("label") is CardScalar label => new(label.Text, (map.Find("value") as CardScalar)?.Text ?? label.Text),
        _ => null,
    };
}
