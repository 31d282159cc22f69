using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Sessions;

/// <summary>Begins, finds, lists and ends sessions. What ends is told on the feed, so that the Gateway forgets it at once.</summary>
internal sealed class SessionBook(IDbContextFactory<IdentityDbContext> contexts, IOptions<IdentityOptions> options, TimeProvider clock)
{
    /// <summary>So many an account has at once: the oldest ends when there would be more.</summary>
    public const int Most = 50;

    /// <summary>So long a session waits for the second factor of an account that has one.</summary>
    public static readonly TimeSpan HalfWay = TimeSpan.FromMinutes(10);

    // Last uses are kept to the minute, so that most requests write nothing.
    private static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    /// <summary>The session, and its secret for this one time. None if the password is not the one any more that was shown, or the account is disabled.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="hash">Of the password that was shown.</param>
    /// <param name="client">Where.</param>
    /// <param name="cancellationToken">None is begun then.</param>
    public Task<Result<(SessionRow Session, string Secret)>> BeginAsync(AccountRow account, string hash, Client client, CancellationToken cancellationToken) =>
        contexts.DecideAsync<IdentityDbContext, (SessionRow, string)>(
            async context =>
            {
                if (!await PasswordTurn.TakeAsync(context, account.Key, hash, cancellationToken))
                {
                    return PasswordTurn.Changed();
                }

                if (await context.Accounts.AnyAsync(row => row.Key == account.Key && row.Disabled, cancellationToken))
                {
                    return AccountErrors.Disabled(account);
                }

                await MakeRoomAsync(context, account.Key, cancellationToken);
                var begun = Begin(context, account, client);
                await context.SaveChangesAsync(cancellationToken);
                return begun;
            },
            cancellationToken);

