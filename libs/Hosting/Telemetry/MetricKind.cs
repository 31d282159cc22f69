using System.Diagnostics.Metrics;

namespace ModelGarden.Hosting.Telemetry;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>How an instrument's measurements become a metric.</summary>
/// <param name="Type">As Prometheus calls it.</param>
/// <param name="IsObserved">Told whole at each scrape, not as it happens.</param>
/// <param name="IsSum">Measurements of one series add up; else the last one counts.</param>
internal sealed record MetricKind(MetricType Type, bool IsObserved, bool IsSum)
{
    private static readonly Dictionary<Type, MetricKind> Kinds = new()
    {
        [typeof(Counter<>)] = new(MetricType.Counter, false, true),
        [typeof(UpDownCounter<>)] = new(MetricType.Gauge, false, true),
        [typeof(Gauge<>)] = new(MetricType.Gauge, false, false),
        [typeof(Histogram<>)] = new(MetricType.Histogram, false, true),
        [typeof(ObservableCounter<>)] = new(MetricType.Counter, true, true),
        [typeof(ObservableUpDownCounter<>)] = new(MetricType.Gauge, true, true),
        [typeof(ObservableGauge<>)] = new(MetricType.Gauge, true, false),
    };

    /// <summary>Null for an instrument of a make that is not known.</summary>
    public static MetricKind? Of(Instrument instrument)
    {
        for (var type = instrument.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && Kinds.TryGetValue(type.GetGenericTypeDefinition(), out var kind))
            {
                return kind;
            }
        }

        return null;
    }
}
