using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Passwords;

/// <summary>Checks and changes people's passwords, and gives out the links by which they are set.</summary>
internal sealed class PasswordBook(
    IDbContextFactory<IdentityDbContext> contexts, PasswordHashing hashing, TryCounter tries, SessionBook sessions, AccountDirectory accounts, LinkMakers makers,
    TimeProvider clock)
{
    public const string ResetPage = "/account/reset";
    private static readonly TimeSpan ResetLifetime = TimeSpan.FromDays(1);

    /// <summary>
    /// Holds a password against the account's; the hash that it was found to be of. Takes as long when there is no account; wrong tries are counted for the name, whoever has it.
    /// </summary>
    /// <param name="name">As it was typed.</param>
    /// <param name="account">Who has it, if anyone.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="cancellationToken">What was found wrong by then counts all the same.</param>
    public Task<Result<string>> CheckAsync(string name, AccountRow? account, string password, CancellationToken cancellationToken) =>
        tries.TryAsync($"password/{Key.Of(name)}", () => VerifyAsync(account, password, cancellationToken), cancellationToken);

    /// <summary>
    /// The same of who is signed in, counted for his session alone: no stranger who tries his name keeps him from it. Whoever has come by the session does not go on guessing in it: with the fifth wrong
    /// one in a row it ends.
    /// </summary>
    public async Task<Result<string>> CheckAgainAsync(SignedIn who, string password, CancellationToken cancellationToken)
    {
        var what = $"session/{who.Session.Id}";
        var shown = await tries.TryAsync(what, () => VerifyAsync(who.Account, password, cancellationToken), cancellationToken);
        if (shown.Error is not { Code: ErrorCode.Unauthenticated } || await tries.FailuresAsync(what, cancellationToken) < LockOut.FreeTries)
        {
            return shown;
        }

        await sessions.EndAsync(who.Session.Id, cancellationToken);
        return Error.Unauthenticated("SESSION_ENDED", $"the password was wrong {LockOut.FreeTries} times: you are signed out here, sign in again");
    }

    /// <summary>A password of the person's own choice in place of the old one, which is asked. Ends all other sessions; the new secret of this one.</summary>
    public async Task<Result<string>> ChangeAsync(SignedIn who, (string Old, string New) passwords, CancellationToken cancellationToken)
    {
        if (PasswordRule.Refusal(passwords.New, who.Account) is { } refusal)
        {
            return refusal;
        }

        var shown = await CheckAgainAsync(who, passwords.Old, cancellationToken);
        var hash = shown.Error is null ? await hashing.HashAsync(passwords.New, cancellationToken) : shown;
        return hash.Error is null ? await ChangeAsync(who, shown.Value, hash.Value, cancellationToken) : hash;
    }

    /// <summary>A link for an account that the caller administers; its secret for this one time.</summary>
    public async Task<Result<(PasswordResetRow Reset, string Path)>> OfferResetAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var found = await accounts.FindForRescueAsync(caller, name, cancellationToken);
        if (found.Error is not null)
        {
            return found.Error;
        }

        var (now, secret) = (clock.GetStoredNow(), SecretText.Make());
        var reset = new PasswordResetRow
        {
            Account = found.Value.Key,
            Hash = SecretText.HashOf(secret),
            CreatedBy = caller.Principal.Name,
            ByAdminToken = caller.Principal.TokenId is Authenticator.AdminTokenId,
            CreatedAt = now,
            ExpiresAt = now + ResetLifetime,
        };
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO password_resets (account, hash, created_by, by_admin_token, created_at, expires_at)
            VALUES ({reset.Account}, {reset.Hash}, {reset.CreatedBy}, {reset.ByAdminToken}, {now.ToUnixTimeMilliseconds()}, {reset.ExpiresAt.ToUnixTimeMilliseconds()})
            ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, created_by = excluded.created_by, by_admin_token = excluded.by_admin_token,
                created_at = excluded.created_at, expires_at = excluded.expires_at
            """,
            cancellationToken);
        return (reset, $"{ResetPage}?link={secret}");
    }

    /// <summary>Whose password a link sets; the same refusal for one that was never given out, was used, is too old, or whose maker could not make it now.</summary>
    public async Task<Result<AccountRow>> FindResetAsync(string link, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (hash, now) = (SecretText.HashOf(link), clock.GetUtcNow());
        var found = await context.PasswordResets.Where(reset => reset.Hash == hash && reset.ExpiresAt > now)
            .Join(context.Accounts.Where(row => !row.Disabled), reset => reset.Account, row => row.Key, (reset, row) => new { Reset = reset, Account = row }).FirstOrDefaultAsync(cancellationToken);
        return found is not null && await IsStillGivenAsync(found.Reset, found.Account, cancellationToken) ? found.Account : LinkGone();
    }

    /// <summary>Sets the password of the account that a link was given out for, and ends all its sessions. The link is used up.</summary>
    public async Task<Result<AccountRow>> ResetAsync(string link, string password, CancellationToken cancellationToken)
    {
        var found = await FindResetAsync(link, cancellationToken);
        if ((found.Error ?? PasswordRule.Refusal(password, found.Value)) is { } refusal)
        {
            return refusal;
        }

        var hash = await hashing.HashAsync(password, cancellationToken);
        if ((hash.Error ?? await ResetAsync(found.Value, hash.Value, SecretText.HashOf(link), cancellationToken)) is { } error)
        {
            return error;
        }

        await tries.SucceedAsync($"password/{found.Value.Key}", cancellationToken);
        return found.Value;
    }

    /// <summary>Adds a first password to what the context saves next.</summary>
    public void Add(IdentityDbContext context, AccountRow account, string hash) =>
        context.Add(new PasswordRow { Account = account.Key, Hash = hash, ChangedAt = clock.GetStoredNow() });

    private async Task<bool> IsStillGivenAsync(PasswordResetRow reset, AccountRow account, CancellationToken cancellationToken) =>
        await makers.FindAsync(reset.CreatedBy, reset.ByAdminToken, cancellationToken) is { } maker
        && (await accounts.FindForRescueAsync(maker, AccountName.Create(account.Name).Value, cancellationToken)).Error is null;

    private async Task<Result<string>> VerifyAsync(AccountRow? account, string password, CancellationToken cancellationToken)
    {
        var hash = await HashOfAsync(account, cancellationToken);
        // Nobody chose a longer one, and each further character costs.
        var verified = await hashing.VerifyAsync(password.Length <= PasswordRule.Longest * 2 ? hash : null, password[..Math.Min(password.Length, PasswordRule.Longest * 2)], cancellationToken);
        if (verified.Error is not null || verified.Value is PasswordVerificationResult.Failed)
        {
            return verified.Error ?? Error.Unauthenticated("WRONG_PASSWORD", "the name or the password is wrong");
        }

        return verified.Value is PasswordVerificationResult.SuccessRehashNeeded ? await RehashAsync(account!, (hash!, password), cancellationToken) : hash!;
    }

    private async Task<string?> HashOfAsync(AccountRow? account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // Asked for nobody too, in the same time.
        var key = account?.Key ?? "";
        return await context.Passwords.Where(row => row.Account == key).Select(row => row.Hash).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The hash that is stored from now on: the old one, if there is no time for another, or the password was changed meanwhile.</summary>
    private async Task<string> RehashAsync(AccountRow account, (string Hash, string Password) old, CancellationToken cancellationToken)
    {
        var hash = await hashing.HashAsync(old.Password, cancellationToken);
        if (hash.Error is not null)
        {
            return old.Hash;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Passwords.Where(row => row.Account == account.Key && row.Hash == old.Hash)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Hash, hash.Value), cancellationToken) is 1 ? hash.Value : old.Hash;
    }

    private Task<Result<string>> ChangeAsync(SignedIn who, string old, string hash, CancellationToken cancellationToken) => contexts.DecideAsync<IdentityDbContext, string>(
        async context =>
        {
            if (!await PasswordTurn.TakeAsync(context, who.Account.Key, old, cancellationToken))
            {
                return PasswordTurn.Changed();
            }

            await WriteAsync(context, who.Account, hash, who.Session.Id, cancellationToken);
            if (await SessionBook.RenewAsync(context, who.Session, cancellationToken) is not { } secret)
            {
                return Error.Unauthenticated("SESSION_ENDED", "you were signed out meanwhile: sign in again");
            }

            await context.SaveChangesAsync(cancellationToken);
            return secret;
        },
        cancellationToken);

    /// <summary>The link is used up, or nothing is changed.</summary>
    private Task<Error?> ResetAsync(AccountRow account, string hash, string link, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await PasswordTurn.TakeAsync(context, account.Key, cancellationToken);
            var now = clock.GetStoredNow();
            if (await context.PasswordResets.Where(reset => reset.Hash == link && reset.ExpiresAt > now).ExecuteDeleteAsync(cancellationToken) is 0)
            {
                return LinkGone();
            }

            await WriteAsync(context, account, hash, "", cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (Error?)null;
        },
        cancellationToken);

    /// <summary>Writes a hash and ends what came by the old one: all sessions but one, links, a second factor that is not confirmed.</summary>
    private async Task WriteAsync(IdentityDbContext context, AccountRow account, string hash, string sessionStays, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO passwords (account, hash, changed_at) VALUES ({account.Key}, {hash}, {clock.GetStoredNow().ToUnixTimeMilliseconds()})
            ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
            """,
            cancellationToken);
        await context.PasswordResets.Where(reset => reset.Account == account.Key).ExecuteDeleteAsync(cancellationToken);
        await SecondFactorBook.DropPendingAsync(context, account.Key, cancellationToken);
        await SessionBook.EndOthersAsync(context, account.Key, sessionStays, cancellationToken);
        await Grants.EndOfAsync(context, new(account, account.Name, "password"), clock.GetStoredNow(), cancellationToken);
        context.Tell(AuditEvents.Of("password.set", account, account.Name, clock.GetStoredNow(), ("by", sessionStays.Length > 0 ? "session" : "link")));
    }

    private static Error LinkGone() => Error.NotFound("LINK_GONE", "this link was used already, is too old, or was never given out: ask an admin for another one");
}
