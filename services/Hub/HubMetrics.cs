using System.Diagnostics.Metrics;

namespace ModelGarden.Hub;

/// <summary>What an operator needs to know of the Hub.</summary>
internal sealed class HubMetrics : IDisposable
{
    public const string Name = "ModelGarden.Hub";
    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _refused;

    public HubMetrics()
    {
        _requests = _meter.CreateCounter<long>("garden.hub.requests", "{request}", "requests of the Hugging Face protocol, by operation and status");
        _refused = _meter.CreateCounter<long>("garden.hub.downloads.refused", "{request}", "downloads that Entitlement refused, by the rule that decided");
    }

    public void Served(string operation, int status) => _requests.Add(1, new("operation", operation), new("status", status));

    public void Refused(string rule) => _refused.Add(1, new KeyValuePair<string, object?>("rule", rule));

    public void Dispose() => _meter.Dispose();
}
