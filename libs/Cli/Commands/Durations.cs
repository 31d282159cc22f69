using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelGarden.Cli.Commands;

/// <summary>Spans of time as people type them: <c>90s</c>, <c>15m</c>, <c>1h30m</c>, <c>7d</c>.</summary>
internal static partial class Durations
{
    public static Result<TimeSpan> Create(string? text)
    {
        var match = Pattern().Match(text ?? "");
        if (!match.Success || match.Length is 0)
        {
            return Error.Invalid("BAD_DURATION", $"'{Text.Shorten(text)}' is not a span of time: one such as 90s, 15m, 1h30m or 7d is expected");
        }

        return new TimeSpan(Part(match, "d"), Part(match, "h"), Part(match, "m"), Part(match, "s"));
    }

    /// <summary>When that was: a span before now, or a day such as 2026-11-01.</summary>
    public static Result<DateTimeOffset> CreateSince(string? text, TimeProvider clock)
    {
        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day))
        {
            return day;
        }

        return Create(text) is { Error: null } span
            ? clock.GetUtcNow() - span.Value
            : Error.Invalid("BAD_TIME", $"'{Text.Shorten(text)}' is no time: a span such as 7d, or a day such as 2026-11-01 is expected");
    }

    private static int Part(Match match, string name) => match.Groups[name] is { Success: true } part ? int.Parse(part.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A(?:(?<d>\d{1,5})d)?(?:(?<h>\d{1,6})h)?(?:(?<m>\d{1,7})m)?(?:(?<s>\d{1,8})s)?\z")]
    private static partial Regex Pattern();
}
