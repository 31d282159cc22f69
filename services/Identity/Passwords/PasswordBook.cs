using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Passwords;

/// <summary>Checks and changes people's passwords, and gives out the links by which they are set.</summary>
internal sealed class PasswordBook(
    IDbContextFactory<IdentityDbContext> contexts, PasswordHashing hashing, TryCounter tries, AccountDirectory accounts, TimeProvider clock)
{
    public const string ResetPage = "/account/reset";
    private static readonly TimeSpan ResetLifetime = TimeSpan.FromDays(1);

    /// <summary>Holds a password against the account's. Null: it is right. Takes as long when there is no account; wrong tries are counted for the name, whoever has it.</summary>
    /// <param name="name">As it was typed.</param>
    /// <param name="account">Who has it, if anyone.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="cancellationToken">The try counts all the same.</param>
    public async Task<Error?> CheckAsync(string name, AccountRow? account, string password, CancellationToken cancellationToken)
    {
        var what = $"password/{Key.Of(name)}";
        if (await tries.BeginAsync(what, cancellationToken) is { } locked)
        {
            return locked;
        }

        var hash = await HashOfAsync(account, cancellationToken);
        // Nobody chose a longer one, and each further character costs.
        var checkedOne = await hashing.VerifyAsync(password.Length <= PasswordRule.Longest * 2 ? hash : null, password[..Math.Min(password.Length, PasswordRule.Longest * 2)], cancellationToken);
        if (checkedOne.Error is not null || checkedOne.Value is PasswordVerificationResult.Failed)
        {
            return checkedOne.Error ?? Error.Unauthenticated("WRONG_PASSWORD", "the name or the password is wrong");
        }

        await tries.SucceedAsync(what, cancellationToken);
        return checkedOne.Value is PasswordVerificationResult.SuccessRehashNeeded ? await RehashAsync(account!, (hash!, password), cancellationToken) : null;
    }

    /// <summary>A password of the person's own choice in place of the old one, which is asked. Ends all sessions but one.</summary>
    public async Task<Error?> ChangeAsync(AccountRow account, (string Old, string New) passwords, string sessionId, CancellationToken cancellationToken)
    {
        if ((PasswordRule.Refusal(passwords.New, account) ?? await CheckAsync(account.Name, account, passwords.Old, cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        var hash = await hashing.HashAsync(passwords.New, cancellationToken);
        return hash.Error ?? await WriteAsync(account, hash.Value, sessionId, null, cancellationToken);
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
        var reset = new PasswordResetRow { Account = found.Value.Key, Hash = SecretText.HashOf(secret), CreatedBy = caller.Principal.Name, CreatedAt = now, ExpiresAt = now + ResetLifetime };
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO password_resets (account, hash, created_by, created_at, expires_at)
            VALUES ({reset.Account}, {reset.Hash}, {reset.CreatedBy}, {now.ToUnixTimeMilliseconds()}, {reset.ExpiresAt.ToUnixTimeMilliseconds()})
            ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, created_by = excluded.created_by, created_at = excluded.created_at, expires_at = excluded.expires_at
            """,
            cancellationToken);
        return (reset, $"{ResetPage}?link={secret}");
    }

    /// <summary>Whose password a link sets; the same refusal for one that was never given out, was used, or is too old.</summary>
    public async Task<Result<AccountRow>> FindResetAsync(string link, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (hash, now) = (SecretText.HashOf(link), clock.GetUtcNow());
        var account = await context.PasswordResets.Where(reset => reset.Hash == hash && reset.ExpiresAt > now)
            .Join(context.Accounts.Where(row => !row.Disabled), reset => reset.Account, row => row.Key, (_, row) => row).FirstOrDefaultAsync(cancellationToken);
        return account is null ? LinkGone() : account;
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
        if ((hash.Error ?? await WriteAsync(found.Value, hash.Value, "", SecretText.HashOf(link), cancellationToken)) is { } error)
        {
            return error;
        }

        await tries.SucceedAsync($"password/{found.Value.Key}", cancellationToken);
        return found.Value;
    }

    /// <summary>Adds a first password to what the context saves next.</summary>
    public void Add(IdentityDbContext context, AccountRow account, string hash) =>
        context.Add(new PasswordRow { Account = account.Key, Hash = hash, ChangedAt = clock.GetStoredNow() });

    private async Task<string?> HashOfAsync(AccountRow? account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // Asked for nobody too, in the same time.
        var key = account?.Key ?? "";
        return await context.Passwords.Where(row => row.Account == key).Select(row => row.Hash).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<Error?> RehashAsync(AccountRow account, (string Hash, string Password) old, CancellationToken cancellationToken)
    {
        var hash = await hashing.HashAsync(old.Password, cancellationToken);
        if (hash.Error is not null)
        {
            // Another time.
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Passwords.Where(row => row.Account == account.Key && row.Hash == old.Hash).ExecuteUpdateAsync(row => row.SetProperty(one => one.Hash, hash.Value), cancellationToken);
        return null;
    }

    /// <summary>Writes a hash, uses up a link, and ends all sessions but one, all of it or nothing.</summary>
    private Task<Error?> WriteAsync(AccountRow account, string hash, string sessionStays, string? link, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var now = clock.GetStoredNow();
            if (link is not null && await context.PasswordResets.Where(reset => reset.Hash == link && reset.ExpiresAt > now).ExecuteDeleteAsync(cancellationToken) is 0)
            {
                return LinkGone();
            }

            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO passwords (account, hash, changed_at) VALUES ({account.Key}, {hash}, {now.ToUnixTimeMilliseconds()})
                ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
                """,
                cancellationToken);
            await SessionBook.EndOthersAsync(context, account.Key, sessionStays, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (Error?)null;
        },
        cancellationToken);

    private static Error LinkGone() => Error.NotFound("LINK_GONE", "this link was used already, is too old, or was never given out: ask an admin for another one");
}
