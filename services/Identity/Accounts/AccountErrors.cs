using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Accounts;

/// <summary>The refusals that several parts share.</summary>
internal static class AccountErrors
{
    /// <summary>Also the answer about an account that the caller may not know of: it gives nothing away.</summary>
    public static Error NotFound(string name) => Error.NotFound("ACCOUNT_NOT_FOUND", $"there is no account '{Text.Shorten(name)}' that is yours or in a tenant that you administer");

    public static Error Disabled(AccountRow account) =>
        Error.Denied("ACCOUNT_DISABLED", $"the account {account.Name} is disabled: an admin of {account.Tenant} can enable it");

    public static Error TenantNotFound(string name) => Error.NotFound("TENANT_NOT_FOUND", $"there is no tenant '{Text.Shorten(name)}' that you belong to or run");

    public static Error RoleNotYours(string role) =>
        Error.Denied("ROLE_NOT_YOURS", $"the role {role} is the garden's: only an operator gives it, or acts for an account that has it");

    /// <summary>The tenant that a caller asks about, by default its own. Others are only for operators and services.</summary>
    public static Result<TenantName> TenantFor(Caller caller, string asked)
    {
        var name = TenantName.Create(asked.Length > 0 ? asked : caller.Principal.Tenant);
        if (name.Error is not null)
        {
            return name.Error;
        }

        return caller.IsOf(name.Value.Value) || caller.IsOperator || caller.IsService ? name.Value : TenantNotFound(asked);
    }
}
