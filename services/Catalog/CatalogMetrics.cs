using System.Diagnostics.Metrics;
using System.Text.Json;

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
    private readonly Counter<long> _reports;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _deliveries;
    private readonly TimeProvider _clock;
    private volatile Waits _waits = new(0, null);

    public CatalogMetrics(TimeProvider clock)
    {
        _clock = clock;
        _commits = _meter.CreateCounter<long>("garden.catalog.commits", "{commit}", "Commits made");
        _commitDuration = _meter.CreateHistogram<double>("garden.catalog.commit.duration", "s", "Time from a commit's request to its answer, refused ones included");
        _pushes = _meter.CreateCounter<long>("garden.catalog.pushes", "{push}", "Pushes of git taken; their commits count as commits");
        _lost = _meter.CreateCounter<long>("garden.catalog.changes.lost", "{change}", "Attempts to change a repository that another replica overtook");
        _steps = _meter.CreateCounter<long>("garden.catalog.lifecycle.steps", "{step}", "Lifecycle steps taken");
        _reports = _meter.CreateCounter<long>("garden.catalog.reports", "{report}", "Reports made, by category");
        _decisions = _meter.CreateCounter<long>("garden.catalog.reports.decided", "{report}", "Reports decided on one by one, or all of a repository, by outcome");
        _deliveries = _meter.CreateCounter<long>("garden.catalog.webhook.deliveries", "{attempt}", "Attempts to deliver to a webhook, and deliveries that were withheld, by outcome");
        _meter.CreateObservableGauge("garden.catalog.webhook.waiting", () => _waits.Count, "{delivery}", "Deliveries to webhooks that wait for their first attempt or another one");
        _meter.CreateObservableGauge("garden.catalog.webhook.oldest", OldestWait, "s", "How long ago the oldest event happened that a webhook still has to be told of");
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

    public void Reported(ReportCategory category) => _reports.Add(1, new KeyValuePair<string, object?>("category", Word(category)));

    public void Decided(ReportState state, int reports) => _decisions.Add(reports, new KeyValuePair<string, object?>("outcome", Word(state)));

    /// <summary>What became of a delivery: delivered, failed (to be tried again), given_up, withheld.</summary>
    public void Delivered(DeliveryStatus status) => _deliveries.Add(1, new KeyValuePair<string, object?>("outcome", status switch
    {
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.Failed => "given_up",
        DeliveryStatus.Withheld => "withheld",
        _ => "failed",
    }));

    /// <summary>How many deliveries wait, and when the event of the oldest one was; null: none waits.</summary>
    public void Waiting(int count, DateTimeOffset? oldest) => _waits = new(count, oldest);

    public void Dispose() => _meter.Dispose();

    // "PersonalData" is said "personal_data".
    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private double OldestWait() => _waits.Oldest is { } oldest ? Math.Max(0, (_clock.GetUtcNow() - oldest).TotalSeconds) : 0;

    private sealed record Waits(int Count, DateTimeOffset? Oldest);
}
