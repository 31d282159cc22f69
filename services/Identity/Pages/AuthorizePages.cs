using Microsoft.AspNetCore.WebUtilities;
using ModelGarden.Hosting;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>Where a program sends a person to be signed in, and to say whether it may act for him.</summary>
internal static class AuthorizePages
{
    public const string Authorize = "/account/authorize";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuthorizePages()
        {
            var services = routes.ServiceProvider;
            var (clients, grants) = (services.GetRequiredService<ClientBook>(), services.GetRequiredService<GrantBook>());
            routes.Page("GET", Authorize, Need.Nothing, visit => AskAsync(visit, clients, grants));
            routes.Page("POST", Authorize, Need.Nothing, visit => AnswerAsync(visit, clients, grants));
        }
    }

    /// <summary>The way leads to another site, at once or by the page that sends people there.</summary>
    public static bool LeadsAway(string path) => !path.StartsWith('/') || path.StartsWith($"{Authorize}?", StringComparison.Ordinal);

    private static async Task AskAsync(Visit visit, ClientBook clients, GrantBook grants)
    {
        if (await RequestAsync(visit, clients, visit.Http.Request.QueryString.ToString()) is not { } request)
        {
            return;
        }

        var isConsented = visit.Who is { } who && (OAuthScopes.AreOfReading(request.Scopes) || PageRoutes.Detour(visit, Need.Fresh, Authorize) is null) && await IsConsentedAsync(request, who, grants, visit.Cancel);
        if (request.Wants("none"))
        {
            await AnswerSilentlyAsync(visit, request, isConsented, grants);
            return;
        }

        if (Detour(visit, request, isConsented) is { } elsewhere)
        {
            await visit.GoToAsync(elsewhere);
            return;
        }

        await (isConsented ? SendBackAsync(visit, request, grants) : ShowAsync(visit, request));
    }

    private static async Task AnswerAsync(Visit visit, ClientBook clients, GrantBook grants)
    {
        if (await RequestAsync(visit, clients, visit.Field("request")) is not { } request)
        {
            return;
        }

        // He took his time, or was signed out meanwhile.
        var here = $"{Authorize}{request.Query}";
        if ((PageRoutes.Detour(visit, Need.Whole, here) ?? PageRoutes.Detour(visit, Need.Fresh, here)) is { } elsewhere)
        {
            await visit.GoToAsync(elsewhere);
            return;
        }

        await (visit.Field("answer") is "allow"
            ? SendBackAsync(visit, request, grants)
            : visit.GoToAsync(request.Asking.Answer(OAuthErrors.Of("access_denied", "the person said no"))));
    }

    /// <summary>The request; null: what is wrong with it is told already, to the client if it is known who that is.</summary>
    private static async Task<AuthorizeRequest?> RequestAsync(Visit visit, ClientBook clients, string query)
    {
        var parameters = OAuthParameters.Of(QueryHelpers.ParseQuery(query));
        var issuer = visit.Http.RequestServices.GetRequiredService<PublicAddress>().Of(visit.Http).OrThrow();
        var asking = parameters.Error is { } twice ? twice : await AuthorizeRequest.AskingOfAsync(parameters.Value, clients, issuer, visit.Cancel);
        if (asking.Error is { } unknown)
        {
            await visit.ShowAsync<Refused>(error: unknown);
            return null;
        }

        var request = AuthorizeRequest.Create(asking.Value, parameters.Value, query);
        if (request.Error is { } wrong)
        {
            await visit.GoToAsync(asking.Value.Answer(wrong));
            return null;
        }

        return request.Value;
    }

    /// <summary>Asked before, and, unless it is for reading alone, of somebody who is there now; and by a program that is known to be who it says: of one on a device nobody can tell (RFC 8252, section 8.6).</summary>
    private static async Task<bool> IsConsentedAsync(AuthorizeRequest request, SignedIn who, GrantBook grants, CancellationToken cancellationToken) =>
        !request.Wants("consent") && !request.Wants("select_account") && (request.Asking.Client.IsConfidential || !RedirectUri.IsOnTheDevice(request.Asking.RedirectUri))
        && await grants.HasConsentAsync(who.Account.Key, request.Asking.Client, request.Scopes, cancellationToken);

    /// <summary>Nothing may be asked (OpenID Connect Core, section 3.1.2.1).</summary>
    private static Task AnswerSilentlyAsync(Visit visit, AuthorizeRequest request, bool isConsented, GrantBook grants) =>
        PageRoutes.Detour(visit, Need.Whole, Authorize) is not null || IsTooOld(visit, request) ? visit.GoToAsync(request.Asking.Answer(OAuthErrors.Of("login_required", "the person has to sign in")))
        : !isConsented ? visit.GoToAsync(request.Asking.Answer(OAuthErrors.Of("consent_required", "the person has to be asked")))
        : SendBackAsync(visit, request, grants);

    private static string? Detour(Visit visit, AuthorizeRequest request, bool isConsented)
    {
        var here = $"{Authorize}{request.Query}";
        return PageRoutes.Detour(visit, Need.Whole, here)
            ?? (request.Wants("login") || IsTooOld(visit, request) ? LocalPath.WithReturn(SignInPages.Confirm, here) : null)
            // What is given away for months is asked for as what is dangerous: of somebody who is there.
            ?? (isConsented ? null : PageRoutes.Detour(visit, Need.Fresh, here));
    }

    private static bool IsTooOld(Visit visit, AuthorizeRequest request) =>
        visit.Who!.Session.ProvedAt + request.MaxAge < visit.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static Task ShowAsync(Visit visit, AuthorizeRequest request) => visit.ShowAsync<ConsentPage>(new Dictionary<string, object?>
    {
        [nameof(ConsentPage.Client)] = request.Asking.Client.ToMessage(),
        [nameof(ConsentPage.Scopes)] = request.Scopes,
        [nameof(ConsentPage.Account)] = visit.Who!.Account.ToMessage(),
        [nameof(ConsentPage.Destination)] = RedirectUri.DestinationOf(request.Asking.RedirectUri),
        [nameof(ConsentPage.Request)] = request.Query,
    });

    private static async Task SendBackAsync(Visit visit, AuthorizeRequest request, GrantBook grants)
    {
        if (!request.Asking.Client.IsFor(visit.Who!.Account))
        {
            await visit.GoToAsync(request.Asking.Answer(OAuthErrors.Of("access_denied", $"this client is for the people of {request.Asking.Client.Tenant} alone")));
            return;
        }

        var code = await grants.GiveCodeAsync(visit.Who, request, visit.Cancel);
        await visit.GoToAsync(code.Error is { } refusal ? request.Asking.Answer(refusal) : request.Asking.Answer(code.Value));
    }
}
