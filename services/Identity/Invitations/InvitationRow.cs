using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Invitations;

/// <summary>A person who was asked into a tenant, without the link.</summary>
internal sealed class InvitationRow
{
    public required string Id { get; init; }

    public required string Hash { get; init; }

    public required string Tenant { get; init; }

    public required string TenantKey { get; init; }

    public required string Email { get; init; }

    public required string DisplayName { get; init; }

    /// <summary>The account name that the person is to have; empty: his own choice.</summary>
    public required string Name { get; init; }

    public required string Roles { get; init; }

    /// <summary>The name of the account that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Made with the garden's admin token.</summary>
    public required bool ByAdminToken { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public required string AcceptedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    public string[] RoleList => Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public Invitation ToMessage() => new()
    {
        Id = Id,
        Tenant = Tenant,
        Email = Email,
        DisplayName = DisplayName,
        Name = Name,
        Roles = { RoleList },
        CreatedBy = CreatedBy,
        CreatedAt = CreatedAt.ToTimestamp(),
        ExpiresAt = ExpiresAt.ToTimestamp(),
        AcceptedAt = AcceptedAt?.ToTimestamp(),
        AcceptedBy = AcceptedBy,
        RevokedAt = RevokedAt?.ToTimestamp(),
    };
}
