using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Tenants;

/// <summary>The refusals that several parts share.</summary>
internal static class TenantErrors
{
    /// <summary>Also the answer about a tenant that the caller is not of: it gives nothing away.</summary>
    public static Error NotFound(string tenant) => Error.NotFound("TENANT_NOT_FOUND", $"there is no tenant '{Text.Shorten(tenant)}' that you belong to or run");

    /// <summary>The tenant that a caller asks about, by default its own. Others are only for operators and services.</summary>
    public static Result<TenantName> TenantFor(Caller caller, string asked)
    {
        var name = TenantName.Create(asked.Length > 0 ? asked : caller.Principal.Tenant);
        if (name.Error is not null)
        {
            return name.Error;
        }

        return caller.IsOf(name.Value.Value) || caller.IsOperator || caller.IsService ? name.Value : NotFound(asked);
    }

    /// <summary>The caller's own tenant, for what only an organisation's member can do.</summary>
    public static Result<string> OwnTenant(Caller caller) => caller.Principal.Tenant.Length > 0
        ? Key.Of(caller.Principal.Tenant)
        : Error.Denied("MEMBERS_ONLY", "this is done by a member of a tenant for that tenant, not by a service");
}
