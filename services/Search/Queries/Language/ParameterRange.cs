using System.Globalization;
using System.Text.RegularExpressions;
using ModelGarden.Kernel;

namespace ModelGarden.Search.Queries.Language;

/// <summary>Bounds of a number of parameters as people write them: <c>&lt;8B</c>, <c>>=500M</c>, <c>1B..8B</c>; <c>7B</c> alone is all that rounds to it.</summary>
internal static partial class ParameterRange
{
    private const string Expected = "a number such as 7B, 1.5B, 500M or 125000000 is expected, or a range such as 1B..8B";

    /// <param name="bound">&lt; &lt;= &gt; &gt;= or =; empty: what is written after a colon.</param>
    /// <param name="value">One number, or two with <c>..</c> between, of which one may be missing.</param>
    public static Result<(long? Least, long? Most)> Read(string bound, string value)
    {
        if (bound is "" && value.Split("..") is [var low, var high])
        {
            return Between(low, high);
        }

        var number = Number.Read(value);
        return number is not { } written ? Error.Invalid("", Expected) : bound switch
        {
            "<" => (null, written.Exact - 1),
            "<=" => (null, written.Exact),
            ">" => (written.Exact + 1, null),
            ">=" => (written.Exact, null),
            "=" => (written.Exact, written.Exact),
            _ => (Math.Max(0, written.Exact - written.Half), written.Exact + written.Half - (written.Half > 0 ? 1 : 0)),
        };
    }

    private static Result<(long? Least, long? Most)> Between(string low, string high)
    {
        var (least, most) = (Number.Read(low), Number.Read(high));
        return (low.Length > 0 && least is null) || (high.Length > 0 && most is null) || (least is null && most is null) ? Error.Invalid("", Expected)
            : least?.Exact > most?.Exact ? Error.Invalid("", $"the range {Text.Shorten($"{low}..{high}")} ends before it begins")
            : (least?.Exact, most?.Exact);
    }

    /// <param name="Exact">What is written.</param>
    /// <param name="Half">Half of the last place that is written.</param>
    private readonly partial record struct Number(long Exact, long Half)
    {
        private const decimal Largest = 1_000_000_000_000_000_000m;

        public static Number? Read(string text)
        {
            if (Pattern.Match(text) is not { Success: true } match)
            {
                return null;
            }

            var unit = char.ToUpperInvariant(match.Groups["unit"].ValueSpan is [var letter] ? letter : ' ') switch { 'K' => 1_000m, 'M' => 1_000_000m, 'B' => 1_000_000_000m, 'T' => 1_000_000_000_000m, _ => 1m };
            var exact = decimal.Parse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * unit;
            var last = unit;
            for (var places = match.Groups["places"].Length; places > 0; places--)
            {
                last /= 10;
            }

            return exact <= Largest && exact == decimal.Truncate(exact) ? new((long)exact, (long)(last / 2)) : null;
        }

        [GeneratedRegex(@"\A(?<number>[0-9]{1,18}(\.(?<places>[0-9]{1,9}))?)(?<unit>[KMBTkmbt])?\z")]
        private static partial Regex Pattern { get; }
    }
}
