using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Accounts;

/// <summary>The accounts there are, and what a caller may know and do about them.</summary>
internal sealed class AccountDirectory(IDbContextFactory<IdentityDbContext> contexts, MemberDirectory members)
{
    private const int ListLimit = 10_000;

    public async Task<Result<AccountRow[]>> ListAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        var accounts = await context.Accounts.Where(account => account.TenantKey == key && !account.Pending)
            .OrderBy(account => account.Key).Take(ListLimit + 1).ToArrayAsync(cancellationToken);
        return accounts.Length > ListLimit
            ? Error.Exhausted("TOO_MANY_ACCOUNTS", $"{tenant.Value} has more than {ListLimit} accounts, more than are listed at once")
            : accounts;
    }

    /// <summary>An account that the caller is, administers or operates.</summary>
    public async Task<Result<AccountRow>> FindAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(name.Value);
        var account = await context.Accounts.FirstOrDefaultAsync(row => row.Key == key && !row.Pending, cancellationToken);
        if (account is null || !IsWithinReach(caller, account))
        {
            return AccountErrors.NotFound(name.Value);
        }

        return await BeyondAsync(caller, account, cancellationToken) is { } role ? AccountErrors.RoleNotYours(role) : account;
    }

    public async Task<Result<AccountRow>> SetDisabledAsync(Caller caller, AccountName name, bool disabled, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, name, cancellationToken);
        if (found.Error is not null || found.Value.Disabled == disabled)
        {
            return found;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = found.Value;
        account.Disabled = disabled;
        context.Attach(account).Property(row => row.Disabled).IsModified = true;
        context.Announce($"account/{account.Key}", account.ToMessage());
        await context.SaveChangesAsync(cancellationToken);
        return account;
    }

    private static bool IsWithinReach(Caller caller, AccountRow account) =>
        IsSelf(caller, account) || caller.IsOperator || caller.IsService || (caller.HasRole(Roles.Admin) && caller.IsOf(account.Tenant));

    private static bool IsSelf(Caller caller, AccountRow account) => !caller.IsService && !caller.IsAnonymous && Key.Of(caller.Principal.Name) == account.Key;

    /// <summary>A role of the account's that keeps a mere admin away from it: with such an account's token he would be more than he is.</summary>
    private async ValueTask<string?> BeyondAsync(Caller caller, AccountRow account, CancellationToken cancellationToken) =>
        IsSelf(caller, account) || caller.IsOperator || caller.IsService
            ? null
            : GardenRoles.OutOfReach(caller, await members.RolesOfAsync(account.Tenant, account.Name, cancellationToken));
}
