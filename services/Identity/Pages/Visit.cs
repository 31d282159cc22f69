using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Identity.Authentication;
using ModelGarden.Identity.Keys;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>One request for a page: who asks, what he typed, and how he is answered.</summary>
internal sealed class Visit
{
    private const string FormField = "form";
    private const int LongestField = 4096;
    private const int LongestAgent = 200;
    private const int LongestAddress = 64;
    private static readonly FormOptions Limits = new() { BufferBodyLengthLimit = 64 << 10, MultipartBodyLengthLimit = 0, ValueCountLimit = 32, KeyLengthLimit = 64, ValueLengthLimit = LongestField };
    private readonly bool _isSecure;
    private IFormCollection _form = FormCollection.Empty;

    private Visit(HttpContext http, bool isSecure) => (Http, _isSecure) = (http, isSecure);

    public HttpContext Http { get; }

    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>Null: nobody is signed in.</summary>
    public SignedIn? Who { get; private set; }

    /// <summary>What every form of this browser's carries.</summary>
    public string FormToken { get; private set; } = "";

    /// <summary>Where to go afterwards.</summary>
    public string Return => LocalPath.Of(Field("return") is { Length: > 0 } typed ? typed : Http.Request.Query["return"].ToString());

    /// <summary>The Gateway says where the request came from; it is the only one who can call.</summary>
    public Client Client => ClientOf(Http.Request);

    /// <summary>The same of a request that is for no page.</summary>
    public static Client ClientOf(HttpRequest request) =>
        new(Text.Shorten(request.Headers["X-Forwarded-For"].ToString(), LongestAddress), Text.Shorten(request.Headers.UserAgent.ToString(), LongestAgent));

    /// <summary>Reads who asks, and makes sure that there is a form token.</summary>
    public static async Task<Visit> OpenAsync(HttpContext http)
    {
        var address = http.RequestServices.GetRequiredService<PublicAddress>().Of(http).OrThrow();
        var visit = new Visit(http, address.StartsWith("https:", StringComparison.Ordinal));
        visit.FormToken = visit.KeepFormToken();
        var secret = BrowserCookies.Find(http.Request, BrowserCookies.Session(visit._isSecure));
        visit.Who = secret is null ? null : await http.RequestServices.GetRequiredService<SessionBook>().FindAsync(secret, visit.Cancel);
        return visit;
    }

    /// <summary>Reads what was typed. The error, if this form was not shown to this browser.</summary>
    public async Task<Error?> ReadFormAsync()
    {
        if (!Http.Request.HasFormContentType)
        {
            return Error.Invalid("BAD_FORM", "a form is expected, as the page before has it: go back and send it again");
        }

        try
        {
            _form = await Http.Request.ReadFormAsync(Limits, Cancel);
        }
        catch (InvalidDataException exception)
        {
            throw new ErrorException(Error.Invalid("BAD_FORM", "the form is larger than any of ours: go back and send it again"), exception);
        }

        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Field(FormField)), Encoding.UTF8.GetBytes(FormToken))
            ? null
            : Error.Denied("BAD_FORM", "this form is not from a page that your browser was shown, or your browser keeps no cookies: go back, load the page again, and send it");
    }

    /// <summary>A field of the form; empty: not there.</summary>
    public string Field(string name) => _form[name].ToString();

    public string[] Fields(string name) => [.. _form[name].OfType<string>()];

    /// <summary>The signed-in person as a caller of the parts that also answer RPCs.</summary>
    public async Task<Caller> CallerAsync()
    {
        var principal = (await Http.RequestServices.GetRequiredService<Authenticator>().PrincipalAsync(Who!, Cancel)).OrThrow();
        return new(principal, Http.RequestServices.GetRequiredService<KeyRing>().Sign(principal).Token);
    }

    /// <summary>From now on this browser has this session.</summary>
    public void SignIn(string secret) => Http.Response.Cookies.Append(BrowserCookies.Session(_isSecure), secret, Options());

    public void SignOut() => Http.Response.Cookies.Delete(BrowserCookies.Session(_isSecure), Options());

    /// <summary>Sends the browser on; with GET, whatever it came with. From a form towards another site by way of a page: browsers follow a form's redirections to the sites alone that its page allows.</summary>
    public Task GoToAsync(string path)
    {
        if (HttpMethods.IsPost(Http.Request.Method) && AuthorizePages.LeadsAway(path))
        {
            return ShowAsync<OnwardPage>(new Dictionary<string, object?> { [nameof(OnwardPage.Address)] = path });
        }

        Http.Response.StatusCode = StatusCodes.Status303SeeOther;
        Http.Response.Headers.Location = path;
        return Task.CompletedTask;
    }

    /// <param name="parameters">The page's own.</param>
    /// <param name="error">Why what was typed is refused.</param>
    /// <param name="field">Which field it is about.</param>
    public Task ShowAsync<TPage>(IReadOnlyDictionary<string, object?>? parameters = null, Error? error = null, string field = "")
        where TPage : PageBase
    {
        if (error?.Code is ErrorCode.ResourceExhausted or ErrorCode.Unavailable)
        {
            Http.Response.Headers.RetryAfter = "60";
        }

        var account = Who is { Stage: SignInStage.Whole } ? Who.Account.Name : null;
        return Http.RequestServices.GetRequiredService<PageWriter>().WriteAsync<TPage>(
            Http, error is null ? StatusCodes.Status200OK : HttpErrors.ToStatus(error), new(FormToken, account, Return, error, field), parameters ?? new Dictionary<string, object?>());
    }

    private string KeepFormToken()
    {
        var name = BrowserCookies.Form(_isSecure);
        if (BrowserCookies.Find(Http.Request, name) is { } kept && SecretText.IsWellFormed(kept))
        {
            return kept;
        }

        var token = SecretText.Make();
        Http.Response.Cookies.Append(name, token, Options());
        return token;
    }

    private CookieOptions Options() => new() { HttpOnly = true, Secure = _isSecure, SameSite = SameSiteMode.Lax, Path = "/" };
}
