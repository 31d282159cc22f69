using System.Globalization;
using System.Text;

namespace ModelGarden.Cli.Output;

/// <summary>Values as people read them, and strangers' text as a terminal may be given it.</summary>
internal static class Plain
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Without what moves a cursor, sets a title or turns the reading direction; line ends and tabs stay.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(NeedsCare))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            clean.Append(NeedsCare(c) ? '\uFFFD' : c);
        }

        return clean.ToString();
    }

    public static string Size(long bytes)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++)
        {
            value /= 1000;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit is 0 || value >= 99.95 ? $"{value:0}" : $"{value:0.#}")} {Units[unit]}");
    }

    /// <summary>Such as 1.2M or 7B.</summary>
    public static string Count(long count) => count switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.#}B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.#}M"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.#}K"),
        _ => Number(count),
    };

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Time(Google.Protobuf.WellKnownTypes.Timestamp? time) =>
        time is null ? "" : time.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string ShortCommit(string commit) => commit.Length > 12 ? commit[..12] : commit;

    /// <summary>An enum's value without its type's name: <c>IN_REVIEW</c> → in review.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static bool NeedsCare(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
