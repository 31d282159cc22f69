using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.OAuth;

/// <summary>What a client is given.</summary>
/// <param name="AccessToken">A token as all others of the garden, shown this once.</param>
/// <param name="Lifetime">How long it is good.</param>
/// <param name="Scopes">What it is for.</param>
/// <param name="RefreshToken">By which the next ones are had, once; empty: none.</param>
internal sealed record IssuedTokens(string AccessToken, TimeSpan Lifetime, string[] Scopes, string RefreshToken = "");

/// <summary>A grant at the moment when tokens are given out for it.</summary>
/// <param name="Grant">Not ended.</param>
/// <param name="Account">Enabled, with roles.</param>
/// <param name="Nonce">Of the request that it began with; empty: none, or not its first tokens.</param>
/// <param name="Tokens">What was given out.</param>
internal sealed record TakenGrant(GrantRow Grant, AccountRow Account, string Nonce, IssuedTokens Tokens);

/// <summary>Begins grants, and gives out codes and tokens for them, each once.</summary>
internal sealed class GrantBook(IDbContextFactory<IdentityDbContext> contexts, MemberDirectory members, TimeProvider clock)
{
    /// <summary>How long a code is good (OAuth 2.1, section 4.1.2: ten minutes at most).</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60);

    /// <summary>A refresh token that is not used for so long is good no more.</summary>
    public static readonly TimeSpan RefreshIdle = TimeSpan.FromDays(60);

    /// <summary>After so long a person is asked again, whatever is done with his grant.</summary>
    public static readonly TimeSpan GrantLifetime = TimeSpan.FromDays(180);

    // The oldest end when there would be more: of a grant, which one program has; of a client or a trust, whose jobs and replicas each have theirs.
    private const int MostOfAGrant = 20;
    private const int MostOfAProgram = 1000;

    // Who is signed in by a program again and again, without being asked, says yes each time.
    private const int MostOfAnAccount = 50;

    /// <summary>Whether a person has allowed a client this before.</summary>
    public async Task<bool> HasConsentAsync(string account, ClientRow client, string[] scopes, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var given = await context.Consents.Where(row => row.Account == account && row.Client == client.Id).Select(row => row.Scopes).FirstOrDefaultAsync(cancellationToken);
        return given is not null && scopes.All(given.Split(' ').Contains);
    }

    /// <summary>A grant of the person's who is signed in, and the code by which the client gets its tokens.</summary>
    public Task<Result<string>> GiveCodeAsync(SignedIn who, AuthorizeRequest request, CancellationToken cancellationToken) => contexts.DecideAsync<IdentityDbContext, string>(
        async context =>
        {
            var until = clock.GetStoredNow() + CodeLifetime;
            var grant = await BeginAsync(context, who, (request.Asking.Client, request.Scopes, until), cancellationToken);
            if (grant.Error is { } refusal)
            {
                return refusal;
            }

            var code = SecretText.Make();
            context.Add(new AuthorizationCodeRow
            {
                Hash = SecretText.HashOf(code),
                GrantId = grant.Value.Id,
                RedirectUri = request.Asking.RedirectUri,
                Challenge = request.Challenge,
                Nonce = request.Nonce,
                ExpiresAt = until,
            });
            await context.SaveChangesAsync(cancellationToken);
            return code;
        },
        cancellationToken);

