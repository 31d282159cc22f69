using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Accounts;

/// <summary>A person or a program that may hold tokens.</summary>
internal sealed class AccountRow
{
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required PrincipalKind Kind { get; init; }

    public required string Tenant { get; init; }

    public required string TenantKey { get; init; }

    public required string DisplayName { get; init; }

    public required string Email { get; init; }

    public bool Disabled { get; set; }

    /// <summary>Its roles are not given yet: it is nobody until they are.</summary>
    public bool Pending { get; set; }

    /// <summary>Who may go on with it while it is pending, such as <c>invitation/{id}</c>; empty when it is there.</summary>
    public string Owner { get; set; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public Account ToMessage() => new()
    {
        Name = Name,
        Kind = Kind,
        Tenant = Tenant,
        DisplayName = DisplayName,
        Email = Email,
        Disabled = Disabled,
        CreatedAt = CreatedAt.ToTimestamp(),
    };
}
