using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Accounts;

/// <summary>An account that somebody wants, checked as far as it can be without asking anyone.</summary>
internal sealed record AccountWish(AccountName Name, PrincipalKind Kind, TenantName Tenant, string DisplayName, string Email, string[] Roles)
{
    public static Result<AccountWish> Create(Caller caller, CreateAccountRequest request)
    {
        var name = AccountName.Create(request.Name);
        var tenant = AccountErrors.TenantFor(caller, request.Tenant);
        var kind = request.Kind is PrincipalKind.Unspecified ? PrincipalKind.Person : request.Kind;
        var roles = RolesOf(request.Roles);
        return (name.Error ?? tenant.Error ?? KindRefusal(kind) ?? RoleRefusal(caller, roles)
            ?? DescriptionRefusal(request.DisplayName, request.Email)) is { } refusal
            ? refusal
            : new AccountWish(name.Value, kind, tenant.Value, request.DisplayName, request.Email, roles);
    }

    /// <summary>The account as it is until it has its roles.</summary>
    public AccountRow ToRow(string owner, DateTimeOffset now) => new()
    {
        Key = Key.Of(Name.Value),
        Name = Name.Value,
        Kind = Kind,
        Tenant = Tenant.Value,
        TenantKey = Key.Of(Tenant.Value),
        DisplayName = DisplayName,
        Email = Email,
        Pending = true,
        Owner = owner,
        CreatedAt = now,
    };

    private static Error? KindRefusal(PrincipalKind kind) => kind is PrincipalKind.Person or PrincipalKind.ServiceAccount
        ? null
        : Error.Invalid("BAD_KIND", "an account is of the kind PERSON or SERVICE_ACCOUNT");

    /// <summary>Those that were asked for, or the one that nobody has to ask for.</summary>
    public static string[] RolesOf(IReadOnlyCollection<string> asked) => asked.Count is 0 ? [Hosting.Access.Roles.Engineer] : [.. asked.Distinct()];

    public static Error? DescriptionRefusal(string displayName, string email) => Text.Refusal("display_name", displayName, 0, 128) ?? EmailRefusal(email);

    public static Error? RoleRefusal(Caller caller, string[] roles)
    {
        if (Array.Find(roles, role => !Hosting.Access.Roles.All.Contains(role)) is { } unknown)
        {
            return Error.Invalid("BAD_ROLE", $"'{Text.Shorten(unknown)}' is not a role: {string.Join(", ", Hosting.Access.Roles.All)}");
        }

        return GardenRoles.NotToGive(caller, roles) is { } role ? AccountErrors.RoleNotYours(role) : null;
    }

    private static Error? EmailRefusal(string email) => Text.Refusal("email", email, 0, 254)
        ?? (email.Length is 0 || (email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < email.Length - 1 && !email.Contains(' ', StringComparison.Ordinal))
            ? null
            : Error.Invalid("BAD_EMAIL", $"email '{Text.Shorten(email)}' is not an address: 'name@host' is expected"));
}