    /// <summary>A grant of the person's who is signed in, in a transaction that the caller saves and commits. None if he is not any more.</summary>
    /// <param name="context">Saved by the caller.</param>
    /// <param name="who">The person.</param>
    /// <param name="wish">What he lets which program do, and until when it comes for its first token.</param>
    /// <param name="cancellationToken">None is begun then.</param>
    public async Task<Result<GrantRow>> BeginAsync(
        IdentityDbContext context, SignedIn who, (ClientRow Client, string[] Scopes, DateTimeOffset Until) wish, CancellationToken cancellationToken)
    {
        // A password that is just being set, or an account that is just being disabled, ends what is there: this comes before, or finds its session gone.
        await PasswordTurn.TakeAsync(context, who.Account.Key, cancellationToken);
        if (who.Stage is not SignInStage.Whole || !await context.Sessions.AnyAsync(session => session.Id == who.Session.Id, cancellationToken))
        {
            return Error.Unauthenticated("SESSION_ENDED", "you were signed out meanwhile: sign in again");
        }

        var (now, client, words) = (clock.GetStoredNow(), wish.Client.Id, string.Join(' ', wish.Scopes));
        await MakeRoomAsync(context, who.Account, client, now, cancellationToken);
        var grant = new GrantRow
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            Account = who.Account.Key,
            Client = client,
            Scopes = words,
            IsStrong = who.Session.IsStrong,
            ProvedAt = who.Session.ProvedAt,
            CreatedAt = now,
            ExpiresAt = now + GrantLifetime,
            GoodUntil = wish.Until,
        };
        context.Add(grant);
        context.Tell(AuditEvents.Of("grant.begin", who.Account, who.Account.Name, now, ("grant", grant.Id), ("client", client), ("scopes", words)));
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO consents (account, client, scopes, given_at) VALUES ({grant.Account}, {client}, {words}, {now.ToUnixTimeMilliseconds()})
            ON CONFLICT (account, client) DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at
            """,
            cancellationToken);
        return grant;
    }

    /// <summary>Takes a code, once. Shown again it ends all that came of it: one of the two who had it has stolen it (OAuth 2.1, section 4.1.3).</summary>
    public async Task<Result<TakenGrant>> TakeCodeAsync(ClientRow client, string code, string redirectUri, string challenge, CancellationToken cancellationToken)
    {
        var hash = SecretText.HashOf(code);
        await using var reading = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await reading.AuthorizationCodes.FirstOrDefaultAsync(one => one.Hash == hash, cancellationToken);
        var grant = row is null ? null : await FindAsync(reading, row.GrantId, client, cancellationToken);
        if (row is null || grant is null)
        {
            return OAuthErrors.Grant("this code was not given to this client");
        }

        var again = OAuthErrors.Grant("this code was used already: everything that was given out for it has ended");
        return row.UsedAt is not null ? await EndAsync(grant, again, cancellationToken)
            : row.RedirectUri != redirectUri ? OAuthErrors.Grant("redirect_uri is not the one that the code was asked for with")
            : row.Challenge != challenge ? OAuthErrors.Grant("code_verifier is not the one that code_challenge was made of")
            : row.ExpiresAt <= clock.GetUtcNow() ? OAuthErrors.Grant($"this code has expired: it is good for {CodeLifetime.TotalSeconds:0} seconds")
            : await TakeOnceAsync(grant, again, TakeAsync(grant, (client, grant.ScopeList, row.Nonce), (UseCodeAsync, again), cancellationToken), cancellationToken);

        async Task<bool> UseCodeAsync(IdentityDbContext context, DateTimeOffset? now) =>
            await context.AuthorizationCodes.Where(one => one.Hash == hash && one.UsedAt == null).ExecuteUpdateAsync(one => one.SetProperty(used => used.UsedAt, now), cancellationToken) is 1;
    }

    /// <summary>Takes a refresh token, once; the next one comes with the tokens. Shown again it ends the whole family (OAuth 2.1, section 4.3.1).</summary>
    public async Task<Result<TakenGrant>> RefreshAsync(ClientRow client, string token, string scope, CancellationToken cancellationToken)
    {
        var hash = SecretText.HashOf(token);
        await using var reading = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await reading.RefreshTokens.FirstOrDefaultAsync(one => one.Hash == hash, cancellationToken);
        var grant = row is null ? null : await FindAsync(reading, row.GrantId, client, cancellationToken);
        if (row is null || grant is null)
        {
            return OAuthErrors.Grant("this refresh token was not given to this client");
        }

        var again = OAuthErrors.Grant("this refresh token was used already: everything that was given out with it has ended, sign in again");
        var scopes = OAuthScopes.Of(scope, grant.ScopeList);
        return row.UsedAt is not null ? await EndAsync(grant, again, cancellationToken)
            : scopes.Error is { } refusal ? refusal
            : row.ExpiresAt <= clock.GetUtcNow() ? OAuthErrors.Grant("this refresh token has expired: sign in again")
            : await TakeOnceAsync(grant, again, TakeAsync(grant, (client, scopes.Value, ""), (UseAsync, again), cancellationToken), cancellationToken);

        async Task<bool> UseAsync(IdentityDbContext context, DateTimeOffset? now) =>
            await context.RefreshTokens.Where(one => one.Hash == hash && one.UsedAt == null).ExecuteUpdateAsync(one => one.SetProperty(used => used.UsedAt, now), cancellationToken) is 1;
    }

    /// <summary>The first tokens of a grant that a person gave to his device.</summary>
    /// <param name="client">Which the device runs.</param>
    /// <param name="hash">Of its device code.</param>
    /// <param name="grantId">What the person gave.</param>
    /// <param name="cancellationToken">Nothing is given out then.</param>
    public async Task<Result<TakenGrant>> TakeDeviceAsync(ClientRow client, string hash, string grantId, CancellationToken cancellationToken)
    {
        await using var reading = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindAsync(reading, grantId, client, cancellationToken) is { } grant
            ? await TakeAsync(grant, (client, grant.ScopeList, ""), (UseAsync, OAuthErrors.Grant("this device has its token already")), cancellationToken)
            : OAuthErrors.Grant("what this device was allowed has ended");

        async Task<bool> UseAsync(IdentityDbContext context, DateTimeOffset? now) => await context.DeviceCodes.Where(one => one.Hash == hash && one.Answer == DeviceAnswer.Allowed)
            .ExecuteUpdateAsync(one => one.SetProperty(used => used.Answer, DeviceAnswer.Taken), cancellationToken) is 1;
    }

    /// <summary>A token of the client's own account (OAuth 2.1, section 4.2).</summary>
    public async Task<Result<IssuedTokens>> IssueOwnAsync(ClientRow client, string[] scopes, CancellationToken cancellationToken)
    {
        var account = await StandingAsync(client.Account, cancellationToken);
        return account.Error is not null
            ? account.Error
            : await IssueAsync(account.Value, new(client.Id, client.Name, scopes, ClientRow.AccessLifetime), cancellationToken);
    }

    /// <summary>A token that stands alone, without a grant.</summary>
    public Task<Result<IssuedTokens>> IssueAsync(AccountRow account, LoneToken wish, CancellationToken cancellationToken) => contexts.DecideAsync<IdentityDbContext, IssuedTokens>(
        async context =>
        {
            var (secret, now) = (TokenText.Make(), clock.GetStoredNow());
            // Its row held to the end of the transaction: whoever deletes the client, or the trust, ends this token too, or has done so before.
            if (await context.Clients.Where(row => row.Id == wish.Client).ExecuteUpdateAsync(row => row.SetProperty(one => one.Name, one => one.Name), cancellationToken) is 0
                && await context.TrustedIssuers.Where(row => row.Id == wish.Client).ExecuteUpdateAsync(row => row.SetProperty(one => one.Issuer, one => one.Issuer), cancellationToken) is 0)
            {
                return OAuthErrors.Grant("it was deleted just now");
            }

            await MakeRoomAsync(context, context.Tokens.Where(token => token.Client == wish.Client && token.GrantId == ""), MostOfAProgram, now, cancellationToken);
            var token = TokenOf(account, secret, (wish.Client, "", wish.Name), wish.Scopes, now, wish.Lifetime, wish.Repository);
            Add(context, token);
            context.Tell(AuditEvents.Of(
                wish.Evidence is [] ? "token.create" : "token.exchange",
                account,
                account.Name,
                now,
                [("token", token.Id), ("client", wish.Client), ("scopes", token.Scopes), ("repository", wish.Repository), .. wish.Evidence]));
            await context.SaveChangesAsync(cancellationToken);
            return new IssuedTokens(secret, wish.Lifetime, wish.Scopes);
        },
        cancellationToken);

    /// <summary>An account that tokens may be given out for.</summary>
    public async Task<Result<AccountRow>> StandingAsync(string key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await context.Accounts.FirstOrDefaultAsync(row => row.Key == key && !row.Pending, cancellationToken);
        return account is { Disabled: false } && (await members.RolesOfAsync(account.Tenant, account.Name, cancellationToken)).Length > 0
            ? account
            : OAuthErrors.Grant("the account is disabled, or has no role in its tenant any more");
    }

    /// <summary>Of two who show a secret at the same moment, one was before: for the other it was used already.</summary>
    private async Task<Result<TakenGrant>> TakeOnceAsync(GrantRow grant, Error again, Task<Result<TakenGrant>> taking, CancellationToken cancellationToken)
    {
        var taken = await taking;
        return ReferenceEquals(taken.Error, again) ? await EndAsync(grant, again, cancellationToken) : taken;
    }

    /// <param name="grant">As it was read.</param>
    /// <param name="wish">Who asks for which scopes, and what his request began with.</param>
    /// <param name="secret">Uses up what he shows, and what he is told if it was used up before.</param>
    /// <param name="cancellationToken">Nothing is given out then.</param>
    private async Task<Result<TakenGrant>> TakeAsync(
        GrantRow grant, (ClientRow Client, string[] Scopes, string Nonce) wish, (Func<IdentityDbContext, DateTimeOffset?, Task<bool>> UseAsync, Error Again) secret, CancellationToken cancellationToken)
    {
        var account = await StandingAsync(grant.Account, cancellationToken);
        if (account.Error is { } fallen)
        {
            return fallen;
        }

        return await contexts.DecideAsync<IdentityDbContext, TakenGrant>(
            async context =>
            {
                var now = clock.GetStoredNow();
                var (access, refresh) = EndsOf(grant, wish.Client, now);
                var until = refresh ?? access;
                // Held to the end of the transaction: whoever ends the grant ends this token too, or has done so before.
                if (await context.Grants.Where(row => row.Id == grant.Id && row.EndedAt == null && row.ExpiresAt > now)
                    .ExecuteUpdateAsync(row => row.SetProperty(one => one.GoodUntil, until), cancellationToken) is 0)
                {
                    return OAuthErrors.Grant("what the person allowed has ended: sign in again");
                }

                if (!await secret.UseAsync(context, now))
                {
                    return secret.Again;
                }

                var tokens = await AddAsync(context, grant, account.Value, (wish.Client, wish.Scopes), (now, access, refresh), cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                return new TakenGrant(grant, account.Value, wish.Nonce, tokens);
            },
            cancellationToken);
    }

    /// <summary>When an access token ends that is given out now, and the refresh token with it, which is good for longer; null: there is none. Neither outlives the grant.</summary>
    private static (DateTimeOffset Access, DateTimeOffset? Refresh) EndsOf(GrantRow grant, ClientRow client, DateTimeOffset now)
    {
        return (Within(now + BuiltInClients.LifetimeFor(client)), client.May(OAuthGrants.RefreshToken) ? Within(now + RefreshIdle) : null);

        DateTimeOffset Within(DateTimeOffset end) => end < grant.ExpiresAt ? end : grant.ExpiresAt;
    }

    private static async Task<IssuedTokens> AddAsync(
        IdentityDbContext context, GrantRow grant, AccountRow account, (ClientRow Client, string[] Scopes) wish, (DateTimeOffset Now, DateTimeOffset Access, DateTimeOffset? Refresh) times, CancellationToken cancellationToken)
    {
        var (secret, lifetime) = (TokenText.Make(), times.Access - times.Now);
        await MakeRoomAsync(context, context.Tokens.Where(token => token.GrantId == grant.Id), MostOfAGrant, times.Now, cancellationToken);
        Add(context, TokenOf(account, secret, (wish.Client.Id, grant.Id, wish.Client.Name), wish.Scopes, times.Now, lifetime));
        if (times.Refresh is not { } end)
        {
            return new(secret, lifetime, wish.Scopes);
        }

        var refresh = SecretText.Make();
        context.Add(new RefreshTokenRow { Hash = SecretText.HashOf(refresh), GrantId = grant.Id, CreatedAt = times.Now, ExpiresAt = end });
        return new(secret, lifetime, wish.Scopes, refresh);
    }

    private static async Task MakeRoomAsync(IdentityDbContext context, AccountRow account, string client, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var oldest = await context.Grants.Where(grant => grant.Account == account.Key && grant.Client == client && grant.EndedAt == null && grant.GoodUntil > now)
            .OrderByDescending(grant => grant.CreatedAt).ThenByDescending(grant => grant.Id).Skip(MostOfAnAccount - 1).Select(grant => grant.Id).ToListAsync(cancellationToken);
        foreach (var id in oldest)
        {
            await Grants.EndAsync(context, (id, client), new(account, "", "room"), now, cancellationToken);
        }
    }

    private static async Task MakeRoomAsync(IdentityDbContext context, IQueryable<TokenRow> tokens, int most, DateTimeOffset now, CancellationToken cancellationToken) => await Grants.RevokeAsync(
        context,
        tokens.Where(token => token.RevokedAt == null && token.ExpiresAt > now).OrderByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id).Skip(most - 1),
        now,
        cancellationToken);

    private static void Add(IdentityDbContext context, TokenRow token)
    {
        context.Add(token);
        context.Announce($"token/{token.Id}", token.ToMessage());
    }

    private static TokenRow TokenOf(
        AccountRow account, string secret, (string Client, string Grant, string Name) by, string[] scopes, DateTimeOffset now, TimeSpan lifetime, string repository = "") => new()
    {
        Id = Guid.CreateVersion7(now).ToString("n"),
        Hash = SecretText.HashOf(secret),
        Account = account.Key,
        AccountName = account.Name,
        DisplayName = by.Name,
        Scopes = string.Join(' ', scopes),
        CreatedBy = account.Name,
        CreatedAt = now,
        ExpiresAt = now + lifetime,
        Client = by.Client,
        GrantId = by.Grant,
        Repository = repository,
    };

    /// <summary>A secret was shown twice: by its program and by whoever stole it, nobody knows in which order.</summary>
    private async Task<Error> EndAsync(GrantRow grant, Error again, CancellationToken cancellationToken)
    {
        await contexts.TransactAsync(
            async (context, transaction) =>
            {
                var account = await context.Accounts.FirstAsync(row => row.Key == grant.Account, cancellationToken);
                await Grants.EndAsync(context, (grant.Id, grant.Client), new(account, "", "reuse") { Action = "grant.reuse" }, clock.GetStoredNow(), cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        return again;
    }

    private static Task<GrantRow?> FindAsync(IdentityDbContext context, string id, ClientRow client, CancellationToken cancellationToken) =>
        context.Grants.FirstOrDefaultAsync(row => row.Id == id && row.Client == client.Id, cancellationToken);
}

/// <summary>A token that is not part of a grant.</summary>
/// <param name="Client">Whom it is given to: a client's id, or a trusted issuer's.</param>
/// <param name="Name">What it is called in the account's list.</param>
/// <param name="Scopes">What it is for.</param>
/// <param name="Lifetime">How long.</param>
/// <param name="Repository">The one that it is for; empty: no such bound.</param>
internal sealed record LoneToken(string Client, string Name, string[] Scopes, TimeSpan Lifetime, string Repository = "")
{
    /// <summary>What was shown for it, as the audit trail keeps it; empty: the client's own word.</summary>
    public IReadOnlyList<(string Name, string Value)> Evidence { get; init; } = [];
}
