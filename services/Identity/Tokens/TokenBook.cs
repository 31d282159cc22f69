using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Tokens;

/// <summary>Gives out, lists and takes back tokens.</summary>
internal sealed class TokenBook(IDbContextFactory<IdentityDbContext> contexts, AccountDirectory accounts, SessionBook sessions, TimeProvider clock)
{
    private const int LiveLimit = 200;
    private const int ListLimit = 1000;

    /// <summary>The token, and its secret for this one time.</summary>
    public async Task<Result<Tuple<TokenRow, string>>> CreateAsync(Caller caller, TokenWish wish, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, wish.Account, cancellationToken);
        if (account.Error is not null || account.Value.Disabled)
        {
            return account.Error ?? Error.Conflict("ACCOUNT_DISABLED", $"the account {account.Value.Name} is disabled: enable it first");
        }

        if (await sessions.StaleAsync(caller, cancellationToken) is { } stale)
        {
            return stale;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetStoredNow();
        var live = await context.Tokens.CountAsync(row => row.Account == account.Value.Key && row.Client == "" && row.RevokedAt == null && row.ExpiresAt > now, cancellationToken);
        if (live >= LiveLimit)
        {
            return Error.Exhausted("TOO_MANY_TOKENS", $"{account.Value.Name} has {live} tokens that work, the most there may be: revoke those that are not needed");
        }

        var secret = TokenText.Make();
        var token = Make(account.Value, wish, secret, (caller.Principal.Name, now));
        context.Add(token);
        context.Announce($"token/{token.Id}", token.ToMessage());
        context.Tell(AuditEvents.Of("token.create", account.Value, caller.Principal.Name, now, ("token", token.Id), ("scopes", token.Scopes)));
        await context.SaveChangesAsync(cancellationToken);
        return Tuple.Create(token, secret);
    }

    /// <summary>Newest first.</summary>
    public async Task<Result<TokenRow[]>> ListAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, name, cancellationToken);
        if (account.Error is not null)
        {
            return account.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Tokens.Where(token => token.Account == account.Value.Key)
            .OrderByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id).Take(ListLimit).ToArrayAsync(cancellationToken);
    }

    public async Task<Result<TokenRow>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (id is Authenticator.AdminTokenId && caller.IsOperator)
        {
            return Error.Conflict("BOOTSTRAP_TOKEN", "this token is set by Garden:AdminToken: take it out of the settings and start Identity again");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var token = Key.IsId(id) ? await context.Tokens.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
        var account = token is null ? null : await accounts.FindAsync(caller, AccountName.Create(token.AccountName).Value, cancellationToken);
        if (token is null || account!.Error is not null)
        {
            return account?.Error is { Code: ErrorCode.PermissionDenied } refusal
                ? refusal
                : Error.NotFound("TOKEN_NOT_FOUND", $"there is no token '{Text.Shorten(id)}' that is yours or of an account that you administer");
        }

        if (token.RevokedAt is null)
        {
            token.RevokedAt = clock.GetStoredNow();
            await contexts.TransactAsync((revoking, transaction) => RevokeAsync(revoking, transaction, (token, account.Value, caller.Principal.Name), cancellationToken), cancellationToken);
        }

        return token;
    }

    /// <summary>One of a grant's ends the grant, and that its program need not ask: it would be in again at once.</summary>
    private static async Task RevokeAsync(
        IdentityDbContext context, IDbContextTransaction transaction, (TokenRow Token, AccountRow Account, string By) revocation, CancellationToken cancellationToken)
    {
        var (token, now) = (revocation.Token, revocation.Token.RevokedAt!.Value);
        if (token.GrantId.Length > 0)
        {
            await Grants.TakeBackAsync(context, (token.GrantId, token.Client), new(revocation.Account, revocation.By, "revoked"), now, cancellationToken);
        }

        await Grants.RevokeAsync(context, context.Tokens.Where(row => row.Id == token.Id), now, cancellationToken);
        context.Tell(AuditEvents.Of("token.revoke", revocation.Account, revocation.By, now, ("token", token.Id)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static TokenRow Make(AccountRow account, TokenWish wish, string secret, (string Name, DateTimeOffset At) by) => new()
    {
        Id = Guid.CreateVersion7(by.At).ToString("n"),
        Hash = SecretText.HashOf(secret),
        Account = account.Key,
        AccountName = account.Name,
        DisplayName = wish.DisplayName,
        Scopes = string.Join(' ', wish.Scopes),
        CreatedBy = by.Name,
        CreatedAt = by.At,
        ExpiresAt = by.At + wish.Lifetime,
    };
}
