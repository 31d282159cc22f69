using System.Diagnostics.Metrics;

namespace ModelGarden.Rights.Local;

/// <summary>What an operator watches of decisions in the services that ask.</summary>
internal sealed class RightsMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Rights");
    private readonly Counter<long> _lost;

    public RightsMetrics()
    {
        Decisions = _meter.CreateCounter<long>("garden.rights.decisions", "{decision}", "Decisions that this service needed, by where they were made: here, or by Entitlement, which was asked");
        _lost = _meter.CreateCounter<long>("garden.rights.decisions.lost", "{decision}", "Decisions made here that Entitlement is not told of, since too many different ones were");
    }

    public Counter<long> Decisions { get; }

    public void Decided(string where) => Decisions.Add(1, new KeyValuePair<string, object?>("where", where));

    public void Lost(long decisions) => _lost.Add(decisions);

    public void Dispose() => _meter.Dispose();
}
