using System.Security.Cryptography;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>How far a visitor has to have come to see a page.</summary>
internal enum Need
{
    /// <summary>Not at all.</summary>
    Nothing,

    /// <summary>A session, with or without its second factor.</summary>
    Session,

    /// <summary>All the way.</summary>
    Whole,

    /// <summary>As far as can be without a second factor that is still to be set up, and not long ago.</summary>
    Fresh,
}

/// <summary>The pages below <c>/account</c>, and what holds for all of them.</summary>
internal static class PageRoutes
{
    // Nothing but our own style sheet, nothing in a frame, forms to us alone.
    private const string Policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static readonly byte[] Style = ReadStyle();

    /// <summary>Changes with the style sheet, so that browsers may keep it.</summary>
    public static string StyleVersion { get; } = Convert.ToHexStringLower(SHA256.HashData(Style))[..16];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapPages()
        {
            routes.MapGet("/account/style.css", WriteStyle);
            routes.MapSignInPages();
            routes.MapAccountPages();
            routes.MapAuthenticatorPages();
            routes.MapAuthorizePages();
            routes.MapDevicePages();
            routes.Page("GET", "/account/{**rest}", Need.Nothing, visit => visit.ShowAsync<Refused>(error: Error.NotFound("NO_SUCH_PAGE", "there is no such page")));
        }

        public void Page(string verb, string path, Need need, Func<Visit, Task> page) => routes.MapMethods(path, [verb], http => AnswerAsync(http, need, page));
    }

    private static async Task AnswerAsync(HttpContext http, Need need, Func<Visit, Task> page)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        // Links with secrets stay here; a stricter one would take the Origin from our own forms.
        headers["Referrer-Policy"] = "same-origin";
        var visit = await Visit.OpenAsync(http);
        try
        {
            if (HttpMethods.IsPost(http.Request.Method) && await visit.ReadFormAsync() is { } refusal)
            {
                await visit.ShowAsync<Refused>(error: refusal);
                return;
            }

            await (Detour(visit, need) is { } elsewhere ? visit.GoToAsync(elsewhere) : page(visit));
        }
        catch (ErrorException exception) when (!http.Response.HasStarted)
        {
            await visit.ShowAsync<Refused>(error: exception.Error);
        }
    }

    private static string? Detour(Visit visit, Need need)
    {
        var request = visit.Http.Request;
        return Detour(visit, need, HttpMethods.IsGet(request.Method) ? request.Path + request.QueryString.ToString() : request.Path.ToString());
    }

    /// <summary>Where a visitor goes first who has not come far enough, to be sent back from there; null: nowhere.</summary>
    public static string? Detour(Visit visit, Need need, string here)
    {
        var clock = visit.Http.RequestServices.GetRequiredService<TimeProvider>();
        return (need, visit.Who) switch
        {
            (Need.Nothing, _) => null,
            (_, null) => LocalPath.WithReturn(SignInPages.SignIn, here),
            (Need.Session, _) => null,
            (_, { Stage: SignInStage.NeedsCode }) => LocalPath.WithReturn(SignInPages.SecondFactor, here),
            (Need.Fresh, { Session: var session }) => session.ProvedAt + Caller.Fresh >= clock.GetUtcNow() ? null : LocalPath.WithReturn(SignInPages.Confirm, here),
            (_, { Stage: SignInStage.NeedsSecondFactor }) => AuthenticatorPages.Authenticator,
            _ => null,
        };
    }

    private static Task WriteStyle(HttpContext http)
    {
        http.Response.ContentType = "text/css; charset=utf-8";
        http.Response.Headers.CacheControl = "public, max-age=86400";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.Body.WriteAsync(Style, http.RequestAborted).AsTask();
    }

    private static byte[] ReadStyle()
    {
        using var stream = typeof(PageRoutes).Assembly.GetManifestResourceStream("account.css") ?? throw new InvalidOperationException("account.css is not embedded");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
