using System.Text;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Credentials;

/// <summary>
/// Swaps whatever credential a request carries for an internal token, which is all that goes further in. A request without one goes on as
/// an anonymous caller; one with a wrong one ends here. A browser's session cookie is a credential where there is no other; one that has ended is none, or its browser could not
/// so much as sign in again.
/// </summary>
internal sealed class CredentialMiddleware(RequestDelegate next, CredentialCache cache, BrowserSession browser)
{
    private const int MaximumLength = 8192;
    private const string XetPath = "/garden/v1/xet";
    private const string XetTokenHeader = "X-Garden-Xet-Token";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/healthz"))
        {
            await next(context);
            return;
        }

        context.Request.Headers.Remove(ClientCredential.Header);
        try
        {
            var caller = await CallerAsync(context);
            context.Features.Set(caller);
            context.Request.Headers.Authorization = $"Bearer {caller.InternalToken}";
            context.Request.Headers.Remove("api-key");
        }
        catch (ErrorException exception)
        {
            await Refusal.WriteAsync(context, exception.Error);
            return;
        }

        await next(context);
    }

    private async ValueTask<Caller> CallerAsync(HttpContext context)
    {
        var request = context.Request;
        if (BrowserSession.IsForPages(request))
        {
            // Identity's pages read the cookie themselves, also that of someone who is only half way in.
            return await cache.GetAsync(browser.Guard(request).OrThrow(), context.RequestAborted);
        }

        if (IsForClients(request))
        {
            // Whatever is shown here is a client's, not a token's: Identity looks at it. A browser that is sent here is looked at on the page that it is sent on to.
            _ = BrowserSession.Take(request);
            request.Headers[ClientCredential.Header] = request.Headers.Authorization;
            return await cache.GetAsync(Credential.Nobody, context.RequestAborted);
        }

        var (credential, session) = (Find(request.Headers), BrowserSession.Take(request));
        if (request.Path.StartsWithSegments(XetPath))
        {
            // The Xet protocol's tokens are Artifacts' own: it checks them, and the request goes on as nobody's, whoever's browser sent it.
            request.Headers[XetTokenHeader] = credential.OrThrow();
            return await cache.GetAsync(Credential.Nobody, context.RequestAborted);
        }

        return credential.OrThrow().Length is 0 && session.Length > 0
            ? await BySessionAsync(request, session, context.RequestAborted)
            : await cache.GetAsync(Credential.Token(credential.Value), context.RequestAborted);
    }

    private static bool IsForClients(HttpRequest request) =>
        request.Path.StartsWithSegments(ClientCredential.Endpoints) && !request.Path.StartsWithSegments(ClientCredential.UserInfo);

    private async ValueTask<Caller> BySessionAsync(HttpRequest request, string session, CancellationToken cancellationToken)
    {
        try
        {
            var caller = await cache.GetAsync(Credential.Session(session), cancellationToken);
            _ = browser.Guard(request).OrThrow();
            return caller;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.Unauthenticated)
        {
            return await cache.GetAsync(Credential.Nobody, cancellationToken);
        }
    }

    /// <summary>The credential of a request: a bearer token, the password of basic authentication (git, OCI), or Azure's api-key; empty: none.</summary>
    private static Result<string> Find(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization.ToString();
        var space = authorization.IndexOf(' ', StringComparison.Ordinal);
        var (scheme, value) = space < 0 ? (authorization, "") : (authorization[..space], authorization[(space + 1)..].Trim());
        return (scheme.ToUpperInvariant(), value.Length) switch
        {
            (_, > MaximumLength) => Error.Unauthenticated("BAD_CREDENTIAL", $"the Authorization header is longer than {MaximumLength} characters"),
            ("", _) => headers["api-key"].ToString(),
            ("BEARER", _) => value,
            ("BASIC", _) => Password(value),
            _ => Error.Unauthenticated("BAD_CREDENTIAL", $"the authorization scheme '{Text.Shorten(scheme, 20)}' is not known: send 'Authorization: Bearer hf_garden_…'"),
        };
    }

    private static Result<string> Password(string value)
    {
        Span<byte> decoded = stackalloc byte[MaximumLength];
        return Convert.TryFromBase64String(value, decoded, out var length) && Encoding.UTF8.GetString(decoded[..length]).Split(':', 2) is [_, var password]
            ? password
            : Error.Unauthenticated("BAD_CREDENTIAL", "the basic credential is not base64 of 'name:token'");
    }
}
