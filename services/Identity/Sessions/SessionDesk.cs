using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Sessions;

/// <summary>What a caller may know and do about sessions and second factors: his own, and those of accounts that he administers.</summary>
internal sealed class SessionDesk(IDbContextFactory<IdentityDbContext> contexts, AccountDirectory accounts, SessionBook sessions, SecondFactorBook factors, TimeProvider clock)
{
    public async Task<Result<Session[]>> ListAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, name, cancellationToken);
        return account.Error is not null
            ? account.Error
            : Array.ConvertAll(await sessions.ListAsync(account.Value, cancellationToken), session => session.ToMessage(account.Value.Name));
    }

    public async Task<Result<bool>> EndAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var owner = await sessions.OwnerOfAsync(id, cancellationToken);
        var account = owner is null ? null : await accounts.FindAsync(caller, AccountName.Create(owner).Value, cancellationToken);
        if (account?.Error is not null || owner is null)
        {
            return account?.Error is { Code: ErrorCode.PermissionDenied } refusal
                ? refusal
                : Error.NotFound("SESSION_NOT_FOUND", $"there is no session '{Text.Shorten(id)}' that is yours or of an account that you administer");
        }

        await sessions.EndAsync(id, cancellationToken);
        return true;
    }

    /// <summary>How many have ended; the one that asks stays.</summary>
    public async Task<Result<int>> EndAllAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, name, cancellationToken);
        return account.Error is not null ? account.Error : await sessions.EndOthersAsync(account.Value, caller.Principal.SessionId, cancellationToken);
    }

    public async Task<Result<AccountRow>> RemoveSecondFactorAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var account = await accounts.FindForRescueAsync(caller, name, cancellationToken);
        return account.Error is not null ? account : await contexts.TransactAsync(
            async (context, transaction) =>
            {
                await factors.RemoveAsync(context, account.Value, caller.Principal.Name, cancellationToken);
                await SessionBook.EndOthersAsync(context, account.Value.Key, "", cancellationToken);
                await Grants.EndOfAsync(context, new(account.Value, caller.Principal.Name, "second-factor"), clock.GetStoredNow(), cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return account;
            },
            cancellationToken);
    }
}
