using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Hosting;
using ModelGarden.Identity.Trust;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Gives out tokens for what a client shows (OAuth 2.1, section 3.2).</summary>
internal sealed partial class TokenEndpoint(
    ClientDoor door, GrantBook grants, DeviceBook devices, TokenExchange exchange, IdTokens idTokens, PublicAddress address, IdentityMetrics metrics, ILogger<TokenEndpoint> logger)
{
    private const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";

    public async Task<Result<JsonObject>> AnswerAsync(HttpContext http, OAuthParameters parameters)
    {
        var grant = parameters["grant_type"];
        var answer = grant is OAuthGrants.TokenExchange ? await ExchangeAsync(http, parameters) : await AnswerClientAsync(http, parameters, grant);
        metrics.Granted(GrantName(grant), answer.Error is { } error ? OAuthErrors.WordOf(error) : "ok");
        return answer;
    }

    private async Task<Result<JsonObject>> AnswerClientAsync(HttpContext http, OAuthParameters parameters, string grant)
    {
        if (grant.Length is 0)
        {
            return OAuthErrors.Request("grant_type is missing");
        }

        if (!OAuthGrants.OfClients.Contains(grant))
        {
            return OAuthErrors.Of("unsupported_grant_type", $"there are {string.Join(", ", OAuthGrants.OfClients)} and {OAuthGrants.TokenExchange}");
        }

        var cancel = http.RequestAborted;
        var opened = await door.OpenAsync(http.Request, parameters, cancel);
        if (opened.Error is not null)
        {
            return opened.Error;
        }

        var client = opened.Value;
        if (!client.May(grant))
        {
            return OAuthErrors.Unauthorized(grant);
        }

        if (grant is OAuthGrants.ClientCredentials)
        {
            return await OwnAsync(client, parameters["scope"], cancel);
        }

        var taken = grant switch
        {
            OAuthGrants.AuthorizationCode => await TakeCodeAsync(client, parameters, cancel),
            OAuthGrants.RefreshToken => await RefreshAsync(client, parameters, cancel),
            _ => await PollAsync(client, parameters, cancel),
        };
        if (taken.Error is { } refusal)
        {
            LogRefused(client.Id, GrantName(grant), OAuthErrors.WordOf(refusal));
            return refusal;
        }

        LogGiven(client.Id, taken.Value.Account.Name, GrantName(grant));
        return ToJson(taken.Value.Tokens, taken.Value.Tokens.Scopes.Contains(OAuthScopes.OpenId) ? idTokens.Make(address.Of(http).OrThrow(), taken.Value) : "");
    }

    private async Task<Result<TakenGrant>> TakeCodeAsync(ClientRow client, OAuthParameters parameters, CancellationToken cancellationToken)
    {
        var verifier = parameters["code_verifier"];
        return parameters["code"].Length is 0 ? OAuthErrors.Request("code is missing")
            : verifier.Length is < 43 or > 128 || !verifier.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~')
            ? OAuthErrors.Request("code_verifier is missing or not one: 43 to 128 letters, digits, '-', '.', '_' or '~' (RFC 7636, section 4.1)")
            : await grants.TakeCodeAsync(client, parameters["code"], parameters["redirect_uri"], Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))), cancellationToken);
    }

    private async Task<Result<TakenGrant>> RefreshAsync(ClientRow client, OAuthParameters parameters, CancellationToken cancellationToken) => parameters["refresh_token"] is { Length: > 0 } token
        ? await grants.RefreshAsync(client, token, parameters["scope"], cancellationToken)
        : OAuthErrors.Request("refresh_token is missing");

    private async Task<Result<TakenGrant>> PollAsync(ClientRow client, OAuthParameters parameters, CancellationToken cancellationToken) => parameters["device_code"] is { Length: > 0 } code
        ? await devices.PollAsync(client, code, cancellationToken)
        : OAuthErrors.Request("device_code is missing");

    private async Task<Result<JsonObject>> OwnAsync(ClientRow client, string scope, CancellationToken cancellationToken)
    {
        // A program is nobody who signs in: there is nothing to say of it to itself.
        var scopes = OAuthScopes.Of(scope, [.. client.ScopeList.Where(Hosting.Access.Scopes.All.Contains)]);
        var issued = scopes.Error is { } refusal ? refusal : await grants.IssueOwnAsync(client, scopes.Value, cancellationToken);
        return issued.Error is { } error ? error : ToJson(issued.Value);
    }

    private async Task<Result<JsonObject>> ExchangeAsync(HttpContext http, OAuthParameters parameters)
    {
        var issued = await exchange.ExchangeAsync(parameters, address.Of(http).OrThrow(), http.RequestAborted);
        if (issued.Error is { } refusal)
        {
            return refusal;
        }

        var answer = ToJson(issued.Value);
        answer["issued_token_type"] = AccessTokenType;
        return answer;
    }

    private static JsonObject ToJson(IssuedTokens tokens, string idToken = "")
    {
        var answer = new JsonObject
        {
            ["access_token"] = tokens.AccessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)tokens.Lifetime.TotalSeconds,
            ["scope"] = string.Join(' ', tokens.Scopes),
        };
        if (tokens.RefreshToken.Length > 0)
        {
            answer["refresh_token"] = tokens.RefreshToken;
        }

        if (idToken.Length > 0)
        {
            answer["id_token"] = idToken;
        }

        return answer;
    }

    /// <summary>Of what strangers send, only what there is becomes a metric's label or a word in the log.</summary>
    private static string GrantName(string grant) => grant is OAuthGrants.TokenExchange || OAuthGrants.OfClients.Contains(grant) ? grant.Split(':')[^1] : "unknown";

    [LoggerMessage(2033, LogLevel.Information, "client {Client} got a token of {Account} by {Grant}")]
    private partial void LogGiven(string client, string account, string grant);

    [LoggerMessage(2034, LogLevel.Information, "client {Client} was refused by {Grant}: {Reason}")]
    private partial void LogRefused(string client, string grant, string reason);
}