    /// <summary>Adds one to what the context saves next.</summary>
    public (SessionRow Session, string Secret) Begin(IdentityDbContext context, AccountRow account, Client client)
    {
        var (now, secret) = (clock.GetStoredNow(), SecretText.Make());
        var session = new SessionRow
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            Hash = SecretText.HashOf(secret),
            Account = account.Key,
            IsStrong = false,
            CreatedAt = now,
            ProvedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + options.Value.SessionLifetime,
            Address = client.Address,
            Agent = client.Agent,
        };
        context.Add(session);
        context.Tell(AuditEvents.Of("session.begin", account, account.Name, now, ("session", session.Id)));
        return (session, secret);
    }

    /// <summary>The session of a secret that was shown; null: there is none, it has ended, or its account is disabled. Notes that it was used.</summary>
    public async Task<SignedIn?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(secret))
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var hash = SecretText.HashOf(secret);
        var found = await context.Sessions.Where(session => session.Hash == hash)
            .Join(context.Accounts, session => session.Account, account => account.Key, (session, account) => new
            {
                Session = session,
                Account = account,
                HasSecondFactor = context.SecondFactors.Any(factor => factor.Account == account.Key && factor.ConfirmedAt != null),
                NeedsSecondFactor = context.SignInRules.Any(rule => rule.Tenant == account.TenantKey && rule.SecondFactorRequired),
            })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null || found.Account.Disabled || !IsAlive(found.Session, found.HasSecondFactor))
        {
            return null;
        }

        await NoteUseAsync(context, found.Session, cancellationToken);
        return new(found.Session, found.Account, found.HasSecondFactor, found.NeedsSecondFactor);
    }

    /// <summary>An account's, newest first.</summary>
    public async Task<SessionRow[]> ListAsync(AccountRow account, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var sessions = await context.Sessions.Where(session => session.Account == account.Key)
            .OrderByDescending(session => session.CreatedAt).ThenByDescending(session => session.Id).Take(Most).ToArrayAsync(cancellationToken);
        var hasSecondFactor = await HasSecondFactorAsync(context, account.Key, cancellationToken);
        return Array.FindAll(sessions, session => IsAlive(session, hasSecondFactor));
    }

    /// <summary>The person has proved himself once more. The session gets another secret, so that one from before is worth no more than before.</summary>
    /// <returns>The new secret; null: the session has ended meanwhile.</returns>
    public Task<string?> ProveAsync(SessionRow session, bool withSecondFactor, CancellationToken cancellationToken) => contexts.TransactAsync<IdentityDbContext, string?>(
        async (context, transaction) =>
        {
            var now = clock.GetStoredNow();
            if (await RenewAsync(context, session, cancellationToken) is not { } secret)
            {
                return null;
            }

            await context.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(
                one => one.SetProperty(row => row.ProvedAt, now).SetProperty(row => row.IsStrong, row => row.IsStrong || withSecondFactor), cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return secret;
        },
        cancellationToken);

    /// <summary>Gives a session another secret, in a transaction that the caller saves and commits: a copy of its cookie is worth nothing any more.</summary>
    /// <returns>The new secret; null: the session has ended meanwhile, or has got another one from someone else who had this.</returns>
    public static async Task<string?> RenewAsync(IdentityDbContext context, SessionRow session, CancellationToken cancellationToken)
    {
        var secret = SecretText.Make();
        var hash = SecretText.HashOf(secret);
        if (await context.Sessions.Where(row => row.Id == session.Id && row.Hash == session.Hash).ExecuteUpdateAsync(row => row.SetProperty(one => one.Hash, hash), cancellationToken) is 0)
        {
            return null;
        }

        context.Announce(FeedKey(session.Id), null);
        return secret;
    }

    /// <summary>Whose a session is; null: it has ended.</summary>
    public async Task<string?> OwnerOfAsync(string id, CancellationToken cancellationToken)
    {
        if (!Key.IsId(id))
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Sessions.Where(session => session.Id == id)
            .Join(context.Accounts, session => session.Account, account => account.Key, (_, account) => account.Name).FirstOrDefaultAsync(cancellationToken);
    }

    public Task EndAsync(string id, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            await context.Sessions.Where(session => session.Id == id).ExecuteDeleteAsync(cancellationToken);
            context.Announce(FeedKey(id), null);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        },
        cancellationToken);

    /// <summary>Ends all of an account's but one; how many.</summary>
    public Task<int> EndOthersAsync(AccountRow account, string stays, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var ended = await EndOthersAsync(context, account.Key, stays, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return ended;
        },
        cancellationToken);

    /// <summary>The same for a person at the session that stays, which gets another secret: whoever copied its cookie is out too.</summary>
    /// <returns>The new secret; null: the session has ended meanwhile.</returns>
    public Task<string?> EndElsewhereAsync(SessionRow here, CancellationToken cancellationToken) => contexts.TransactAsync<IdentityDbContext, string?>(
        async (context, transaction) =>
        {
            if (await RenewAsync(context, here, cancellationToken) is not { } secret)
            {
                return null;
            }

            await EndOthersAsync(context, here.Account, here.Id, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return secret;
        },
        cancellationToken);

    /// <summary>Ends all of an account's but one, in a transaction that the caller saves and commits; how many.</summary>
    public static async Task<int> EndOthersAsync(IdentityDbContext context, string account, string stays, CancellationToken cancellationToken)
    {
        // What is there when the statement runs, not what was read before.
        var ended = await context.Database.SqlQuery<string>($"""DELETE FROM sessions WHERE account = {account} AND id <> {stays} RETURNING id AS "Value" """).ToListAsync(cancellationToken);
        ended.ForEach(id => context.Announce(FeedKey(id), null));
        return ended.Count;
    }

    /// <summary>
    /// Why the caller has to prove himself anew before what is dangerous; null: he need not. Whoever comes with a token that he made has what its scopes give him; a program that was given one makes nothing that
    /// would outlive it.
    /// </summary>
    public async Task<Error?> StaleAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (caller.Principal.SessionId.Length is 0)
        {
            return await context.Tokens.AnyAsync(token => token.Id == caller.Principal.TokenId && token.Client != "", cancellationToken)
                ? Error.Denied("OWN_TOKEN_NEEDED", "this is done with a token that somebody made himself, or signed in at /account, not with one that a program was given")
                : null;
        }

        var since = clock.GetUtcNow() - Caller.Fresh;
        return await context.Sessions.AnyAsync(session => session.Id == caller.Principal.SessionId && session.ProvedAt >= since, cancellationToken)
            ? null
            : Caller.StepUpNeeded();
    }

    private bool IsAlive(SessionRow session, bool hasSecondFactor)
    {
        var now = clock.GetUtcNow();
        return session.ExpiresAt > now && session.LastSeenAt + options.Value.SessionIdle > now && (session.IsStrong || !hasSecondFactor || session.ProvedAt + HalfWay > now);
    }

    private static Task<bool> HasSecondFactorAsync(IdentityDbContext context, string account, CancellationToken cancellationToken) =>
        context.SecondFactors.AnyAsync(factor => factor.Account == account && factor.ConfirmedAt != null, cancellationToken);

    private async Task NoteUseAsync(IdentityDbContext context, SessionRow session, CancellationToken cancellationToken)
    {
        var now = clock.GetStoredNow();
        if (session.LastSeenAt + Resolution <= now)
        {
            await context.Sessions.Where(row => row.Id == session.Id && row.LastSeenAt < now).ExecuteUpdateAsync(row => row.SetProperty(one => one.LastSeenAt, now), cancellationToken);
        }
    }

    /// <summary>For one more. Those that wait for their second factor go first: who knows the password alone signs nobody out.</summary>
    private static async Task MakeRoomAsync(IdentityDbContext context, string account, CancellationToken cancellationToken)
    {
        var isWhole = !await HasSecondFactorAsync(context, account, cancellationToken);
        var excess = await context.Sessions.Where(row => row.Account == account)
            .OrderByDescending(row => row.IsStrong || isWhole).ThenByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Skip(Most - 1).Select(row => row.Id).ToListAsync(cancellationToken);
        await context.Sessions.Where(session => excess.Contains(session.Id)).ExecuteDeleteAsync(cancellationToken);
        excess.ForEach(id => context.Announce(FeedKey(id), null));
    }

    private static string FeedKey(string id) => $"session/{id}";
}
