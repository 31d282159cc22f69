using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.OAuth;

/// <summary>Who asks, and where the answer goes: whatever else is wrong is told there.</summary>
/// <param name="Client">Registered for this.</param>
/// <param name="RedirectUri">One of its own, as it was asked for with.</param>
/// <param name="State">Goes back as it came; empty: none.</param>
/// <param name="Issuer">Goes back too, so that the client knows whose answer it is (RFC 9207).</param>
internal sealed record Asking(ClientRow Client, string RedirectUri, string State, string Issuer)
{
    public string Answer(string code) => Send(("code", code));

    public string Answer(Error error) => Send(("error", OAuthErrors.WordOf(error)), ("error_description", OAuthErrors.DescriptionOf(error)));

    private string Send(params (string, string)[] parameters) => OAuth.RedirectUri.With(RedirectUri, [.. parameters, ("state", State), ("iss", Issuer)]);
}

/// <summary>A client's request to sign a person in, and to act for him (OAuth 2.1, section 4.1.1; OpenID Connect Core, section 3.1.2.1).</summary>
/// <param name="Asking">Who asks.</param>
/// <param name="Scopes">What for.</param>
/// <param name="Challenge">PKCE's, by S256.</param>
/// <param name="Nonce">Goes into the id token; empty: none.</param>
/// <param name="Prompts">none, login, consent, select_account.</param>
/// <param name="MaxAge">The person is to have proved himself within this time; null: whenever.</param>
/// <param name="Query">The request as it came, to come back to; it does not ask for signing in anew any more.</param>
internal sealed record AuthorizeRequest(Asking Asking, string[] Scopes, string Challenge, string Nonce, string[] Prompts, TimeSpan? MaxAge, string Query)
{
    // What fits into the address of the sign-in page, encoded.
    private const int LongestQuery = 1900;
    private const int LongestNonce = 512;
    private const int ChallengeLength = 43;
    private static readonly string[] KnownPrompts = ["none", "login", "consent", "select_account"];
    private static readonly string[] NotTaken = ["request", "request_uri", "registration"];

    public bool Wants(string prompt) => Prompts.Contains(prompt);

    /// <summary>Who asks. What is wrong here is told to the person, for nobody else is known to have asked.</summary>
    public static async Task<Result<Asking>> AskingOfAsync(OAuthParameters parameters, ClientBook clients, string issuer, CancellationToken cancellationToken)
    {
        var client = await clients.FindAsync(parameters["client_id"], cancellationToken);
        return client?.May(OAuthGrants.AuthorizationCode) is not true ? Error.Invalid("BAD_CLIENT", "this garden knows no such program: whoever sent you here has to register it first")
            : !OAuth.RedirectUri.IsOneOf(client.RedirectUriList, parameters["redirect_uri"])
            ? Error.Invalid("BAD_REDIRECT_URI", $"{client.Name} wants you to be sent to an address that is not registered for it, so you are sent nowhere")
            : new Asking(client, parameters["redirect_uri"], parameters["state"], issuer);
    }

    public static Result<AuthorizeRequest> Create(Asking asking, OAuthParameters parameters, string query)
    {
        var prompts = parameters["prompt"].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var scopes = OAuthScopes.Of(parameters["scope"], asking.Client.ScopeList);
        var maxAge = parameters["max_age"].Length is 0 ? null : (int?)(int.TryParse(parameters["max_age"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : -1);
        return (Refusal(parameters, query) ?? PromptRefusal(prompts) ?? scopes.Error ?? (maxAge is < 0 ? OAuthErrors.Request("max_age is not a number of seconds") : null)) is { } refusal
            ? refusal
            : new AuthorizeRequest(
                asking, scopes.Value, parameters["code_challenge"], parameters["nonce"], prompts, maxAge is { } age ? TimeSpan.FromSeconds(age) : null, Settled(query, prompts));
    }

    private static Error? Refusal(OAuthParameters parameters, string query)
    {
        if (Array.Find(NotTaken, name => parameters[name].Length > 0) is { } notTaken)
        {
            return OAuthErrors.Of($"{notTaken}_not_supported", $"the parameter {notTaken} is not taken: send the parameters themselves");
        }

        return (parameters["response_type"], parameters["response_mode"]) switch
        {
            ("", _) => OAuthErrors.Request("response_type is missing"),
            (not "code", _) => OAuthErrors.Of("unsupported_response_type", "there is response_type=code alone"),
            (_, not ("" or "query")) => OAuthErrors.Request("there is response_mode=query alone"),
            _ when parameters["code_challenge_method"] is not "S256" => OAuthErrors.Request("code_challenge_method has to be S256 (RFC 7636)"),
            _ when parameters["code_challenge"] is not { Length: ChallengeLength } challenge || !challenge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') =>
                OAuthErrors.Request("code_challenge is missing, or not a SHA-256 in base64url (RFC 7636)"),
            _ when parameters["nonce"].Length > LongestNonce => OAuthErrors.Request($"nonce is longer than {LongestNonce} characters"),
            _ when query.Length > LongestQuery => OAuthErrors.Request($"the request is longer than {LongestQuery} characters"),
            _ => null,
        };
    }

    private static Error? PromptRefusal(string[] prompts) =>
        prompts.All(KnownPrompts.Contains) && (prompts.Length <= 1 || !prompts.Contains("none"))
            ? null
            : OAuthErrors.Request($"prompt is none alone, or some of {string.Join(", ", KnownPrompts[1..])}");

    /// <summary>The query without what has been done when the person comes back: who leaves it out himself is told from <c>auth_time</c>.</summary>
    private static string Settled(string query, string[] prompts)
    {
        var left = QueryHelpers.ParseQuery(query).Where(pair => pair.Key is not ("prompt" or "max_age"));
        var others = string.Join(' ', prompts.Where(prompt => prompt is not "login"));
        return QueryString.Create(others.Length > 0 ? left.Append(new("prompt", others)) : left).ToString();
    }
}
