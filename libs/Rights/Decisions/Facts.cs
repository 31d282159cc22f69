using ModelGarden.Rights.Licenses;
using ModelGarden.Rights.Policies;

namespace ModelGarden.Rights.Decisions;

/// <summary>All that a decision depends on beside who asks for what.</summary>
/// <param name="Licenses">Those of the resource's licences that the garden knows, by id.</param>
/// <param name="Quota">The tenant's limits and what it has used of them today; null: not asked for.</param>
/// <param name="Now">When.</param>
public sealed record Facts(IReadOnlyDictionary<string, LicenseFact> Licenses, QuotaState? Quota, DateTimeOffset Now)
{
    /// <summary>The policies that the tenant is under, the garden's first.</summary>
    public IReadOnlyList<StandingPolicy> Policies { get; init; } = [];

    /// <summary>How the account whose access counts stands to a gated repository; null: it never asked, or nothing is gated.</summary>
    public AccessFact? Access { get; init; }
}
