using System.Diagnostics.Metrics;

namespace ModelGarden.Entitlement;

/// <summary>What an operator watches of this service.</summary>
internal sealed class EntitlementMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Entitlement");
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _audited;
    private readonly Counter<long> _usage;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _signed;

    public EntitlementMetrics()
    {
        _decisions = _meter.CreateCounter<long>("garden.entitlement.decisions", "{decision}", "Decisions by action and the rule that decided");
        _audited = _meter.CreateCounter<long>("garden.entitlement.audit.records", "{record}", "Records appended to the audit trail");
        _signed = _meter.CreateCounter<long>("garden.entitlement.statements", "{statement}", "Statements signed, by what they are of");
        _usage = _meter.CreateCounter<long>("garden.entitlement.usage.records", "{record}", "Usage records taken over, by whether they were new");
        _lost = _meter.CreateCounter<long>("garden.entitlement.decisions.lost", "{decision}", "Decisions that are not kept for replays of policies, since too many different ones are");
    }

    public void Decided(string action, string rule, long decisions = 1) => _decisions.Add(decisions, new("action", action), new KeyValuePair<string, object?>("rule", rule));

    public void Signed(string what) => _signed.Add(1, new KeyValuePair<string, object?>("what", what));

    public void Audited(int records) => _audited.Add(records);

    public void Used(int fresh, int known)
    {
        _usage.Add(fresh, new KeyValuePair<string, object?>("new", true));
        _usage.Add(known, new KeyValuePair<string, object?>("new", false));
    }

    public void Lost(long decisions) => _lost.Add(decisions);

    public void Dispose() => _meter.Dispose();
}
