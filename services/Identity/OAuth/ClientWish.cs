using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>A client that somebody wants to register, checked: it may ask for nothing that he could not give to a token.</summary>
internal sealed record ClientWish(TenantName Tenant, string Name, bool IsConfidential, string[] RedirectUris, string[] Grants, string[] Scopes, AccountName? Account)
{
    private const int MostRedirectUris = 20;

    public static Result<ClientWish> Create(Caller caller, CreateClientRequest request)
    {
        var tenant = AccountErrors.TenantFor(caller, request.Tenant);
        var account = request.Account.Length > 0 ? AccountName.Create(request.Account) : null;
        string[] grants = request.Grants.Count > 0 ? [.. request.Grants.Distinct()] : [OAuthGrants.AuthorizationCode, OAuthGrants.RefreshToken];
        string[] scopes = request.Scopes.Count > 0 ? [.. request.Scopes.Distinct()] : [OAuthScopes.OpenId, OAuthScopes.Profile, OAuthScopes.Email, Hosting.Access.Scopes.Read];
        return (tenant.Error ?? GardenRefusal(caller, tenant.Value) ?? account?.Error ?? Text.Refusal("name", request.Name, 1, 80) ?? GrantRefusal(request, grants) ?? RedirectRefusal(request, grants) ?? ScopeRefusal(caller, scopes)) is { } refusal
            ? refusal
            : new ClientWish(tenant.Value, request.Name, request.IsConfidential, [.. request.RedirectUris.Distinct()], grants, scopes, account?.Value);
    }

    /// <summary>The garden's clients are for the people of all tenants.</summary>
    private static Error? GardenRefusal(Caller caller, TenantName tenant) => Key.Of(tenant.Value) == Bootstrap.Tenant && !caller.IsOperator
        ? Error.Denied("ROLE_MISSING", $"the clients of {Bootstrap.Tenant} are for everybody: an operator registers them")
        : null;

    private static Error? GrantRefusal(CreateClientRequest request, string[] grants)
    {
        if (Array.Find(grants, grant => !OAuthGrants.OfClients.Contains(grant)) is { } unknown)
        {
            return Error.Invalid("BAD_GRANT", $"'{Text.Shorten(unknown)}' is not a grant of clients: {string.Join(", ", OAuthGrants.OfClients)}");
        }

        return grants.Contains(OAuthGrants.ClientCredentials) == (request.Account.Length > 0) && (request.Account.Length is 0 || request.IsConfidential)
            ? null
            : Error.Invalid("BAD_GRANT", "client_credentials are for a confidential client with the service account that it is to be, and an account is for nothing else");
    }

    private static Error? RedirectRefusal(CreateClientRequest request, string[] grants)
    {
        var isSentBack = grants.Contains(OAuthGrants.AuthorizationCode);
        return isSentBack == (request.RedirectUris.Count is > 0 and <= MostRedirectUris) && (isSentBack || request.RedirectUris.Count is 0)
            ? request.RedirectUris.Select(RedirectUri.Refusal).FirstOrDefault(refusal => refusal is not null)
            : Error.Invalid("BAD_REDIRECT_URI", $"authorization_code needs 1 to {MostRedirectUris} addresses to send people back to, and no other grant has any");
    }

    private static Error? ScopeRefusal(Caller caller, string[] scopes)
    {
        if (Array.Find(scopes, scope => !OAuthScopes.All.Contains(scope)) is { } unknown)
        {
            return Error.Invalid("BAD_SCOPE", $"'{Text.Shorten(unknown)}' is not a scope: {string.Join(", ", OAuthScopes.All)}");
        }

        return Array.Find(scopes, scope => Hosting.Access.Scopes.All.Contains(scope) && !caller.HasScope(scope)) is { } beyond
            ? Error.Denied("SCOPE_MISSING", $"your own token lacks the scope {beyond}, so it cannot let a client ask for it: use one that has it")
            : null;
    }
}
