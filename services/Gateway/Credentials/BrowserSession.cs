using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Gateway.Credentials;

/// <summary>
/// The session of a browser, which its browser sends along with every request, whoever made the browser send it: what changes something is taken from our own pages alone. Browsers
/// say where a request was made (Fetch Metadata's <c>Sec-Fetch-Site</c>, else <c>Origin</c>), and let no page say otherwise.
/// </summary>
internal sealed class BrowserSession(IOptions<GardenOptions> options)
{
    private const string Pages = "/account";
    private readonly Uri? _public = options.Value.PublicUrl is { Length: > 0 } url ? new Uri(url) : null;

    /// <summary>The request is for Identity's pages, which alone are shown the cookies.</summary>
    public static bool IsForPages(HttpRequest request) => request.Path.StartsWithSegments(Pages);

    /// <summary>Takes the session's cookie out of the request; empty: there is none.</summary>
    public static string Take(HttpRequest request)
    {
        if (request.Headers.Cookie.Count is 0)
        {
            return "";
        }

        var session = BrowserCookies.Find(request, BrowserCookies.Session(request.IsHttps)) ?? "";
        request.Headers.Cookie = BrowserCookies.Others(request) is { Length: > 0 } others ? others : default(StringValues);
        return session;
    }

    /// <summary>A request by a browser's session, or for one: refused if it may change something and another site made the browser send it. It stands for nobody by itself.</summary>
    public Result<Credential> Guard(HttpRequest request) => IsHarmless(request) || IsOfOurPages(request)
        ? Credential.Nobody
        : Error.Denied("CROSS_ORIGIN", "a signed-in browser changes things from this garden's own pages alone; programs send 'Authorization: Bearer hf_garden_…' instead of a cookie");

    private static bool IsHarmless(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) && request.Headers.Upgrade.Count is 0;

    private bool IsOfOurPages(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" => true,
        "" => Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin) && (_public is null ? IsHere(origin, request.Host) : IsPublic(origin, _public)),
        _ => false,
    };

    // Who ends TLS before the garden leaves the host as it is, not the scheme.
    private static bool IsHere(Uri origin, HostString host) => host.HasValue && string.Equals(origin.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private static bool IsPublic(Uri origin, Uri here) => origin.GetLeftPart(UriPartial.Authority) == here.GetLeftPart(UriPartial.Authority);
}
