using System.Globalization;
using System.Text;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>Writes Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families, long dropped, long failedObservations)
    {
        var text = new StringBuilder(32 << 10);
        foreach (var family in families)
        {
            Write(text, family);
        }

        Header(text, "garden_metrics_dropped_total", "Measurements without a place: their metric had as many series as it may have.", MetricType.Counter);
        Line(text, "garden_metrics_dropped_total", "", dropped);
        Header(text, "garden_metrics_failed_observations_total", "Observers that threw when they were asked for their metric.", MetricType.Counter);
        Line(text, "garden_metrics_failed_observations_total", "", failedObservations);
        return text.ToString();
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        var series = family.Series.Select(one => (one.Labels, Read: one.Series.Read())).Where(one => one.Read is not null).ToList();
        if (series.Count is 0)
        {
            return;
        }

        Header(text, family.Name, family.Help, family.Kind.Type);
        foreach (var (labels, read) in series)
        {
            if (family.Kind.Type is MetricType.Histogram)
            {
                Histogram(text, family, labels, read!.Value);
            }
            else
            {
                Line(text, family.Name, labels, read!.Value.Value);
            }
        }
    }

    private static void Header(StringBuilder text, string name, string help, MetricType type)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(PrometheusNames.EscapeHelp(help)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
    }

    private static void Histogram(StringBuilder text, MetricFamily family, string labels, (double Sum, long[] Buckets) read)
    {
        var separator = labels.Length > 0 ? "," : "";
        var count = 0L;
        foreach (var (i, inBucket) in read.Buckets.Index())
        {
            count += inBucket;
            var bound = i < family.Bounds.Count ? family.Bounds[i] : double.PositiveInfinity;
            Line(text, $"{family.Name}_bucket", $"{labels}{separator}le=\"{PrometheusNames.Number(bound)}\"", count);
        }

        Line(text, $"{family.Name}_sum", labels, read.Sum);
        Line(text, $"{family.Name}_count", labels, count);
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(CultureInfo.InvariantCulture, $" {PrometheusNames.Number(value)}\n");
    }
}
