using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Sessions;

/// <summary>Begins, finds, lists and ends sessions. What ends is told on the feed, so that the Gateway forgets it at once.</summary>
internal sealed class SessionBook(IDbContextFactory<IdentityDbContext> contexts, IOptions<IdentityOptions> options, TimeProvider clock)
{
    /// <summary>So many an account has at once: the oldest ends when there would be more.</summary>
    public const int Most = 50;

    /// <summary>Who proved himself within this time need not do it again for what is dangerous.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    // Last uses are kept to the minute, so that most requests write nothing.
    private static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    /// <summary>The session, and its secret for this one time.</summary>
    public Task<(SessionRow Session, string Secret)> BeginAsync(AccountRow account, Client client, CancellationToken cancellationToken) => contexts.TransactAsync(
        async (context, transaction) =>
        {
            var (session, secret) = Begin(context, account, client);
            var excess = await context.Sessions.Where(row => row.Account == account.Key)
                .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Skip(Most - 1).Select(row => row.Id).ToListAsync(cancellationToken);
            await EndAsync(context, excess, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (session, secret);
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
        if (found is null || found.Account.Disabled || !IsAlive(found.Session))
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
        return Array.FindAll(sessions, IsAlive);
    }

    /// <summary>The person has proved himself once more. The session gets another secret, so that one from before is worth no more than before.</summary>
    /// <returns>The new secret; null: the session has ended meanwhile.</returns>
    public async Task<string?> ProveAsync(string id, bool withSecondFactor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var (now, secret) = (clock.GetStoredNow(), SecretText.Make());
        var hash = SecretText.HashOf(secret);
        var proved = await context.Sessions.Where(session => session.Id == id).ExecuteUpdateAsync(
            session => session.SetProperty(row => row.Hash, hash).SetProperty(row => row.ProvedAt, now).SetProperty(row => row.IsStrong, row => row.IsStrong || withSecondFactor),
            cancellationToken);
        context.Announce(FeedKey(id), null);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return proved is 0 ? null : secret;
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
            await EndAsync(context, [id], cancellationToken);
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

    /// <summary>The same in a transaction that the caller saves and commits.</summary>
    public static async Task<int> EndOthersAsync(IdentityDbContext context, string account, string stays, CancellationToken cancellationToken)
    {
        var ids = await context.Sessions.Where(session => session.Account == account && session.Id != stays).Select(session => session.Id).ToListAsync(cancellationToken);
        await EndAsync(context, ids, cancellationToken);
        return ids.Count;
    }

    /// <summary>Why the caller has to prove himself anew before what is dangerous; null: he need not. Whoever comes with a token has what its scopes give him.</summary>
    public async Task<Error?> StaleAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Principal.SessionId.Length is 0)
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var since = clock.GetUtcNow() - Fresh;
        return await context.Sessions.AnyAsync(session => session.Id == caller.Principal.SessionId && session.ProvedAt >= since, cancellationToken)
            ? null
            : Error.Denied("STEP_UP_NEEDED", "this is asked again of whoever signed in a while ago: confirm that it is you at /account/confirm, then try again");
    }

    private bool IsAlive(SessionRow session)
    {
        var now = clock.GetUtcNow();
        return session.ExpiresAt > now && session.LastSeenAt + options.Value.SessionIdle > now;
    }

    private async Task NoteUseAsync(IdentityDbContext context, SessionRow session, CancellationToken cancellationToken)
    {
        var now = clock.GetStoredNow();
        if (session.LastSeenAt + Resolution <= now)
        {
            await context.Sessions.Where(row => row.Id == session.Id && row.LastSeenAt < now).ExecuteUpdateAsync(row => row.SetProperty(one => one.LastSeenAt, now), cancellationToken);
        }
    }

    private static async Task EndAsync(IdentityDbContext context, List<string> ids, CancellationToken cancellationToken)
    {
        await context.Sessions.Where(session => ids.Contains(session.Id)).ExecuteDeleteAsync(cancellationToken);
        ids.ForEach(id => context.Announce(FeedKey(id), null));
    }

    private static string FeedKey(string id) => $"session/{id}";
}
