using System.Collections.Immutable;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Deployment.Licenses;

/// <summary>What Entitlement's feed says of licences and of acceptances that were withdrawn. Immutable.</summary>
internal sealed record LicenseBook
{
    private const string LicenseKey = "license/";
    private const string AcceptanceKey = "acceptance/";
    private ImmutableDictionary<string, License> _licenses = ImmutableDictionary.Create<string, License>(StringComparer.OrdinalIgnoreCase);
    private ImmutableHashSet<string> _withdrawn = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    public static LicenseBook Empty { get; } = new();

    /// <summary>A change of anything else changes nothing.</summary>
    public LicenseBook With(Change change) => change.Key switch
    {
        _ when change.Key.StartsWith(AcceptanceKey, StringComparison.Ordinal) => this with { _withdrawn = IsWithdrawal(change) ? _withdrawn.Add(change.Key) : _withdrawn.Remove(change.Key) },
        _ when change.Key.StartsWith(LicenseKey, StringComparison.Ordinal) => this with { _licenses = Keep(change) },
        _ => this,
    };

    /// <summary>Why a tenant may not run a model any more, and who can change that; null: nothing was withdrawn that it rests on.</summary>
    public string? ReasonAgainst(string tenant, string repository, IEnumerable<string> licenses)
    {
        var isOwner = repository.StartsWith($"{tenant}/", StringComparison.OrdinalIgnoreCase);
        var id = isOwner ? null : licenses.FirstOrDefault(license => _withdrawn.Contains($"{AcceptanceKey}{tenant}/{license}") && IsToBeAccepted(license));
        return id is null ? null
            : $"{tenant} has withdrawn its acceptance of {TitleOf(id)} ({id}), the licence of {repository}; admin or legal of {tenant} can change that: garden licenses accept {id}";
    }

    private bool IsToBeAccepted(string license) => _licenses.GetValueOrDefault(license) is not { RequiresAcceptance: false };

    private string TitleOf(string license) => _licenses.GetValueOrDefault(license)?.Title is { Length: > 0 } title ? title : license;

    private ImmutableDictionary<string, License> Keep(Change change) => change.State is not null && change.State.TryUnpack<License>(out var license)
        ? _licenses.SetItem(change.Key[LicenseKey.Length..], license)
        : _licenses.Remove(change.Key[LicenseKey.Length..]);

    private static bool IsWithdrawal(Change change) => change.State is not null && change.State.TryUnpack<Acceptance>(out var acceptance) && acceptance.WithdrawnAt is not null;
}
