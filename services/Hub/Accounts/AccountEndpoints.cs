using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Hub.Routing;
using ModelGarden.Hub.Wire;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Accounts;

/// <summary>Who the caller is.</summary>
internal sealed class AccountEndpoints(Garden garden) : IEndpoints
{
    public IEnumerable<HubRoute> Routes =>
    [
        new("GET", "/api/whoami-v2", WhoAmIAsync),
        new("GET", "/api/agent-harnesses", request => request.Http.WriteJsonAsync(new JsonObject { ["standardEnvVars"] = new JsonArray(), ["harnesses"] = new JsonObject() })),
    ];

    private async Task WhoAmIAsync(HubRequest request)
    {
        if (request.Caller.IsAnonymous)
        {
            throw new RefusalException(new(401, null, "no token was sent: sign in, or send 'Authorization: Bearer hf_garden_…'"));
        }

        var principal = await garden.Identity.WhoAmIAsync(new(), cancellationToken: request.Cancel);
        var token = principal.Scopes.Contains(Scopes.Read) ? await FindTokenAsync(principal.TokenId, request.Cancel) : null;
        await request.Http.WriteJsonAsync(ToJson(principal, token));
    }

    // What it is called is an ornament: who the caller is, is answered without it.
    private async Task<Token?> FindTokenAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return (await garden.Identity.ListTokensAsync(new(), cancellationToken: cancellationToken)).Tokens.FirstOrDefault(token => token.Id == id);
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound or ErrorCode.PermissionDenied)
        {
            return null;
        }
    }

    private static JsonObject ToJson(Principal principal, Token? token) => new()
    {
        ["type"] = "user",
        ["id"] = ShortId.Of($"account/{principal.Name}"),
        ["name"] = principal.Name,
        ["fullname"] = principal.Name,
        ["email"] = null,
        ["emailVerified"] = false,
        ["isPro"] = false,
        ["canPay"] = false,
        ["periodEnd"] = null,
        ["avatarUrl"] = "",
        ["orgs"] = new JsonArray(Organisation(principal)),
        ["auth"] = new JsonObject { ["type"] = "access_token", ["accessToken"] = AccessToken(principal, token) },
    };

    private static JsonObject Organisation(Principal principal) => new()
    {
        ["type"] = "org",
        ["id"] = ShortId.Of($"tenant/{principal.Tenant}"),
        ["name"] = principal.Tenant,
        ["fullname"] = principal.Tenant,
        ["email"] = null,
        ["canPay"] = false,
        ["periodEnd"] = null,
        ["avatarUrl"] = "",
        ["roleInOrg"] = RoleOf(principal),
        ["isEnterprise"] = false,
    };

    private static JsonObject AccessToken(Principal principal, Token? token)
    {
        var json = new JsonObject
        {
            ["displayName"] = token?.DisplayName is { Length: > 0 } name ? name : principal.TokenId,
            ["role"] = principal.Scopes.Contains(Scopes.Write) ? "write" : "read",
        };
        if (token?.CreatedAt.ToWire() is { } createdAt)
        {
            json["createdAt"] = createdAt;
        }

        return json;
    }

    private static string RoleOf(Principal principal) => principal.Roles switch
    {
        var roles when roles.Contains(Roles.Admin) || roles.Contains(Roles.Operator) => "admin",
        var roles when roles.Contains(Roles.Engineer) => "write",
        _ => "read",
    };
}
