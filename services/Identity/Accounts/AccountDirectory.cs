using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Accounts;

/// <summary>The accounts there are, and what a caller may know and do about them.</summary>
internal sealed class AccountDirectory(IDbContextFactory<IdentityDbContext> contexts, MemberDirectory members, SessionBook sessions, TimeProvider clock)
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

    /// <summary>The key of a service account of a tenant that the caller administers, for a program that is to be it; empty: none was asked for.</summary>
    public async Task<Result<string>> FindProgramAsync(Caller caller, TenantName tenant, AccountName? name, CancellationToken cancellationToken)
    {
        if (name is not { } asked)
        {
            return "";
        }

        var found = await FindAsync(caller, asked, cancellationToken);
        if (found.Error is not null)
        {
            return found.Error;
        }

        return found.Value.TenantKey == Key.Of(tenant.Value) && found.Value.Kind is PrincipalKind.ServiceAccount
            ? found.Value.Key
            : Error.Conflict("NOT_A_PROGRAM", $"{found.Value.Name} is no service account of {tenant}: make one for the program");
    }

    /// <summary>
    /// An account to which the caller gives a way in that its owner has not got. Not to his own: whoever came by his token would be he for good. The garden's admin token is the one way in that needs nobody
    /// else.
    /// </summary>
    public async Task<Result<AccountRow>> FindForRescueAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, name, cancellationToken);
        if (found.Error is not null)
        {
            return found;
        }

        if (found.Value.Kind is not PrincipalKind.Person)
        {
            return Error.Conflict("NOT_A_PERSON", $"{found.Value.Name} is a program, which signs in nowhere: give it a token");
        }

        return (IsSelf(caller, found.Value) && caller.Principal.TokenId is not Authenticator.AdminTokenId
            ? Error.Denied("ASK_ANOTHER", "this is for others' accounts: your own is changed at /account, or by another admin or an operator")
            : await sessions.StaleAsync(caller, cancellationToken)) is { } refusal
            ? refusal
            : found;
    }

    /// <summary>A disabled account's sessions end for good: enabled again, it signs in anew.</summary>
    public async Task<Result<AccountRow>> SetDisabledAsync(Caller caller, AccountName name, bool disabled, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, name, cancellationToken);
        if (found.Error is not null || found.Value.Disabled == disabled)
        {
            return found;
        }

        if (await sessions.StaleAsync(caller, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return await contexts.TransactAsync(
            async (context, transaction) =>
            {
                var account = found.Value;
                await PasswordTurn.TakeAsync(context, account.Key, cancellationToken);
                account.Disabled = disabled;
                context.Attach(account).Property(row => row.Disabled).IsModified = true;
                await EndWaysInAsync(context, new(account, caller.Principal.Name, "disabled"), clock.GetStoredNow(), cancellationToken);
                context.Announce($"account/{account.Key}", account.ToMessage());
                context.Tell(AuditEvents.Of(disabled ? "account.disable" : "account.enable", account, caller.Principal.Name, clock.GetStoredNow()));
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return found;
            },
            cancellationToken);
    }

    /// <summary>What would let someone in when the account is enabled again, and the ways in that it gave to others.</summary>
    private static async Task EndWaysInAsync(IdentityDbContext context, GrantEnd end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = end.Account;
        await SessionBook.EndOthersAsync(context, account.Key, "", cancellationToken);
        await Grants.EndOfAsync(context, end, now, cancellationToken);
        await SecondFactorBook.DropPendingAsync(context, account.Key, cancellationToken);
        await context.PasswordResets.Where(reset => reset.Account == account.Key || (reset.CreatedBy == account.Name && !reset.ByAdminToken)).ExecuteDeleteAsync(cancellationToken);
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
