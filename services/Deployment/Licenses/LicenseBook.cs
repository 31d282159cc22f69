using System.Collections.Immutable;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;

namespace ModelGarden.Deployment.Licenses;

/// <summary>What Entitlement's feed says of licences, of acceptances that were withdrawn, and of access that was taken back. Immutable.</summary>
internal sealed record LicenseBook
{
    private const string LicenseKey = "license/";
    private const string AcceptanceKey = "acceptance/";
    private ImmutableDictionary<string, License> _licenses = ImmutableDictionary.Create<string, License>(StringComparer.OrdinalIgnoreCase);
    private const string AccessKey = "access/";
    private ImmutableDictionary<string, Refused> _notGranted = ImmutableDictionary.Create<string, Refused>(StringComparer.OrdinalIgnoreCase);
    private ImmutableDictionary<string, bool> _stands = ImmutableDictionary.Create<string, bool>(StringComparer.OrdinalIgnoreCase);

    public static LicenseBook Empty { get; } = new();

    /// <summary>How many requests for access are held that are not granted.</summary>
    public int Refusals => _notGranted.Count;

    /// <summary>A change of anything else changes nothing.</summary>
    public LicenseBook With(Change change) => change.Key switch
    {
        _ when change.Key.StartsWith(AcceptanceKey, StringComparison.Ordinal) => this with { _stands = Stands(change) is { } stands ? _stands.SetItem(change.Key, stands) : _stands.Remove(change.Key) },
        _ when change.Key.StartsWith(AccessKey, StringComparison.Ordinal) => this with { _notGranted = Refusal(change) is { } refused ? _notGranted.SetItem(change.Key, refused) : _notGranted.Remove(change.Key) },
        _ when change.Key.StartsWith(LicenseKey, StringComparison.Ordinal) => this with { _licenses = Keep(change) },
        _ => this,
    };

    /// <summary>
    /// Of the requests that are not granted those that an endpoint rests on, and the newest: whoever makes an endpoint is asked about then, so that only what changes afterwards is needed, and an endpoint that is
    /// being made meanwhile rests on none that is older than these.
    /// </summary>
    public LicenseBook Forget(IEnumerable<Target> targets, int newest)
    {
        var rested = targets.Select(KeyOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var kept = _notGranted.Where(one => rested.Contains(one.Key)).Concat(_notGranted.Where(one => !rested.Contains(one.Key)).OrderByDescending(one => one.Value.At).Take(newest));
        return this with { _notGranted = kept.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase) };
    }

    /// <summary>Why a tenant may not run a model any more, and who can change that; null: nothing was withdrawn that it rests on.</summary>
    public string? ReasonAgainst(string tenant, Wish wish) => wish.Repository.StartsWith($"{tenant}/", StringComparison.OrdinalIgnoreCase)
        ? null
        : LicenseAgainst(tenant, wish) ?? AccessAgainst(wish.Repository, wish.Target);

    private string? LicenseAgainst(string tenant, Wish wish)
    {
        var id = wish.Target.Licenses.FirstOrDefault(license => IsWithdrawn($"{AcceptanceKey}{tenant}/{license}", wish.Target.PinnedBy) && IsToBeAccepted(license));
        return id is null ? null
            : $"{tenant} has withdrawn its acceptance of {TitleOf(id)} ({id}), the licence of {wish.Repository}; admin or legal of {tenant} can change that: garden licenses accept {id}";
    }

    /// <summary>Of what the organisation accepted, and what was accepted for whoever pinned the endpoint alone, something was withdrawn and nothing stands.</summary>
    private bool IsWithdrawn(string key, string account)
    {
        bool?[] words = [_stands.TryGetValue(key, out var whole) ? whole : null, _stands.TryGetValue($"{key}/{account}", out var own) ? own : null];
        return words.Contains(false) && !words.Contains(true);
    }

    private string? AccessAgainst(string repository, Target target) =>
        target.Gate is not (AccessGate.Automatic or AccessGate.Manual) || !_notGranted.TryGetValue(KeyOf(target), out var refused) ? null
        : $"the access of {target.PinnedBy} to {repository}, on which this endpoint rests, {(refused.Status is AccessStatus.Rejected ? "was rejected" : "is pending again")}; the owner of {repository} can change that, or an engineer with access of his own, who sets the revision again";

    private bool IsToBeAccepted(string license) => _licenses.GetValueOrDefault(license) is not { RequiresAcceptance: false };

    private string TitleOf(string license) => _licenses.GetValueOrDefault(license)?.Title is { Length: > 0 } title ? title : license;

    private ImmutableDictionary<string, License> Keep(Change change) => change.State is not null && change.State.TryUnpack<License>(out var license)
        ? _licenses.SetItem(change.Key[LicenseKey.Length..], license)
        : _licenses.Remove(change.Key[LicenseKey.Length..]);

    /// <summary>Null: it stands, or there is no word on it any more.</summary>
    private static Refused? Refusal(Change change) => change.State is not null && change.State.TryUnpack<AccessRequest>(out var request) && request.Status is not AccessStatus.Accepted
        ? new Refused(request.Status, change.At?.ToDateTimeOffset() ?? default)
        : null;

    private static string KeyOf(Target target) => $"{AccessKey}{target.RepositoryId}/{target.PinnedBy}";

    /// <summary>Null: nothing is said.</summary>
    private static bool? Stands(Change change) => change.State is not null && change.State.TryUnpack<Acceptance>(out var acceptance) ? acceptance.WithdrawnAt is null : null;

    /// <param name="Status">What was decided, or not yet.</param>
    /// <param name="At">When.</param>
    private readonly record struct Refused(AccessStatus Status, DateTimeOffset At);
}
