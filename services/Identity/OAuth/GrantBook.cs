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
            var grant = await BeginAsync(context, who, request.Asking.Client, request.Scopes, cancellationToken);
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
                ExpiresAt = grant.Value.CreatedAt + CodeLifetime,
            });
            await context.SaveChangesAsync(cancellationToken);
            return code;
        },
        cancellationToken);

    /// <summary>A grant of the person's who is signed in, in a transaction that the caller saves and commits. None if he is not any more.</summary>
    public async Task<Result<GrantRow>> BeginAsync(IdentityDbContext context, SignedIn who, ClientRow client, string[] scopes, CancellationToken cancellationToken)
    {
        // A password that is just being set, or an account that is just being disabled, ends what is there: this comes before, or finds its session gone.
        await PasswordTurn.TakeAsync(context, who.Account.Key, cancellationToken);
        if (who.Stage is not SignInStage.Whole || !await context.Sessions.AnyAsync(session => session.Id == who.Session.Id, cancellationToken))
        {
            return Error.Unauthenticated("SESSION_ENDED", "you were signed out meanwhile: sign in again");
        }

        var (now, words) = (clock.GetStoredNow(), string.Join(' ', scopes));
        var grant = new GrantRow
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            Account = who.Account.Key,
            Client = client.Id,
            Scopes = words,
            IsStrong = who.Session.IsStrong,
            ProvedAt = who.Session.ProvedAt,
            CreatedAt = now,
            ExpiresAt = now + GrantLifetime,
        };
        context.Add(grant);
        context.Tell(AuditEvents.Of("grant.begin", who.Account, who.Account.Name, now, ("grant", grant.Id), ("client", client.Id), ("scopes", words)));
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO consents (account, client, scopes, given_at) VALUES ({grant.Account}, {client.Id}, {words}, {now.ToUnixTimeMilliseconds()})
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

        if (row.UsedAt is not null)
        {
            return await EndAsync(grant, "this code was used already: everything that was given out for it has ended", cancellationToken);
        }

        return row.RedirectUri != redirectUri ? OAuthErrors.Grant("redirect_uri is not the one that the code was asked for with")
            : row.Challenge != challenge ? OAuthErrors.Grant("code_verifier is not the one that code_challenge was made of")
            : row.ExpiresAt <= clock.GetUtcNow() ? OAuthErrors.Grant($"this code has expired: it is good for {CodeLifetime.TotalSeconds:0} seconds")
            : await TakeAsync(grant, client, grant.ScopeList, row.Nonce, UseCodeAsync, cancellationToken);

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

        if (row.UsedAt is not null)
        {
            return await EndAsync(grant, "this refresh token was used already: everything that was given out with it has ended, sign in again", cancellationToken);
        }

        var scopes = OAuthScopes.Of(scope, grant.ScopeList);
        return scopes.Error is { } refusal ? refusal
            : row.ExpiresAt <= clock.GetUtcNow() ? OAuthErrors.Grant("this refresh token has expired: sign in again")
            : await TakeAsync(grant, client, scopes.Value, "", UseAsync, cancellationToken);

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
            ? await TakeAsync(grant, client, grant.ScopeList, "", UseAsync, cancellationToken)
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
            context.Tell(AuditEvents.Of("token.create", account, account.Name, now, ("token", token.Id), ("client", wish.Client), ("scopes", token.Scopes), ("repository", wish.Repository)));
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

    private async Task<Result<TakenGrant>> TakeAsync(
        GrantRow grant, ClientRow client, string[] scopes, string nonce, Func<IdentityDbContext, DateTimeOffset?, Task<bool>> use, CancellationToken cancellationToken)
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
                // Held to the end of the transaction: whoever ends the grant ends this token too, or has done so before.
                if (await context.Grants.Where(row => row.Id == grant.Id && row.EndedAt == null && row.ExpiresAt > now)
                        .ExecuteUpdateAsync(row => row.SetProperty(one => one.Client, one => one.Client), cancellationToken) is 0
                    || !await use(context, now))
                {
                    return OAuthErrors.Grant("it was used or ended just now: sign in again");
                }

                var tokens = await AddAsync(context, grant, account.Value, client, scopes, cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                return new TakenGrant(grant, account.Value, nonce, tokens);
            },
            cancellationToken);
    }

    private async Task<IssuedTokens> AddAsync(IdentityDbContext context, GrantRow grant, AccountRow account, ClientRow client, string[] scopes, CancellationToken cancellationToken)
    {
        var (secret, now, lifetime) = (TokenText.Make(), clock.GetStoredNow(), BuiltInClients.LifetimeFor(client));
        await MakeRoomAsync(context, context.Tokens.Where(token => token.GrantId == grant.Id), MostOfAGrant, now, cancellationToken);
        Add(context, TokenOf(account, secret, (client.Id, grant.Id, client.Name), scopes, now, lifetime));
        if (!client.May(OAuthGrants.RefreshToken))
        {
            return new(secret, lifetime, scopes);
        }

        var refresh = SecretText.Make();
        var end = now + RefreshIdle;
        context.Add(new RefreshTokenRow { Hash = SecretText.HashOf(refresh), GrantId = grant.Id, CreatedAt = now, ExpiresAt = end < grant.ExpiresAt ? end : grant.ExpiresAt });
        return new(secret, lifetime, scopes, refresh);
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

    private async Task<Error> EndAsync(GrantRow grant, string message, CancellationToken cancellationToken)
    {
        await contexts.TransactAsync(
            async (context, transaction) =>
            {
                var now = clock.GetStoredNow();
                await Grants.EndAsync(context, grant.Id, now, cancellationToken);
                if (await context.Accounts.FirstOrDefaultAsync(account => account.Key == grant.Account, cancellationToken) is { } account)
                {
                    context.Tell(AuditEvents.Of("grant.reuse", account, "", now, ("grant", grant.Id), ("client", grant.Client)));
                }

                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        return OAuthErrors.Grant(message);
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
internal sealed record LoneToken(string Client, string Name, string[] Scopes, TimeSpan Lifetime, string Repository = "");
