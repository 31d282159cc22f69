using System.Text.Json.Nodes;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.Pages;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>OAuth's endpoints for programs; those for people are pages below <c>/account</c>.</summary>
internal static class OAuthRoutes
{
    public const string Authorize = "/oauth/authorize";
    public const string Token = "/oauth/token";
    public const string Device = "/oauth/device";
    public const string Revoke = "/oauth/revoke";
    public const string Introspect = "/oauth/introspect";
    public const string UserInfo = ClientCredential.UserInfo;
    public const string Keys = "/oauth/jwks";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuth()
        {
            var services = routes.ServiceProvider;
            var (address, keys, tokens) = (services.GetRequiredService<PublicAddress>(), services.GetRequiredService<OutsideKeys>(), services.GetRequiredService<IssuedTokenBook>());
            var gate = services.GetRequiredService<OAuthGate>();
            var (door, devices, endpoint) = (services.GetRequiredService<ClientDoor>(), services.GetRequiredService<DeviceBook>(), services.GetRequiredService<TokenEndpoint>());
            foreach (var path in new[] { "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server" })
            {
                routes.Answer("GET", path, http => Task.FromResult<Result<JsonObject>>(Discovery.Of(address.Of(http).OrThrow())));
            }

            routes.Answer("GET", Keys, async http => await keys.PublicAsync(http.RequestAborted));
            routes.MapMethods(Authorize, ["GET", "POST"], SendToPageAsync);
            routes.AnswerClients(Token, gate, (http, parameters) => endpoint.AnswerAsync(http, parameters));
            routes.AnswerClients(Device, gate, (http, parameters) => BeginDeviceAsync(http, parameters, (door, devices), address));
            routes.AnswerClients(Revoke, gate, (http, parameters) => RevokeAsync(http, parameters, door, tokens));
            routes.AnswerClients(Introspect, gate, (http, parameters) => IntrospectAsync(http, parameters, (door, tokens), address));
            routes.MapMethods(UserInfo, ["GET", "POST"], http => UserInfoAsync(http, tokens));
        }

        private void Answer(string verb, string path, Func<HttpContext, Task<Result<JsonObject>>> answer) => routes.MapMethods(path, [verb], http => AnswerAsync(http, answer));

