using System.Diagnostics.Metrics;

namespace ModelGarden.Catalog;

/// <summary>What an operator wants to know of this service.</summary>
internal sealed class CatalogMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Catalog");
    private readonly Counter<long> _commits;
    private readonly Histogram<double> _commitDuration;
    private readonly Counter<long> _pushes;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _steps;

    public CatalogMetrics()
    {
        _commits = _meter.CreateCounter<long>("garden.catalog.commits", "{commit}", "Commits made");
        _commitDuration = _meter.CreateHistogram<double>("garden.catalog.commit.duration", "s", "Time from a commit's request to its answer, refused ones included");
        _pushes = _meter.CreateCounter<long>("garden.catalog.pushes", "{push}", "Pushes of git taken; their commits count as commits");
        _lost = _meter.CreateCounter<long>("garden.catalog.changes.lost", "{change}", "Attempts to change a repository that another replica overtook");
        _steps = _meter.CreateCounter<long>("garden.catalog.lifecycle.steps", "{step}", "Lifecycle steps taken");
    }

    public void Committed(TimeSpan duration, bool isNew)
    {
        _commits.Add(isNew ? 1 : 0);
        _commitDuration.Record(duration.TotalSeconds);
    }

    public void Pushed(int commits)
    {
        _pushes.Add(1);
        _commits.Add(commits);
    }

    public void Lost() => _lost.Add(1);

    public void Stepped(LifecycleAction action) => _steps.Add(1, new KeyValuePair<string, object?>("action", Lifecycles.Life.Name(action)));

    public void Dispose() => _meter.Dispose();
}
