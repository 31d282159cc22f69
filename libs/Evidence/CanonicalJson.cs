using System.Globalization;
using System.Text;

namespace ModelGarden.Evidence;

/// <summary>
/// A flat JSON object of texts and whole numbers in the one form of RFC 8785 (keys sorted, no white space, the fewest escapes), so
/// that anyone with any such library computes the same bytes.
/// </summary>
public static class CanonicalJson
{
    public static string Write(IEnumerable<(string Name, object Value)> members)
    {
        var json = new StringBuilder("{");
        foreach (var (name, value) in members.OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            Quote(json.Length > 1 ? json.Append(',') : json, name).Append(':');
            _ = value switch
            {
                string text => Quote(json, text),
                int number => json.Append(number.ToString(CultureInfo.InvariantCulture)),
                long number => json.Append(number.ToString(CultureInfo.InvariantCulture)),
                bool flag => json.Append(flag ? "true" : "false"),
                _ => throw new ArgumentException($"{name} is neither a text, a whole number nor a truth value", nameof(members)),
            };
        }

        return json.Append('}').ToString();
    }

    /// <summary>A text as it stands in such an object, with its quotation marks.</summary>
    public static string Quote(string text) => Quote(new(), text).ToString();

    private static StringBuilder Quote(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => json.Append(c),
            };
        }

        return json.Append('"');
    }
}
