using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Rights.Local;

/// <summary>
/// All of Entitlement's feed that decisions depend on, kept small: names once, an acceptance or an access in a few numbers, a policy as its text until somebody is decided on by it. Changes come from one
/// thread, questions from any.
/// </summary>
internal sealed class RightsBook
{
    // Of an acceptance for all of an organisation.
    private const int Everybody = -1;
    private readonly Lock _turn = new();
    private readonly NameTable _names = new();
    private readonly Dictionary<int, LicenseTerms> _licenses = [];
    private readonly Dictionary<(int Tenant, int License, int Account), KeptText> _accepted = [];

    // Of the text before: of those alone who accepted the one behind it while its grace lasts.
    private readonly Dictionary<(int Tenant, int License, int Account), KeptText> _acceptedBefore = [];
    private readonly Dictionary<(int Repository, int Account), KeptAccess> _accesses = [];
    private readonly Dictionary<string, Lazy<StandingPolicy?>> _policies = new(StringComparer.OrdinalIgnoreCase);
    private readonly ContractShelf _contracts = new();
    private readonly HashSet<string> _limited = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A key or state that is none of these says nothing to decisions.</summary>
    public void Apply(Change change)
    {
        lock (_turn)
        {
            switch (change.Key.Split('/'))
            {
                case ["license", var license]:
                    Keep(_licenses, _names.NumberOf(license), StateOf<License>(change) is { } terms ? TermsOf(terms) : null);
                    break;
                case ["acceptance", var tenant, var license]:
                    Accept((_names.NumberOf(tenant), _names.NumberOf(license), Everybody), StateOf<Acceptance>(change));
                    break;
                case ["acceptance", var tenant, var license, var account]:
                    Accept((_names.NumberOf(tenant), _names.NumberOf(license), _names.NumberOf(account)), StateOf<Acceptance>(change));
                    break;
                case ["access", .. var repository, var account]:
                    Keep(_accesses, (_names.NumberOf(string.Join('/', repository)), _names.NumberOf(account)), StateOf<AccessRequest>(change) is { } access ? KeptAccess.Of(access) : null);
                    break;
                case ["policy", var scope]:
                    Keep(_policies, scope, StateOf<Contracts.V1.Policy>(change) is { } policy ? new(() => Read(policy)) : null);
                    break;
                case ["contract", var id]:
                    _contracts.Put(id, StateOf<Contract>(change));
                    break;
                case ["seat", var contract, var tenant, var account]:
                    _contracts.Seat(contract, (_names.NumberOf(tenant), _names.NumberOf(account)), isTaken: change.State is not null);
                    break;
                case ["quota", var tenant]:
                    Limit(tenant, StateOf<Quota>(change));
                    break;
            }
        }
    }

    /// <summary>All that a decision depends on; null: not all of it is known here. What a limited tenant has used is not, nor a policy that came without its text or in words of a later version.</summary>
    public Facts? FactsOf(Question question, DateTimeOffset now)
    {
        Lazy<StandingPolicy?>[] policies;
        Facts facts;
        lock (_turn)
        {
            if (question.Action is Action.Call && _limited.Contains(question.Tenant))
            {
                return null;
            }

            facts = new(LicensesOf(question, now), null, now) { Access = AccessOf(question) };
            policies = question.IsPolicyMatter ? PoliciesOf(question.Tenant) : [];
        }

        // Read outside: the first to be decided on by a long policy keeps nobody else waiting.
        var standing = Array.ConvertAll(policies, policy => policy.Value);
        return standing.Contains(null) ? null : facts with { Policies = standing! };
    }

