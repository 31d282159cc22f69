using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ModelGarden.Hosting.Telemetry;

/// <summary>
/// What this process measures, gathered from the meters of the garden, of ASP.NET Core, of HTTP clients and of the runtime. One a process,
/// however many hosts run in it; bounded, whatever the tags.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    private const int MaximumFamilies = 1000;
    private static readonly Lazy<MetricsCollector> Instance = new(() => new());
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<object, string> _services = [];
    private readonly Lock _scrape = new();
    private long _failedObservations;

    public MetricsCollector()
    {
        _listener.InstrumentPublished = Bind;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>The process's own; listens from the first time that it is asked for.</summary>
    public static MetricsCollector Shared => Instance.Value;

    /// <summary>Measurements of meters that this factory makes from now on belong to a service: they carry its name.</summary>
    public void Name(IMeterFactory factory, string service) => _services.AddOrUpdate(factory, service);

    /// <summary>Everything measured, in Prometheus' text format.</summary>
    public string Scrape()
    {
        lock (_scrape)
        {
            var families = _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal).ToList();
            families.ForEach(family => family.BeginObservation());
            Observe();
            var dropped = families.Sum(family => family.Dropped);
            return PrometheusText.Write(families, dropped, _failedObservations);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsOfInterest(string meter) =>
        meter.StartsWith("ModelGarden.", StringComparison.Ordinal)
        || meter is "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel" or "System.Net.Http" or "System.Runtime";

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => ((InstrumentBinding)state!).Record(value, tags);

    private void Bind(Instrument instrument, MeterListener listener)
    {
        if (!IsOfInterest(instrument.Meter.Name) || MetricKind.Of(instrument) is not { } kind || _families.Count >= MaximumFamilies)
        {
            return;
        }

        var family = _families.GetOrAdd(PrometheusNames.Family(instrument, kind.Type), name => MetricFamily.Of(name, instrument, kind));
        // A family has one type: a second instrument of the same name and another type has no place in it.
        if (family.Kind == kind)
        {
            listener.EnableMeasurementEvents(instrument, new InstrumentBinding(family, ServiceOf(instrument.Meter)));
        }
    }

    private string? ServiceOf(Meter meter) => meter.Scope is { } scope && _services.TryGetValue(scope, out var service) ? service : null;

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException exception)
        {
            // Observers that threw, after all others were asked: what they would have told is missing, and that is told.
            _failedObservations += exception.InnerExceptions.Count;
        }
    }
}
