using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Search;

/// <summary>
/// The one who searches, as far as it decides what he may see; by the same rules as Catalog's. Insiders see a repository as its owner does:
/// its people and the garden's curators and services. All others see what is published, as it was published.
/// </summary>
internal readonly record struct Viewer(bool SeesAll, string Tenant)
{
    public static Viewer Of(Caller caller)
    {
        // A token that is only for calling or deploying is not for looking at drafts.
        var looksInside = caller.HasScope(Scopes.Read) || caller.HasScope(Scopes.Write) || caller.HasScope(Scopes.Curate);
        return new(caller.IsService || (caller.IsCurator && looksInside), looksInside ? caller.Principal.Tenant : "");
    }

    /// <summary>Sees this repository as its owner does. What was taken down, its owner does not see any more.</summary>
    public bool IsInsiderOf(string owner, Lifecycle lifecycle) =>
        SeesAll || (Tenant.Length > 0 && lifecycle is not Lifecycle.TakenDown && string.Equals(owner, Tenant, StringComparison.OrdinalIgnoreCase));
}
