using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Keys;

namespace ModelGarden.Identity.OAuth;

/// <summary>Says of a person who has signed in who he is, to the client that he signed in for (OpenID Connect Core, sections 2 and 5).</summary>
internal sealed class IdTokens(OutsideKeys keys, TimeProvider clock)
{
    /// <summary>Long enough for a client whose clock is a little off to read it once.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public string Make(string issuer, TakenGrant taken)
    {
        var (grant, now) = (taken.Grant, clock.GetUtcNow());
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = taken.Account.Key,
            ["aud"] = grant.Client,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["auth_time"] = grant.ProvedAt.ToUnixTimeSeconds(),
            ["acr"] = AcrOf(grant.IsStrong),
            ["amr"] = grant.IsStrong ? new JsonArray("pwd", "otp", "mfa") : new JsonArray("pwd"),
            ["at_hash"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(taken.Tokens.AccessToken)).AsSpan(0, 16)),
        };
        if (taken.Nonce.Length > 0)
        {
            claims["nonce"] = taken.Nonce;
        }

        return keys.Sign(claims);
    }

    /// <summary>What may be said of an account to whoever has these scopes; <c>sub</c> never changes and is nobody else's.</summary>
    public static JsonObject ClaimsOf(AccountRow account, IReadOnlyCollection<string> scopes)
    {
        var claims = new JsonObject { ["sub"] = account.Key };
        if (scopes.Contains(OAuthScopes.Profile))
        {
            claims["name"] = account.DisplayName.Length > 0 ? account.DisplayName : account.Name;
            claims["preferred_username"] = account.Name;
            claims["tenant"] = account.Tenant;
        }

        if (scopes.Contains(OAuthScopes.Email) && account.Email.Length > 0)
        {
            claims["email"] = account.Email;
            // An admin wrote it down: nobody has shown that it is his.
            claims["email_verified"] = false;
        }

        return claims;
    }

    /// <summary>1: a password; 2: a second factor too.</summary>
    private static string AcrOf(bool isStrong) => isStrong ? "2" : "1";
}
