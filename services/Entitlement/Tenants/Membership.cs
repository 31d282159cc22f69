using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Tenants;

/// <summary>Who is a member of which tenant, in which roles.</summary>
internal sealed class Membership(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, TimeProvider clock)
{
    private static readonly string[] TenantRoles = [Roles.Admin, Roles.Legal, Roles.Engineer];

    public async Task<Result<Member>> SetAsync(Caller caller, Result<TenantName> tenant, AccountName account, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        if (caller.StepUpFault(clock.GetUtcNow()) is { } stale)
        {
            return stale;
        }

        return roles.FirstOrDefault(role => !Roles.All.Contains(role)) is { } unknown
            ? Error.Invalid("BAD_ROLE", $"'{Text.Shorten(unknown)}' is not a role: {string.Join(", ", Roles.All)}")
            : await ledger.WriteAsync(page => SetAsync(page, caller, tenant.Value, (account, [.. Roles.All.Where(roles.Contains)]), cancellationToken), cancellationToken);
    }

    public async Task<Result<Member[]>> ListAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        if (await context.Tenants.FirstOrDefaultAsync(row => row.Key == key, cancellationToken) is not { } found)
        {
            return TenantErrors.NotFound(tenant.Value.Value);
        }

        var members = await context.Members.Where(member => member.Tenant == key).OrderBy(member => member.Key).ToListAsync(cancellationToken);
        return members.Select(member => member.ToMessage(found.Name)).ToArray();
    }

    /// <summary>Without roles when it is not a member, or there is no such tenant.</summary>
    public async Task<Member> GetAsync(TenantName tenant, AccountName account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (tenantKey, accountKey) = (Key.Of(tenant.Value), Key.Of(account.Value));
        var member = await context.Members.FirstOrDefaultAsync(row => row.Tenant == tenantKey && row.Key == accountKey, cancellationToken);
        return member?.ToMessage(tenant.Value) ?? new() { Tenant = tenant.Value, Account = account.Value };
    }

    /// <summary>Sets the roles as they are given, whoever gives them.</summary>
    public static async Task<Member> SetAsync(LedgerPage page, TenantRow tenant, AccountName account, string[] roles, string by, CancellationToken cancellationToken)
    {
        var key = Key.Of(account.Value);
        var before = await page.Context.Members.FirstOrDefaultAsync(member => member.Tenant == tenant.Key && member.Key == key, cancellationToken);
        var after = new MemberRow { Tenant = tenant.Key, Key = key, Account = before?.Account ?? account.Value, Roles = string.Join(' ', roles) };
        var message = after.ToMessage(tenant.Name);
        if (after.Roles == (before?.Roles ?? ""))
        {
            return message;
        }

        page.Context.Entry(after).State = (before, roles.Length) switch
        {
            (null, _) => EntityState.Added,
            (_, 0) => EntityState.Deleted,
            _ => EntityState.Modified,
        };
        page.Context.Announce($"member/{tenant.Key}/{key}", roles.Length > 0 ? message : null);
        page.Record(tenant.Key, by, "member.set", Personal.Name(after.Account), ("roles", after.Roles), ("roles_before", before?.Roles ?? ""));
        return message;
    }

    private static async Task<Result<Member>> SetAsync(
        LedgerPage page, Caller caller, TenantName tenantName, (AccountName Account, string[] Roles) wish, CancellationToken cancellationToken)
    {
        var (tenantKey, key) = (Key.Of(tenantName.Value), Key.Of(wish.Account.Value));
        if (await page.Context.Tenants.FirstOrDefaultAsync(row => row.Key == tenantKey, cancellationToken) is not { } tenant)
        {
            return TenantErrors.NotFound(tenantName.Value);
        }

        var before = await page.Context.Members.FirstOrDefaultAsync(member => member.Tenant == tenantKey && member.Key == key, cancellationToken);
        return Refusal(caller, before?.RoleList ?? [], wish.Roles) is { } refusal
            ? refusal
            : await SetAsync(page, tenant, wish.Account, wish.Roles, caller.Principal.Name, cancellationToken);
    }

    /// <summary>A tenant's admin neither gives nor takes what only the garden gives.</summary>
    private static Error? Refusal(Caller caller, string[] before, string[] after)
    {
        var changed = before.Except(after).Concat(after.Except(before)).FirstOrDefault(role => !TenantRoles.Contains(role));
        return changed is null || caller.IsOperator || caller.IsService
            ? null
            : Error.Denied("ROLE_NOT_YOURS", $"the role {changed} is given and taken by an operator of the garden; a tenant's admin has {string.Join(", ", TenantRoles)}");
    }
}
