using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Accounts;

/// <summary>What Identity tells the audit trail.</summary>
internal static class AuditEvents
{
    /// <summary>Something done to an account, in its tenant's trail.</summary>
    public static AuditEvent Of(string action, AccountRow account, string by, DateTimeOffset at, params (string Name, string Value)[] detail)
    {
        var told = OfTenant(action, (account.Tenant, account.Name), by, at, detail);
        told.SubjectIsAccount = true;
        return told;
    }

    /// <summary>Something done to what a tenant has, such as a client of OAuth's.</summary>
    public static AuditEvent OfTenant(string action, (string Tenant, string Subject) of, string by, DateTimeOffset at, params (string Name, string Value)[] detail) => new()
    {
        At = at.ToTimestamp(),
        Tenant = of.Tenant,
        Account = by,
        Action = action,
        Subject = of.Subject,
        Detail = { detail.ToDictionary(one => one.Name, one => one.Value) },
    };
}
