using ModelGarden.Entitlement.AccessRequests;
using ModelGarden.Entitlement.Partners;
using ModelGarden.Entitlement.Policies;
using ModelGarden.Entitlement.Usage;

namespace ModelGarden.Entitlement.Decisions;

/// <summary>All that a decision depends on beside who asks for what.</summary>
/// <param name="Licenses">Those of the resource's licences that the garden knows, by id.</param>
/// <param name="Quota">The tenant's limits and what it has used of them today; null: not asked for.</param>
/// <param name="Now">When.</param>
internal sealed record Facts(IReadOnlyDictionary<string, LicenseFact> Licenses, QuotaState? Quota, DateTimeOffset Now)
{
    /// <summary>The policies that the tenant is under, the garden's first.</summary>
    public IReadOnlyList<StandingPolicy> Policies { get; init; } = [];

    /// <summary>How the account whose access counts stands to a gated repository; null: it never asked, or nothing is gated.</summary>
    public AccessRequestRow? Access { get; init; }
}

/// <summary>A licence as one tenant stands to it.</summary>
internal sealed record LicenseFact(string Title, bool RequiresAcceptance, bool Accepted, DateTimeOffset? Until)
{
    /// <summary>For a licence that is given by contract alone; null: it is not.</summary>
    public ContractFact? Contract { get; init; }
}
