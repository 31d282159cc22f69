using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Authentication;

/// <summary>Says whose a credential is.</summary>
internal sealed class Authenticator(
    IDbContextFactory<IdentityDbContext> contexts,
    MemberDirectory members,
    TokenUse use,
    IOptions<IdentityOptions> options,
    TimeProvider clock,
    IdentityMetrics metrics)
{
    public const string AdminTokenId = "admin";
    private readonly byte[]? _adminHash = options.Value.AdminToken is { Length: > 0 } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public async Task<Result<Principal>> AuthenticateAsync(string credential, CancellationToken cancellationToken)
    {
        var principal = credential.Length is 0 ? Anonymous() : IsAdmin(credential) ? Root() : await ByTokenAsync(credential, cancellationToken);
        metrics.Authenticated(principal.Error?.Reason ?? (credential.Length is 0 ? "anonymous" : "ok"));
        return principal;
    }

    /// <summary>The hashes are compared, in a time that tells nothing of where they differ nor of the token's length.</summary>
    private bool IsAdmin(string credential) =>
        _adminHash is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(credential)), _adminHash);

    private async Task<Result<Principal>> ByTokenAsync(string credential, CancellationToken cancellationToken)
    {
        if (!TokenText.IsWellFormed(credential))
        {
            return Error.Unauthenticated("BAD_TOKEN", "this is not a token of this garden, or it is mistyped: one begins with hf_garden_ and has 43 characters");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var hash = TokenText.HashOf(credential);
        var found = await context.Tokens.Where(token => token.Hash == hash)
            .Join(context.Accounts, token => token.Account, account => account.Key, (token, account) => new { Token = token, Account = account })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return Error.Unauthenticated("BAD_TOKEN", "this garden has given out no such token");
        }

        return Refusal(found.Token, found.Account) is { } refusal ? refusal : await PrincipalAsync(found.Token, found.Account, cancellationToken);
    }

    private Error? Refusal(TokenRow token, AccountRow account) => token switch
    {
        { RevokedAt: not null } => Error.Unauthenticated("TOKEN_REVOKED", $"the token {token.Id} was revoked: make another one"),
        _ when token.ExpiresAt <= clock.GetUtcNow() => Error.Unauthenticated("TOKEN_EXPIRED", $"the token {token.Id} expired on {token.ExpiresAt:u}: make another one"),
        _ when account.Disabled => Error.Unauthenticated("ACCOUNT_DISABLED", $"the account {account.Name} is disabled: an admin of {account.Tenant} can enable it"),
        _ => null,
    };

    private async Task<Result<Principal>> PrincipalAsync(TokenRow token, AccountRow account, CancellationToken cancellationToken)
    {
        var roles = await members.RolesOfAsync(account.Tenant, account.Name, cancellationToken);
        if (roles.Length is 0)
        {
            return Error.Unauthenticated("NOT_A_MEMBER", $"the account {account.Name} has no role in {account.Tenant} any more: an admin of {account.Tenant} can give it one");
        }

        use.Note(token.Id);
        return new Principal
        {
            Kind = account.Kind,
            Name = account.Name,
            Tenant = account.Tenant,
            Roles = { roles },
            Scopes = { token.ScopeList },
            TokenId = token.Id,
        };
    }

    private static Result<Principal> Anonymous() => new Principal { Kind = PrincipalKind.Anonymous, Scopes = { Scopes.Read } };

    private static Result<Principal> Root() => new Principal
    {
        Kind = PrincipalKind.Person,
        Name = Bootstrap.Account,
        Tenant = Bootstrap.Tenant,
        Roles = { Roles.Operator, Roles.Curator, Roles.Admin },
        Scopes = { Scopes.All },
        TokenId = AdminTokenId,
    };
}
