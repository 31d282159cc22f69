using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.SecondFactors;

/// <summary>What is known of an account's second factor.</summary>
/// <param name="ConfirmedAt">Null: it has none.</param>
/// <param name="CodesLeft">Recovery codes that were not used.</param>
internal sealed record SecondFactorState(DateTimeOffset? ConfirmedAt, int CodesLeft);

/// <summary>Sets up, checks and takes away second factors: an authenticator app, and ten recovery codes for who has lost it.</summary>
internal sealed class SecondFactorBook(IDbContextFactory<IdentityDbContext> contexts, TryCounter tries, TimeProvider clock)
{
    public const int RecoveryCodes = 10;

    // 120 random bits: none can be guessed from its hash.
    private const int RecoveryBytes = 15;
    private const int LongestInput = 64;

    /// <summary>So long a secret that nobody confirms can be confirmed.</summary>
    public static readonly TimeSpan Pending = TimeSpan.FromMinutes(15);

    public async Task<SecondFactorState> StateOfAsync(AccountRow account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var factor = await context.SecondFactors.FirstOrDefaultAsync(row => row.Account == account.Key, cancellationToken);
        return new(factor?.ConfirmedAt, await context.RecoveryCodes.CountAsync(code => code.Account == account.Key && code.UsedAt == null, cancellationToken));
    }

