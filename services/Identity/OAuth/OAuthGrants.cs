using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>The grant types of the token endpoint.</summary>
internal static class OAuthGrants
{
    public const string AuthorizationCode = "authorization_code";
    public const string RefreshToken = "refresh_token";
    public const string ClientCredentials = "client_credentials";

    /// <summary>RFC 8628, section 3.4.</summary>
    public const string DeviceCode = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>RFC 8693, section 2.1. For no client in particular: the token that is shown says whose it is.</summary>
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>Those that clients are registered for.</summary>
    public static IReadOnlyList<string> OfClients { get; } = [AuthorizationCode, RefreshToken, ClientCredentials, DeviceCode];
}

/// <summary>What clients ask for: who someone is (OpenID Connect Core, section 5.4), and what tokens of the garden are for.</summary>
internal static class OAuthScopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";

    /// <summary>Taken and without effect: who may refresh is said where the client is registered.</summary>
    public const string OfflineAccess = "offline_access";

    public static IReadOnlyList<string> All { get; } = [OpenId, Profile, Email, OfflineAccess, .. Hosting.Access.Scopes.All];

    /// <summary>They give nobody the power to change anything.</summary>
    public static bool AreOfReading(IEnumerable<string> scopes) => scopes.All(scope => scope is OpenId or Profile or Email or OfflineAccess or Hosting.Access.Scopes.Read);

    /// <summary>The scopes of a request, each once; what the client may have where it names none.</summary>
    public static Result<string[]> Of(string text, IReadOnlyCollection<string> allowed)
    {
        string[] asked = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct()];
        return Array.Find(asked, scope => !allowed.Contains(scope)) is { } beyond
            ? OAuthErrors.Scope($"the scope '{Text.Shorten(beyond, 40)}' is not one that this client may ask for: {string.Join(' ', allowed)}")
            : asked.Length > 0 ? asked : [.. allowed];
    }
}