    private static T? StateOf<T>(Change change)
        where T : class, Google.Protobuf.IMessage<T>, new() => change.State is { } state && state.TryUnpack<T>(out var message) ? message : null;

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> kept, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        if (value is null)
        {
            kept.Remove(key);
        }
        else
        {
            kept[key] = value;
        }
    }

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> kept, TKey key, TValue? value)
        where TKey : notnull
        where TValue : struct
    {
        if (value is { } one)
        {
            kept[key] = one;
        }
        else
        {
            kept.Remove(key);
        }
    }

    private static LicenseTerms TermsOf(License license) => new(license.Title, license.Version, license.RequiresAcceptance, license.RequiresContract, license.GraceUntil?.ToDateTimeOffset());

    private static StandingPolicy? Read(Contracts.V1.Policy policy) =>
        (policy.Text.Length > 0 || policy.Rules is 0) && PolicyReader.Read(policy.Text) is { Error: null } read ? new(policy.Tenant, policy.Version, read.Value) : null;

    private void Accept((int, int, int) key, Acceptance? acceptance)
    {
        Keep(_accepted, key, KeptText.Of(acceptance));
        Keep(_acceptedBefore, key, acceptance?.WithdrawnAt is null ? KeptText.Of(acceptance?.Before) : null);
    }

    private void Limit(string tenant, Quota? quota)
    {
        if (quota is { TokensPerDay: > 0 } or { RequestsPerDay: > 0 })
        {
            _limited.Add(tenant);
        }
        else
        {
            _limited.Remove(tenant);
        }
    }

    private Dictionary<string, LicenseFact> LicensesOf(Question question, DateTimeOffset now)
    {
        var facts = new Dictionary<string, LicenseFact>(question.Licenses.Count);
        var (tenant, account) = (_names.Find(question.Tenant), _names.Find(question.Caller.Principal.Name));
        foreach (var id in question.Licenses)
        {
            if (_names.Find(id) is { } license && _licenses.TryGetValue(license, out var terms))
            {
                facts[id] = terms.FactOf(AcceptedBy(tenant, license, account), terms.RequiresContract ? _contracts.Of(id, question.Tenant, (tenant, account), now) : [], now);
            }
        }

        return facts;
    }

    private List<AcceptedText> AcceptedBy(int? tenant, int license, int? account)
    {
        var accepted = new List<AcceptedText>(2);
        if (tenant is { } organisation)
        {
            Add(accepted, (organisation, license, Everybody));
            Add(accepted, (organisation, license, account ?? Everybody));
        }

        return accepted;
    }

    private void Add(List<AcceptedText> accepted, (int, int, int) key)
    {
        if (_accepted.TryGetValue(key, out var kept))
        {
            accepted.Add(kept.Text);
        }

        if (_acceptedBefore.Count > 0 && _acceptedBefore.TryGetValue(key, out var before))
        {
            accepted.Add(before.Text);
        }
    }

    private AccessFact? AccessOf(Question question) => question.Gated is { } gated && AccountName.Create(question.Holder).Error is null
        && _names.Find(gated.Id) is { } repository && _names.Find(question.Holder) is { } account && _accesses.TryGetValue((repository, account), out var access) ? access.Fact : null;

    /// <summary>The garden's first.</summary>
    private Lazy<StandingPolicy?>[] PoliciesOf(string tenant)
    {
        var (garden, own) = (_policies.GetValueOrDefault(""), tenant.Length > 0 ? _policies.GetValueOrDefault(tenant) : null);
        return (garden, own) switch
        {
            (null, null) => [],
            (null, _) => [own],
            (_, null) => [garden],
            _ => [garden, own],
        };
    }

    /// <summary>An <see cref="AcceptedText"/> in as few bytes as can be: there may be a million.</summary>
    private readonly record struct KeptText(int Version, KeptTime Until)
    {
        public AcceptedText Text => new(Version, Until.Time);

        /// <summary>Null: there is none, or it was withdrawn.</summary>
        public static KeptText? Of(Acceptance? acceptance) => acceptance is { WithdrawnAt: null } ? new(acceptance.LicenseVersion, KeptTime.Of(acceptance.Until)) : null;
    }

    private readonly record struct KeptAccess(AccessStatus Status, KeptTime Until)
    {
        public AccessFact Fact => new(Status, Until.Time);

        public static KeptAccess? Of(AccessRequest request) => new(request.Status, KeptTime.Of(request.Until));
    }

    /// <summary>A time to the millisecond, or none.</summary>
    private readonly record struct KeptTime(long Milliseconds)
    {
        public DateTimeOffset? Time => Milliseconds is 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

        public static KeptTime Of(Google.Protobuf.WellKnownTypes.Timestamp? time) => new(time?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0);
    }
}
