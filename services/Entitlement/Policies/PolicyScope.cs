using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Policies;

/// <summary>Whose policy.</summary>
/// <param name="Tenant">As it was written; empty: the garden's.</param>
internal sealed record PolicyScope(string Tenant)
{
    public string Key { get; } = Rights.Key.Of(Tenant);

    public bool IsGarden => Tenant.Length is 0;

    public string Title => IsGarden ? "the garden's policy" : $"the policy of {Tenant}";

    public static Result<PolicyScope> For(Caller caller, string tenant, bool garden)
    {
        if (garden)
        {
            return tenant.Length is 0 ? new PolicyScope("") : Error.Invalid("BAD_SCOPE", $"the garden's policy is of no tenant: leave out '{Text.Shorten(tenant)}', or ask for the policy of that tenant");
        }

        var named = TenantErrors.TenantFor(caller, tenant);
        return named.Error is { } error ? error : new PolicyScope(named.Value.Value);
    }

    /// <summary>Why the caller may not set it, nor try another one; null: he may. His role in his own tenant was asked for already.</summary>
    public Error? Refusal(Caller caller) => !IsGarden || caller.IsOperator || caller.IsService
        ? null
        : Error.Denied("ROLE_MISSING", $"{caller.Principal.Name} is no operator of the garden: the garden's policy is set and tried by one");
}
