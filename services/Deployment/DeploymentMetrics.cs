using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment;

/// <summary>What an operator of endpoints looks at, as meter <c>ModelGarden.Deployment</c>.</summary>
internal sealed class DeploymentMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Deployment");
    private readonly ConcurrentDictionary<EndpointState, int> _states = new();
    private readonly Histogram<double> _starts;
    private readonly Counter<long> _failures;

    public DeploymentMetrics()
    {
        _meter.CreateObservableGauge("garden.deployment.endpoints", Count, "{endpoint}", "Endpoints by state");
        _starts = _meter.CreateHistogram<double>("garden.deployment.replica.start", "s", "Time from starting an engine to its being ready");
        _failures = _meter.CreateCounter<long>("garden.deployment.replica.failures", "{replica}", "Replicas that did not come up or did not stay up");
    }

    public void Appeared(EndpointState state) => _states.AddOrUpdate(state, 1, (_, count) => count + 1);

    public void Disappeared(EndpointState state) => _states.AddOrUpdate(state, 0, (_, count) => count - 1);

    public void Entered(EndpointState before, EndpointState after)
    {
        Disappeared(before);
        Appeared(after);
    }

    public void Started(string runtime, TimeSpan took) => _starts.Record(took.TotalSeconds, new KeyValuePair<string, object?>("runtime", runtime));

    public void Failed(string runtime) => _failures.Add(1, new KeyValuePair<string, object?>("runtime", runtime));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Count() =>
        _states.Select(pair => new Measurement<int>(pair.Value, new KeyValuePair<string, object?>("state", pair.Key.ToString().ToLowerInvariant())));
}
