using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>
/// Names and labels as Prometheus writes them, by the rules of OpenTelemetry's compatibility specification: dots become underscores, the unit
/// and a counter's <c>_total</c> end the name.
/// </summary>
internal static class PrometheusNames
{
    private const int MaximumValue = 256;
    private const string ServiceLabel = "garden_service";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["min"] = "minutes",
        ["h"] = "hours",
        ["d"] = "days",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["By/s"] = "bytes_per_second",
        ["%"] = "percent",
        ["Cel"] = "celsius",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
    };

    public static string Family(Instrument instrument, MetricType type)
    {
        var name = Identifier(instrument.Name, ':');
        if (instrument.Unit is { } unit && Unit(unit, type) is { } suffix && !EndsWith(name, suffix))
        {
            name = $"{Without(name, "total")}_{suffix}";
        }

        return type is MetricType.Counter && !EndsWith(name, "total") ? $"{name}_total" : name;
    }

    /// <summary><c>a="1",b="2"</c>, in order of names; this text is what a series is known by.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags, string? service, MetricType type)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (service is not null)
        {
            labels[ServiceLabel] = service;
        }

        foreach (var (key, value) in tags)
        {
            var name = Label(key, type);
            var text = Text(value);
            // Two tags that become one label are joined, as the specification has it.
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        return string.Join(',', labels.Where(label => label.Value.Length > 0).Select(label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    /// <summary>Within a label's quotes.</summary>
    public static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>To the end of a HELP line.</summary>
    public static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string? Unit(string unit, MetricType type) => unit switch
    {
        // {requests} is a remark, not a unit; 1 is one only where a gauge shows a share.
        "" or ['{', ..] => null,
        "1" => type is MetricType.Gauge ? "ratio" : null,
        _ => Units.TryGetValue(unit, out var known) ? known : Identifier(unit, '_').Trim('_') is { Length: > 0 } other ? other : null,
    };

    private static string Label(string key, MetricType type) => Identifier(key, '_') switch
    {
        // The one name that a histogram's lines need for themselves.
        "le" when type is MetricType.Histogram => "le_",
        ['_', '_', .. var rest] => $"x__{rest}",
        var name => name,
    };

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        IFormattable number => Shorten(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => Shorten(value.ToString() ?? ""),
    };

    private static string Shorten(string text) => text.Length > MaximumValue ? Kernel.Text.Shorten(text, MaximumValue) : text;

    private static bool EndsWith(string name, string word) => name.EndsWith($"_{word}", StringComparison.Ordinal) || name == word;

    private static string Without(string name, string word) => EndsWith(name, word) && name != word ? name[..^(word.Length + 1)] : name;

    private static string Identifier(string text, char alsoAllowed)
    {
        var name = new StringBuilder(text.Length + 1);
        foreach (var c in text)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c == '_' || c == alsoAllowed ? c : '_');
        }

        return name.Length is 0 || char.IsAsciiDigit(name[0]) ? name.Insert(0, '_').ToString() : name.ToString();
    }
}
