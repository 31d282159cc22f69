using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Authentication;

/// <summary>Says whose a credential is.</summary>
internal sealed class Authenticator(
    IDbContextFactory<IdentityDbContext> contexts,
    MemberDirectory members,
    TokenUse use,
    SessionBook sessions,
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

    /// <summary>Who is signed in by a session, all the way.</summary>
    public async Task<Result<Principal>> AuthenticateSessionAsync(string secret, CancellationToken cancellationToken)
    {
        var principal = await sessions.FindAsync(secret, cancellationToken) is { } who
            ? await PrincipalAsync(who, cancellationToken)
            : Error.Unauthenticated("SESSION_ENDED", "you are not signed in any more: sign in again at /account/sign-in");
        metrics.Authenticated(principal.Error?.Reason ?? "session");
        return principal;
    }

    /// <summary>A person at the keyboard may do all that his roles let him.</summary>
    public async Task<Result<Principal>> PrincipalAsync(SignedIn who, CancellationToken cancellationToken)
    {
        if (who.Stage is not SignInStage.Whole)
        {
            return Error.Unauthenticated("SECOND_FACTOR_NEEDED", "your second factor is needed: go on at /account/second-factor");
        }

        var roles = await RolesAsync(who.Account, cancellationToken);
        if (roles.Error is not null)
        {
            return roles.Error;
        }

        return new Principal
        {
            Kind = who.Account.Kind,
            Name = who.Account.Name,
            Tenant = who.Account.Tenant,
            Roles = { roles.Value },
            Scopes = { Scopes.All },
            SessionId = who.Session.Id,
            ProvedAt = who.Session.ProvedAt.ToTimestamp(),
            IsStrong = who.Session.IsStrong,
        };
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
        var hash = SecretText.HashOf(credential);
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
        var roles = await RolesAsync(account, cancellationToken);
        if (roles.Error is not null)
        {
            return roles.Error;
        }

        use.Note(token.Id);
        return new Principal
        {
            Kind = account.Kind,
            Name = account.Name,
            Tenant = account.Tenant,
            Roles = { roles.Value },
            // What is for OpenID Connect alone is no scope of the garden's.
            Scopes = { token.ScopeList.Where(Scopes.All.Contains) },
            TokenId = token.Id,
            Repository = token.Repository,
        };
    }

    private async Task<Result<string[]>> RolesAsync(AccountRow account, CancellationToken cancellationToken)
    {
        var roles = await members.RolesOfAsync(account.Tenant, account.Name, cancellationToken);
        return roles.Length > 0
            ? roles
            : Error.Unauthenticated("NOT_A_MEMBER", $"the account {account.Name} has no role in {account.Tenant} any more: an admin of {account.Tenant} can give it one");
    }

    private static Result<Principal> Anonymous() => new Principal { Kind = PrincipalKind.Anonymous, Scopes = { Scopes.Read } };

    /// <summary>Whom the garden's admin token stands for.</summary>
    public static Principal Root() => new()
    {
        Kind = PrincipalKind.Person,
        Name = Bootstrap.Account,
        Tenant = Bootstrap.Tenant,
        Roles = { Roles.Operator, Roles.Curator, Roles.Admin },
        Scopes = { Scopes.All },
        TokenId = AdminTokenId,
    };
}
