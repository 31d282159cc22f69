using System.Text.Json;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Wire;

/// <summary>A JSON object of a stranger's: every field is taken as what it must be, or refused by name.</summary>
/// <param name="Element">An object.</param>
/// <param name="Where">Stands before a field's name in errors, such as <c>line 3: </c>.</param>
internal readonly record struct JsonFields(JsonElement Element, string Where)
{
    public string Text(string name) => OptionalText(name) is { Length: > 0 } text ? text : throw Bad(name, "is missing or empty");

    public string? OptionalText(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.String ? TextOf(value, name)
        : throw Bad(name, "is not a string");

    public bool? OptionalFlag(string name) => Find(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(name, "is not true or false"),
    };

    public long? OptionalNumber(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number
        : throw Bad(name, "is not a whole number of 0 or more");

    public long Number(string name) => OptionalNumber(name) ?? throw Bad(name, "is missing");

    public JsonFields Object(string name) => Find(name) is { ValueKind: JsonValueKind.Object } value
        ? new(value, $"{Where}{name}.")
        : throw Bad(name, "is missing or not an object");

    /// <summary>The objects of a list; an absent list is empty.</summary>
    public IReadOnlyList<JsonFields> Objects(string name)
    {
        var (fields, where) = (new List<JsonFields>(), Where);
        foreach (var (item, i) in Items(name).Select((item, i) => (item, i)))
        {
            fields.Add(item.ValueKind is JsonValueKind.Object
                ? new(item, $"{where}{name}[{i}].")
                : throw Bad($"{name}[{i}]", "is not an object"));
        }

        return fields;
    }

    /// <summary>The strings of a list; an absent list is empty.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var (item, i) in Items(name).Select((item, i) => (item, i)))
        {
            texts.Add(item.ValueKind is JsonValueKind.String ? TextOf(item, name) : throw Bad($"{name}[{i}]", "is not a string"));
        }

        return texts;
    }

    public bool Has(string name) => Find(name) is not null;

    public JsonElement? Find(string name)
    {
        var element = Element;
        return Decoded(name, () => element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : (JsonElement?)null);
    }

    public byte[]? OptionalBase64(string name)
    {
        var value = Find(name);
        return value is null ? null
            : value is { ValueKind: JsonValueKind.String } text ? Decoded(name, () => text.TryGetBytesFromBase64(out var bytes) ? bytes : null) ?? throw Bad(name, "is not base64")
            : throw Bad(name, "is not a string");
    }

    /// <summary>Of all fields, each once.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = new List<string>();
        foreach (var field in Element.EnumerateObject())
        {
            names.Add(Decoded("a field's name", () => field.Name));
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The first field that is none of these.</summary>
    public string? FirstBeside(params ReadOnlySpan<string> known)
    {
        foreach (var field in Element.EnumerateObject())
        {
            var name = Decoded("a field's name", () => field.Name);
            if (!known.Contains(name))
            {
                return name;
            }
        }

        return null;
    }

    public ErrorException Bad(string name, string fault) => new(Error.Invalid("BAD_FIELD", $"{Where}{name} {fault}"));

    private JsonElement.ArrayEnumerator Items(string name) => Find(name) switch
    {
        null => default,
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        _ => throw Bad(name, "is not a list"),
    };

    private string TextOf(JsonElement value, string name) => Decoded(name, () => value.GetString()!) is var text && !text.Contains('\0', StringComparison.Ordinal)
        ? text
        : throw Bad(name, "has a zero character");

    // Half a surrogate pair, escaped, and broken UTF-8 are JSON strings and yet no text.
    private T Decoded<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Bad(name, "is not valid unicode");
        }
    }
}
