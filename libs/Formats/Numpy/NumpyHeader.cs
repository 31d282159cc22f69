using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Numpy;

/// <summary>What an array's header says, when it says it as NumPy itself does.</summary>
/// <param name="HasObjects">The elements are a pickle.</param>
/// <param name="Bytes">Those of all elements, when they are none.</param>
internal sealed partial record NumpyHeader(bool HasObjects, long Bytes)
{
    public static bool Begins(ReadOnlySpan<byte> head) => head is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..];

    // NumPy evaluates the header as Python, where keys and types can be spelled, doubled and put together in many ways: only its own spelling is taken for
    // what it says, and any other gives nothing.
    public static NumpyHeader? Parse(ReadOnlySpan<byte> text)
    {
        if (Dictionary().Match(Encoding.Latin1.GetString(text)) is not { Success: true } match || Elements(match) is not { } count)
        {
            return null;
        }

        var fields = match.Groups["type"] is { Success: true } one ? [(Type: one.Value, Shape: "")] : Fields(match);
        if (fields.Any(field => NumpyRules.IsObject(field.Type)))
        {
            return new(true, 0);
        }

        var width = (Int128)0;
        foreach (var (type, shape) in fields)
        {
            if (NumpyRules.ItemSize(type) is not { } size || Elements(shape) is not { } repeated)
            {
                return null;
            }

            width += (Int128)size * repeated;
        }

        return width * count is var bytes && bytes <= long.MaxValue ? new(false, (long)bytes) : null;
    }

    private static List<(string Type, string Shape)> Fields(Match match)
    {
        var (types, shapes) = (match.Groups["fieldType"].Captures, match.Groups["fieldShape"].Captures);
        return [.. types.Select((type, index) => (type.Value, shapes[index].Value))];
    }

    private static long? Elements(Match match) => Elements(match.Groups["shape"].Value);

    private static long? Elements(string shape)
    {
        var sizes = Number().Matches(shape).Select(number => long.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1).ToArray();
        return Tally.Elements(sizes);
    }

    [GeneratedRegex("""\A\s*\{\s*'descr':\s*(?:'(?<type>[^'\\]*)'|\[(?:\('[^'\\]*',\s*'(?<fieldType>[^'\\]*)'(?<fieldShape>(?:,\s*\((?:\d+L?(?:,\s*\d+L?)*,?)?\))?)\)(?:,\s*|(?=\])))+\]),\s*'fortran_order':\s*(?:True|False),\s*'shape':\s*\((?<shape>(?:\d+L?(?:,\s*\d+L?)*,?)?)\),?\s*\}\s*\z""")]
    private static partial Regex Dictionary();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
