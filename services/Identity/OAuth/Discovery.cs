using System.Text.Json.Nodes;

namespace ModelGarden.Identity.OAuth;

/// <summary>What this garden's issuer can do, and where (OpenID Connect Discovery, section 3; RFC 8414, section 2).</summary>
internal static class Discovery
{
    public static JsonObject Of(string issuer) => new()
    {
        ["issuer"] = issuer,
        ["authorization_endpoint"] = $"{issuer}{OAuthRoutes.Authorize}",
        ["token_endpoint"] = $"{issuer}{OAuthRoutes.Token}",
        ["userinfo_endpoint"] = $"{issuer}{OAuthRoutes.UserInfo}",
        ["jwks_uri"] = $"{issuer}{OAuthRoutes.Keys}",
        ["device_authorization_endpoint"] = $"{issuer}{OAuthRoutes.Device}",
        ["revocation_endpoint"] = $"{issuer}{OAuthRoutes.Revoke}",
        ["introspection_endpoint"] = $"{issuer}{OAuthRoutes.Introspect}",
        ["scopes_supported"] = Words(OAuthScopes.All),
        ["response_types_supported"] = Words("code"),
        ["response_modes_supported"] = Words("query"),
        ["grant_types_supported"] = Words([.. OAuthGrants.OfClients, OAuthGrants.TokenExchange]),
        ["subject_types_supported"] = Words("public"),
        ["id_token_signing_alg_values_supported"] = Words("ES256"),
        ["token_endpoint_auth_methods_supported"] = Words("client_secret_basic", "client_secret_post", "none"),
        ["revocation_endpoint_auth_methods_supported"] = Words("client_secret_basic", "client_secret_post", "none"),
        ["introspection_endpoint_auth_methods_supported"] = Words("client_secret_basic", "client_secret_post"),
        ["code_challenge_methods_supported"] = Words("S256"),
        ["prompt_values_supported"] = Words("none", "login", "consent", "select_account"),
        ["acr_values_supported"] = Words("1", "2"),
        ["claims_supported"] = Words("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "name", "preferred_username", "tenant", "email", "email_verified"),
        ["authorization_response_iss_parameter_supported"] = true,
        ["claims_parameter_supported"] = false,
        ["request_parameter_supported"] = false,
        ["request_uri_parameter_supported"] = false,
    };

    private static JsonArray Words(params IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
