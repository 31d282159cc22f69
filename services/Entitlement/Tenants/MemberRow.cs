using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Tenants;

/// <summary>An account's roles in a tenant, at least one; who has none has no row.</summary>
internal sealed class MemberRow
{
    /// <summary>The tenant's key.</summary>
    public required string Tenant { get; init; }

    public required string Key { get; init; }

    public required string Account { get; init; }

    /// <summary>In the order of <c>Roles.All</c>, separated by spaces.</summary>
    public required string Roles { get; set; }

    public string[] RoleList => Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public Member ToMessage(string tenantName) => new() { Tenant = tenantName, Account = Account, Roles = { RoleList } };
}
