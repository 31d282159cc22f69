using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Tokens;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.OAuth;

/// <summary>What clients may know and end of tokens that they hold: introspection (RFC 7662), revocation (RFC 7009) and user info (OpenID Connect Core, section 5.3).</summary>
internal sealed class IssuedTokenBook(IDbContextFactory<IdentityDbContext> contexts, GrantBook grants, TimeProvider clock)
{
    /// <summary>
    /// What a token is, if it is good and the client may know: it was given to it, or stands for someone whom the client is for. Of all others, and of what is no token, the same.
    /// </summary>
    public async Task<JsonObject> IntrospectAsync(ClientRow client, string token, string issuer, CancellationToken cancellationToken)
    {
        var (hash, now) = (SecretText.HashOf(token), clock.GetUtcNow());
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Tokens.FirstOrDefaultAsync(row => row.Hash == hash && row.RevokedAt == null && row.ExpiresAt > now, cancellationToken) is { } access)
        {
            var account = await grants.StandingAsync(access.Account, cancellationToken);
            return account.Error is null && (access.Client == client.Id || client.IsFor(account.Value)) ? ToJson(access, account.Value, issuer) : Inactive();
        }

        var refresh = await context.RefreshTokens.Where(row => row.Hash == hash && row.UsedAt == null && row.ExpiresAt > now)
            .Join(context.Grants.Where(grant => grant.Client == client.Id && grant.EndedAt == null), row => row.GrantId, grant => grant.Id, (row, grant) => new { Token = row, Grant = grant })
            .FirstOrDefaultAsync(cancellationToken);
        return refresh is not null && (await grants.StandingAsync(refresh.Grant.Account, cancellationToken)).Error is null
            ? new()
            {
                ["active"] = true,
                ["scope"] = refresh.Grant.Scopes,
                ["client_id"] = client.Id,
                ["sub"] = refresh.Grant.Account,
                ["iat"] = refresh.Token.CreatedAt.ToUnixTimeSeconds(),
                ["exp"] = refresh.Token.ExpiresAt.ToUnixTimeSeconds(),
                ["iss"] = issuer,
            }
            : Inactive();
    }

    /// <summary>
    /// Ends a token that was given to the client: a refresh token with its whole family, an access token alone; where there is nothing to refresh, the grant is over with it. What is none of its own stays, and
    /// nothing is said of it.
    /// </summary>
    public Task RevokeAsync(ClientRow client, string token, CancellationToken cancellationToken)
    {
        var (hash, refreshes) = (SecretText.HashOf(token), client.May(OAuthGrants.RefreshToken));
        return contexts.TransactAsync(
            async (context, transaction) =>
            {
                var now = clock.GetStoredNow();
                var family = await context.Grants
                    .Where(grant => grant.Client == client.Id
                        && (context.RefreshTokens.Any(row => row.Hash == hash && row.GrantId == grant.Id) || (!refreshes && context.Tokens.Any(row => row.Hash == hash && row.GrantId == grant.Id))))
                    .Join(context.Accounts, grant => grant.Account, account => account.Key, (grant, account) => new { grant.Id, Account = account }).FirstOrDefaultAsync(cancellationToken);
                if (family is not null)
                {
                    await Grants.EndAsync(context, (family.Id, client.Id), new(family.Account, family.Account.Name, "program"), now, cancellationToken);
                }

                await Grants.RevokeAsync(context, context.Tokens.Where(row => row.Hash == hash && row.Client == client.Id), now, cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Of the one whose token a request came with; null: the token is not one for that.</summary>
    public async Task<JsonObject?> UserInfoAsync(Caller caller, CancellationToken cancellationToken)
    {
        var id = caller.Principal.TokenId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await context.Tokens.Where(token => token.Id == id && token.RevokedAt == null)
            .Join(context.Accounts, token => token.Account, account => account.Key, (token, account) => new { Token = token, Account = account }).FirstOrDefaultAsync(cancellationToken);
        return found?.Token.ScopeList.Contains(OAuthScopes.OpenId) is true ? IdTokens.ClaimsOf(found.Account, found.Token.ScopeList) : null;
    }

    private static JsonObject ToJson(TokenRow token, AccountRow account, string issuer)
    {
        var answer = new JsonObject
        {
            ["active"] = true,
            ["scope"] = token.Scopes,
            // Who made his token himself has no client.
            ["client_id"] = token.Client.Length > 0 ? token.Client : account.Key,
            ["username"] = account.Name,
            ["token_type"] = "Bearer",
            ["sub"] = account.Key,
            ["iat"] = token.CreatedAt.ToUnixTimeSeconds(),
            ["exp"] = token.ExpiresAt?.ToUnixTimeSeconds(),
            ["iss"] = issuer,
            ["jti"] = token.Id,
        };
        if (token.Repository.Length > 0)
        {
            // A name of ours: whoever takes the token in for a service of his own has to hold it to its one repository, as the garden does.
            answer["repository"] = token.Repository;
        }

        return answer;
    }

    private static JsonObject Inactive() => new() { ["active"] = false };
}