        private void AnswerClients(string path, OAuthGate gate, Func<HttpContext, OAuthParameters, Task<Result<JsonObject>>> answer) => routes.Answer("POST", path, async http =>
        {
            if (gate.TakeAddress(Visit.ClientOf(http.Request).Address) is { } tooMany)
            {
                return tooMany;
            }

            var parameters = await OAuthParameters.ReadAsync(http.Request, http.RequestAborted);
            return parameters.Error is { } error ? error : await answer(http, parameters.Value);
        });
    }

    /// <summary>The page alone is shown the browser's cookies.</summary>
    private static async Task SendToPageAsync(HttpContext http)
    {
        var query = HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType
            ? await OAuthParameters.ReadQueryAsync(http.Request, http.RequestAborted)
            : http.Request.QueryString.ToString();
        if (query.Error is { } tooLarge)
        {
            await WriteErrorAsync(http, tooLarge);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Location = $"{AuthorizePages.Authorize}{query.Value}";
    }

    private static async Task<Result<JsonObject>> BeginDeviceAsync(HttpContext http, OAuthParameters parameters, (ClientDoor Door, DeviceBook Devices) by, PublicAddress address)
    {
        var client = await by.Door.OpenAsync(http.Request, parameters, http.RequestAborted);
        var begun = client.Error is { } refusal ? refusal : await by.Devices.BeginAsync(client.Value, parameters["scope"], Visit.ClientOf(http.Request), http.RequestAborted);
        if (begun.Error is { } error)
        {
            return error;
        }

        var page = $"{address.Of(http).OrThrow()}{DevicePages.Device}";
        return new JsonObject
        {
            ["device_code"] = begun.Value.DeviceCode,
            ["user_code"] = begun.Value.UserCode,
            ["verification_uri"] = page,
            ["verification_uri_complete"] = $"{page}?user_code={begun.Value.UserCode}",
            ["expires_in"] = (long)DeviceBook.Lifetime.TotalSeconds,
            ["interval"] = DeviceBook.PauseSeconds,
        };
    }

    private static async Task<Result<JsonObject>> RevokeAsync(HttpContext http, OAuthParameters parameters, ClientDoor door, IssuedTokenBook tokens)
    {
        var client = await door.OpenAsync(http.Request, parameters, http.RequestAborted);
        if ((client.Error ?? TokenMissing(parameters)) is { } refusal)
        {
            return refusal;
        }

        await tokens.RevokeAsync(client.Value, parameters["token"], http.RequestAborted);
        return new JsonObject();
    }

    private static async Task<Result<JsonObject>> IntrospectAsync(HttpContext http, OAuthParameters parameters, (ClientDoor Door, IssuedTokenBook Tokens) by, PublicAddress address)
    {
        var client = await by.Door.OpenAsync(http.Request, parameters, http.RequestAborted);
        return client.Error is { } refusal ? refusal
            : !client.Value.IsConfidential ? OAuthErrors.Client("only clients with a secret may ask what a token is")
            : TokenMissing(parameters) is { } missing ? missing
            : await by.Tokens.IntrospectAsync(client.Value, parameters["token"], address.Of(http).OrThrow(), http.RequestAborted);
    }

    private static Error? TokenMissing(OAuthParameters parameters) => parameters["token"].Length is 0 ? OAuthErrors.Request("token is missing") : null;

    private static async Task UserInfoAsync(HttpContext http, IssuedTokenBook tokens)
    {
        if (http.GetCaller() is { Principal.TokenId.Length: > 0 } caller)
        {
            var claims = await tokens.UserInfoAsync(caller, http.RequestAborted);
            await (claims is null
                ? ChallengeAsync(http, StatusCodes.Status403Forbidden, "insufficient_scope", "the token was not given out for openid")
                : WriteAsync(http, claims));
            return;
        }

        await ChallengeAsync(http, StatusCodes.Status401Unauthorized, "invalid_token", "send 'Authorization: Bearer' with a token that was given out for openid");
    }

    /// <summary>RFC 6750, section 3.</summary>
    private static Task ChallengeAsync(HttpContext http, int status, string error, string description)
    {
        http.Response.Headers.WWWAuthenticate = $"Bearer error=\"{error}\", error_description=\"{description}\"{(error is "insufficient_scope" ? $", scope=\"{OAuthScopes.OpenId}\"" : "")}";
        return WriteAsync(http, new JsonObject { ["error"] = error, ["error_description"] = description }, status);
    }

    private static async Task AnswerAsync(HttpContext http, Func<HttpContext, Task<Result<JsonObject>>> answer)
    {
        Error error;
        try
        {
            var result = await answer(http);
            if (result.Error is null)
            {
                await WriteAsync(http, result.Value);
                return;
            }

            error = result.Error;
        }
        catch (ErrorException exception) when (!http.Response.HasStarted)
        {
            error = exception.Error;
        }

        if (error.Reason is OAuthErrors.InvalidClient && http.Request.Headers.ContainsKey(ClientCredential.Header))
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"garden: a client's id and secret\", charset=\"UTF-8\"";
        }

        if (error.Code is ErrorCode.Unavailable or ErrorCode.ResourceExhausted)
        {
            http.Response.Headers.RetryAfter = "60";
        }

        await WriteErrorAsync(http, error);
    }

    private static Task WriteErrorAsync(HttpContext http, Error error) =>
        WriteAsync(http, new JsonObject { ["error"] = OAuthErrors.WordOf(error), ["error_description"] = OAuthErrors.DescriptionOf(error) }, OAuthErrors.StatusOf(error));

    private static Task WriteAsync(HttpContext http, JsonObject body, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync(body.ToJsonString(), http.RequestAborted);
    }
}
