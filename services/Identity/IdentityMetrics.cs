using System.Diagnostics.Metrics;

namespace ModelGarden.Identity;

/// <summary>What an operator watches of this service.</summary>
internal sealed class IdentityMetrics : IDisposable
{
    private readonly Meter _meter = new("ModelGarden.Identity");
    private readonly Counter<long> _authentications;
    private readonly Counter<long> _signIns;
    private readonly Counter<long> _grants;
    private readonly Counter<long> _keys;
    private readonly Counter<long> _unrecorded;

    public IdentityMetrics()
    {
        _authentications = _meter.CreateCounter<long>("garden.identity.authentications", "{credential}", "Credentials looked at, by outcome: ok, session, anonymous, or the reason of the refusal");
        _signIns = _meter.CreateCounter<long>("garden.identity.signins", "{attempt}", "Tries to sign in, by outcome: ok, proved (a second factor, or a confirmation), or the reason of the refusal");
        _grants = _meter.CreateCounter<long>("garden.identity.oauth.requests", "{request}", "Requests of OAuth's token endpoint, by grant and outcome: ok, or OAuth's word for the refusal");
        _keys = _meter.CreateCounter<long>("garden.identity.keys.made", "{key}", "Signing keys that this replica made");
        _unrecorded = _meter.CreateCounter<long>("garden.identity.uses.dropped", "{use}", "Uses of tokens that were not recorded because too many tokens were in use");
    }

    public void Authenticated(string outcome) => _authentications.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void SignedIn(string outcome) => _signIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Granted(string grant, string outcome) => _grants.Add(1, new("grant", grant), new("outcome", outcome));

    public void KeyMade() => _keys.Add(1);

    public void UseDropped() => _unrecorded.Add(1);

    public void Dispose() => _meter.Dispose();
}
