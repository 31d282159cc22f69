using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>One metric: a name, a type and a bounded number of series.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, double[] bounds)
{
    private const int MaximumSeries = 1000;
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];
    private static readonly double[] Bytes = [.. Enumerable.Range(0, 9).Select(i => Math.Pow(8, i) * 1024)];
    private static readonly double[] Others = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _dropped;

    public string Name => name;

    public string Help => help;

    public MetricKind Kind => kind;

    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>In the order of their labels.</summary>
    public IReadOnlyList<(string Labels, MetricSeries Series)> Series =>
        [.. _series.OrderBy(series => series.Key, StringComparer.Ordinal).Select(series => (series.Key, series.Value))];

    /// <summary>Measurements that had no place any more.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public static MetricFamily Of(string name, Instrument instrument, MetricKind kind) => new(
        name,
        instrument.Description is { Length: > 0 } description ? description : $"{instrument.Name} of {instrument.Meter.Name}",
        kind,
        kind.Type is MetricType.Histogram ? BoundsOf(instrument) : []);

    /// <summary>The series of these labels, made if there is room for it; null: there is none.</summary>
    public MetricSeries? Find(string labels)
    {
        if (_series.TryGetValue(labels, out var known))
        {
            return known;
        }

        lock (_gate)
        {
            return _series.Count < MaximumSeries ? _series.GetOrAdd(labels, _ => new(kind, bounds)) : null;
        }
    }

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void BeginObservation()
    {
        if (kind.IsObserved)
        {
            foreach (var series in _series.Values)
            {
                series.Forget();
            }
        }
    }

    private static double[] BoundsOf(Instrument instrument) => Advised(instrument) ?? instrument.Unit switch
    {
        "s" => Seconds,
        "By" => Bytes,
        _ => Others,
    };

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Order()],
        Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Order().Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Order().Select(bound => (double)bound)],
        _ => null,
    };
}
