using System.Diagnostics.Metrics;

namespace ModelGarden.Search;

/// <summary>Meter <c>ModelGarden.Search</c>.</summary>
internal sealed class SearchMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Search");
    private readonly Histogram<double> _duration;
    private readonly Gauge<long> _repositories;

    public SearchMetrics()
    {
        _duration = _meter.CreateHistogram<double>("search.query.duration", "s", "time to answer a query");
        _repositories = _meter.CreateGauge<long>("search.repositories", "{repository}", "repositories in the index");
    }

    public void Answered(TimeSpan elapsed) => _duration.Record(elapsed.TotalSeconds);

    public void Repositories(int count) => _repositories.Record(count);

    public void Dispose() => _meter.Dispose();
}