    /// <summary>
    /// The secret to put into the app: the same for a quarter of an hour, so that going back and forth between pages changes nothing. After that another one: nobody who saw it long ago has the factor that is
    /// confirmed at last.
    /// </summary>
    public async Task<Result<byte[]>> SetUpAsync(AccountRow account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (secret, now) = (RandomNumberGenerator.GetBytes(Totp.SecretBytes), clock.GetStoredNow());
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO second_factors (account, secret, last_step, created_at) VALUES ({account.Key}, {secret}, 0, {now.ToUnixTimeMilliseconds()})
            ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
                WHERE second_factors.confirmed_at IS NULL AND second_factors.created_at <= {(now - Pending).ToUnixTimeMilliseconds()}
            """,
            cancellationToken);
        var factor = await context.SecondFactors.FirstAsync(row => row.Account == account.Key, cancellationToken);
        return factor.ConfirmedAt is null ? factor.Secret : Error.Conflict("SECOND_FACTOR_EXISTS", "there is a second factor already: remove it first");
    }

    /// <summary>The app shows the right code: from now on it is asked for. The recovery codes, shown this once.</summary>
    public Task<Result<string[]>> ConfirmAsync(AccountRow account, string input, CancellationToken cancellationToken) => tries.TryAsync(
        Tries(account), () => contexts.DecideAsync(context => ConfirmAsync(context, account, input, cancellationToken), cancellationToken), cancellationToken);

    /// <summary>Takes a code of the app, or a recovery code, once; what was right, as it was given out.</summary>
    public Task<Result<string>> CheckAsync(AccountRow account, string input, CancellationToken cancellationToken) =>
        tries.TryAsync(Tries(account), () => TakeCodeAsync(account, Bare(input), cancellationToken), cancellationToken);

    /// <summary>Ten new recovery codes in place of all before.</summary>
    public Task<Result<string[]>> RenewCodesAsync(AccountRow account, CancellationToken cancellationToken) => contexts.DecideAsync<IdentityDbContext, string[]>(
        async context => await context.SecondFactors.AnyAsync(row => row.Account == account.Key && row.ConfirmedAt != null, cancellationToken)
            ? await WriteCodesAsync(context, account, cancellationToken)
            : Error.Conflict("NO_SECOND_FACTOR", "there is no second factor to recover: set one up first"),
        cancellationToken);

    /// <summary>Takes it away in a transaction that the caller saves and commits.</summary>
    /// <param name="context">The transaction's.</param>
    /// <param name="account">Whose.</param>
    /// <param name="by">The name of who does it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RemoveAsync(IdentityDbContext context, AccountRow account, string by, CancellationToken cancellationToken)
    {
        context.Tell(AuditEvents.Of("second-factor.remove", account, by, clock.GetStoredNow()));
        await context.SecondFactors.Where(row => row.Account == account.Key).ExecuteDeleteAsync(cancellationToken);
        await context.RecoveryCodes.Where(row => row.Account == account.Key).ExecuteDeleteAsync(cancellationToken);
        // Sessions with it are not asked for it any more.
        context.Announce($"account/{account.Key}", account.ToMessage());
    }

    /// <summary>Takes away a secret that was not confirmed, in a transaction that the caller commits.</summary>
    public static Task DropPendingAsync(IdentityDbContext context, string account, CancellationToken cancellationToken) =>
        context.SecondFactors.Where(row => row.Account == account && row.ConfirmedAt == null).ExecuteDeleteAsync(cancellationToken);

    public Task RemoveAsync(AccountRow account, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await RemoveAsync(context, account, account.Name, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        },
        cancellationToken);

    private async Task<Result<string[]>> ConfirmAsync(IdentityDbContext context, AccountRow account, string input, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - Pending;
        var factor = await context.SecondFactors.FirstOrDefaultAsync(row => row.Account == account.Key && row.ConfirmedAt == null && row.CreatedAt > since, cancellationToken);
        if (factor is null)
        {
            return NotSetUp();
        }

        if (Totp.Match(factor.Secret, Bare(input), clock.GetUtcNow()) is not { } step)
        {
            return WrongCode();
        }

        DateTimeOffset? now = clock.GetStoredNow();
        if (await context.SecondFactors.Where(row => row.Account == account.Key && row.ConfirmedAt == null && row.CreatedAt == factor.CreatedAt)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.ConfirmedAt, now).SetProperty(one => one.LastStep, step), cancellationToken) is 0)
        {
            return NotSetUp();
        }

        context.Tell(AuditEvents.Of("second-factor.set", account, account.Name, clock.GetStoredNow()));
        // Sessions without it are to be asked for it.
        context.Announce($"account/{account.Key}", account.ToMessage());
        return await WriteCodesAsync(context, account, cancellationToken);
    }

    private async Task<Result<string>> TakeCodeAsync(AccountRow account, string code, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await TakeAppCodeAsync(context, account, code, cancellationToken) || await TakeRecoveryCodeAsync(context, account, code, cancellationToken) ? code : WrongCode();
    }

    /// <summary>One statement takes the step: of two who show the same code at once, one has it.</summary>
    private async Task<bool> TakeAppCodeAsync(IdentityDbContext context, AccountRow account, string code, CancellationToken cancellationToken)
    {
        var factor = await context.SecondFactors.FirstOrDefaultAsync(row => row.Account == account.Key && row.ConfirmedAt != null, cancellationToken);
        return factor is not null && Totp.Match(factor.Secret, code, clock.GetUtcNow()) is { } step
            && await context.SecondFactors.Where(row => row.Account == account.Key && row.ConfirmedAt != null && row.LastStep < step)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.LastStep, step), cancellationToken) is 1;
    }

    private async Task<bool> TakeRecoveryCodeAsync(IdentityDbContext context, AccountRow account, string code, CancellationToken cancellationToken)
    {
        var hash = SecretText.HashOf(code);
        DateTimeOffset? now = clock.GetStoredNow();
        return await context.RecoveryCodes.Where(row => row.Account == account.Key && row.Hash == hash && row.UsedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.UsedAt, now), cancellationToken) is 1;
    }

    private static async Task<string[]> WriteCodesAsync(IdentityDbContext context, AccountRow account, CancellationToken cancellationToken)
    {
        await context.RecoveryCodes.Where(row => row.Account == account.Key).ExecuteDeleteAsync(cancellationToken);
        string[] codes = [.. Enumerable.Range(0, RecoveryCodes).Select(_ => Base32.Encode(RandomNumberGenerator.GetBytes(RecoveryBytes)))];
        context.AddRange(codes.Select(code => new RecoveryCodeRow { Account = account.Key, Hash = SecretText.HashOf(code) }));
        await context.SaveChangesAsync(cancellationToken);
        return [.. codes.Select(code => Base32.Grouped(code, '-'))];
    }

    private static string Tries(AccountRow account) => $"second-factor/{account.Key}";

    /// <summary>As it was given out, however it was typed.</summary>
    private static string Bare(string input) => string.Concat(input.Take(LongestInput).Where(c => c is not (' ' or '-'))).ToUpperInvariant();

    private static Error NotSetUp() => Error.Conflict("NOT_SET_UP", "there is no second factor being set up, or it was left for too long: begin anew");

    private static Error WrongCode() => Error.Unauthenticated("WRONG_CODE", "this code is wrong, or was used already: wait for the next one");
}
