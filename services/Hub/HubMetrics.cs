using System.Diagnostics.Metrics;

namespace ModelGarden.Hub;

/// <summary>What an operator needs to know of the Hub.</summary>
internal sealed class HubMetrics : IDisposable
{
    public const string Name = "ModelGarden.Hub";
    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;

    public HubMetrics()
    {
        _requests = _meter.CreateCounter<long>("garden.hub.requests", "{request}", "requests of the Hugging Face protocol, by operation and status");
        _refused = _meter.CreateCounter<long>("garden.hub.downloads.refused", "{request}", "downloads that Entitlement refused, by the rule that decided");
        _dropped = _meter.CreateCounter<long>("garden.hub.downloads.dropped", "{request}", "downloads that are not counted, since more than fit wait to be told to Catalog");
    }

    public void Served(string operation, int status) => _requests.Add(1, new("operation", operation), new("status", status));

    public void Refused(string rule) => _refused.Add(1, new KeyValuePair<string, object?>("rule", rule));

    public void DownloadDropped() => _dropped.Add(1);

    public void Dispose() => _meter.Dispose();
}
