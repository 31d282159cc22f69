namespace ModelGarden.Hosting.Access;

/// <summary>
/// How a program shows who it is to OAuth's endpoints: its id and secret as basic authentication. They stand where other requests have a token, so the Gateway hands them on in a
/// header of their own, and the request as nobody's.
/// </summary>
public static class ClientCredential
{
    /// <summary>Set by the Gateway alone: what a stranger sends under this name is dropped.</summary>
    public const string Header = "X-Garden-Client-Authorization";

    /// <summary>Below here clients, not tokens, are what shows who asks; but for <see cref="UserInfo"/>, which takes a token.</summary>
    public const string Endpoints = "/oauth";

    /// <summary>Tells whose a token is.</summary>
    public const string UserInfo = "/oauth/userinfo";
}
