using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Invitations;

/// <summary>An invitation that somebody wants to make, checked: nobody invites into what he could not make an account of.</summary>
internal sealed record InvitationWish(TenantName Tenant, AccountName? Name, string DisplayName, string Email, string[] Roles, TimeSpan Lifetime)
{
    private const int DefaultDays = 7;
    private const int MostDays = 30;

    public static Result<InvitationWish> Create(Caller caller, CreateInvitationRequest request)
    {
        var tenant = AccountErrors.TenantFor(caller, request.Tenant);
        var name = request.Name.Length > 0 ? AccountName.Create(request.Name) : null;
        var roles = AccountWish.RolesOf(request.Roles);
        return (tenant.Error ?? name?.Error ?? AccountWish.RoleRefusal(caller, roles)
            ?? AccountWish.DescriptionRefusal(request.DisplayName, request.Email) ?? LifetimeRefusal(request.LifetimeDays)) is { } refusal
            ? refusal
            : new InvitationWish(
                tenant.Value, name?.Value, request.DisplayName, request.Email, roles, TimeSpan.FromDays(request.LifetimeDays is 0 ? DefaultDays : request.LifetimeDays));
    }

    /// <summary>What is asked of who makes an invitation, asked of him again when it is used.</summary>
    public static bool MayMake(Caller by, InvitationRow invitation) =>
        (by.IsOperator || by.HasRole(Hosting.Access.Roles.Admin)) && AccountErrors.TenantFor(by, invitation.Tenant).Error is null && AccountWish.RoleRefusal(by, invitation.RoleList) is null;

    private static Error? LifetimeRefusal(int days) => days is < 0 or > MostDays
        ? Error.Invalid("BAD_LIFETIME", $"an invitation is good for 1 to {MostDays} days (0: {DefaultDays}), not {days}")
        : null;
}
