using ModelGarden.Hosting.Access;

namespace ModelGarden.Identity.Accounts;

/// <summary>The roles that reach beyond a tenant: a tenant's admin neither gives them nor acts for who has them.</summary>
internal static class GardenRoles
{
    private static readonly string[] Beyond = [Roles.Operator, Roles.Curator, Roles.Auditor];

    /// <summary>The first of the roles that the caller may not deal with, or null.</summary>
    public static string? OutOfReach(Caller caller, IEnumerable<string> roles) =>
        caller.IsOperator || caller.IsService ? null : roles.FirstOrDefault(role => Beyond.Contains(role) && !caller.HasRole(role));

    /// <summary>The first of the roles that the caller may not give, or null.</summary>
    public static string? NotToGive(Caller caller, IEnumerable<string> roles) =>
        caller.IsOperator || caller.IsService ? null : roles.FirstOrDefault(role => Beyond.Contains(role));
}
