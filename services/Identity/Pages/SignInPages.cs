using ModelGarden.Identity.Invitations;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>How people come in and go: signing in, the second factor, confirming, invitations, lost passwords, signing out.</summary>
internal static class SignInPages
{
    public const string SignIn = "/account/sign-in";
    public const string SecondFactor = "/account/second-factor";
    public const string Confirm = "/account/confirm";
    public const string SignOut = "/account/sign-out";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSignInPages()
        {
            var services = routes.ServiceProvider;
            var (desk, sessions) = (services.GetRequiredService<SignInDesk>(), services.GetRequiredService<SessionBook>());
            var (invitations, passwords) = (services.GetRequiredService<InvitationBook>(), services.GetRequiredService<PasswordBook>());
            routes.Page("GET", SignIn, Need.Nothing, visit => visit.Who is { Stage: SignInStage.Whole } ? visit.GoToAsync(visit.Return) : visit.ShowAsync<SignInPage>());
            routes.Page("POST", SignIn, Need.Nothing, visit => SignInAsync(visit, desk, sessions));
            routes.Page("GET", SecondFactor, Need.Session, visit => visit.Who!.Stage is SignInStage.NeedsCode ? visit.ShowAsync<SecondFactorPage>() : visit.GoToAsync(visit.Return));
            routes.Page("POST", SecondFactor, Need.Session, visit => GiveCodeAsync(visit, desk));
            routes.Page("GET", Confirm, Need.Session, visit => ShowConfirmAsync(visit, null));
            routes.Page("POST", Confirm, Need.Session, visit => ConfirmAsync(visit, desk));
            routes.Page("GET", InvitationBook.Page, Need.Nothing, visit => ShowInvitationAsync(visit, invitations));
            routes.Page("POST", InvitationBook.Page, Need.Nothing, visit => AcceptAsync(visit, invitations, sessions));
            routes.Page("GET", PasswordBook.ResetPage, Need.Nothing, visit => ShowResetAsync(visit, passwords));
            routes.Page("POST", PasswordBook.ResetPage, Need.Nothing, visit => ResetAsync(visit, passwords));
            routes.Page("POST", SignOut, Need.Nothing, visit => SignOutAsync(visit, sessions));
        }
    }

    private static async Task SignInAsync(Visit visit, SignInDesk desk, SessionBook sessions)
    {
        var begun = await desk.SignInAsync((visit.Field("name").Trim(), visit.Field("password")), visit.Client, visit.Cancel);
        if (begun.Error is { } error)
        {
            await visit.ShowAsync<SignInPage>(new Dictionary<string, object?> { [nameof(SignInPage.Name)] = visit.Field("name") }, error);
            return;
        }

        await ComeInAsync(visit, begun.Value.Secret, sessions);
    }

    private static async Task GiveCodeAsync(Visit visit, SignInDesk desk)
    {
        // Who is in already proves himself with all that he has.
        if (visit.Who!.Stage is not SignInStage.NeedsCode)
        {
            await visit.GoToAsync(visit.Return);
            return;
        }

        var given = await desk.GiveCodeAsync(visit.Who!, visit.Field("code"), visit.Client, visit.Cancel);
        if (given.Error is { } error)
        {
            await visit.ShowAsync<SecondFactorPage>(null, error, "code");
            return;
        }

        visit.SignIn(given.Value);
        await visit.GoToAsync(visit.Return);
    }

    private static Task ShowConfirmAsync(Visit visit, Error? error) => visit.Who!.Stage is SignInStage.NeedsCode
        ? visit.GoToAsync(LocalPath.WithReturn(SecondFactor, visit.Return))
        : visit.ShowAsync<ConfirmPage>(new Dictionary<string, object?> { [nameof(ConfirmPage.AsksCode)] = visit.Who.HasSecondFactor }, error, error?.Reason is "WRONG_CODE" ? "code" : error?.Reason is "WRONG_PASSWORD" ? "password" : "");

    private static async Task ConfirmAsync(Visit visit, SignInDesk desk)
    {
        if (visit.Who!.Stage is SignInStage.NeedsCode)
        {
            await ShowConfirmAsync(visit, null);
            return;
        }

        var confirmed = await desk.ConfirmAsync(visit.Who!, (visit.Field("password"), visit.Field("code")), visit.Client, visit.Cancel);
        if (confirmed.Error is { } error)
        {
            await ShowConfirmAsync(visit, error);
            return;
        }

        visit.SignIn(confirmed.Value);
        await visit.GoToAsync(visit.Return);
    }

    private static async Task ShowInvitationAsync(Visit visit, InvitationBook invitations)
    {
        var link = visit.Http.Request.Query["link"].ToString();
        var found = await invitations.FindAsync(link, visit.Cancel);
        await (found.Error is { } error ? visit.ShowAsync<Refused>(error: error) : visit.ShowAsync<InvitationPage>(InvitationOf(link, found.Value, found.Value.DisplayName)));
    }

    private static async Task AcceptAsync(Visit visit, InvitationBook invitations, SessionBook sessions)
    {
        var link = visit.Field("link");
        var found = await invitations.FindAsync(link, visit.Cancel);
        if (found.Error is { } gone)
        {
            await visit.ShowAsync<Refused>(error: gone);
            return;
        }

        var accepted = await invitations.AcceptAsync(link, new(visit.Field("name").Trim(), visit.Field("display_name").Trim(), visit.Field("password")), visit.Client, visit.Cancel);
        if (accepted.Error is { } error)
        {
            await visit.ShowAsync<InvitationPage>(InvitationOf(link, found.Value, visit.Field("display_name"), visit.Field("name")), error, FieldOf(error));
            return;
        }

        await ComeInAsync(visit, accepted.Value.Secret, sessions);
    }

    private static async Task ShowResetAsync(Visit visit, PasswordBook passwords)
    {
        var link = visit.Http.Request.Query["link"].ToString();
        var found = await passwords.FindResetAsync(link, visit.Cancel);
        await (found.Error is { } error ? visit.ShowAsync<Refused>(error: error) : visit.ShowAsync<ResetPage>(ResetOf(link, found.Value.Name)));
    }

    private static async Task ResetAsync(Visit visit, PasswordBook passwords)
    {
        var link = visit.Field("link");
        var found = await passwords.FindResetAsync(link, visit.Cancel);
        if (found.Error is { } gone)
        {
            await visit.ShowAsync<Refused>(error: gone);
            return;
        }

        var reset = await passwords.ResetAsync(link, visit.Field("password"), visit.Cancel);
        await (reset.Error is { } error ? visit.ShowAsync<ResetPage>(ResetOf(link, found.Value.Name), error, FieldOf(error)) : visit.GoToAsync(SignIn));
    }

    private static async Task SignOutAsync(Visit visit, SessionBook sessions)
    {
        if (visit.Who is { } who)
        {
            await sessions.EndAsync(who.Session.Id, visit.Cancel);
        }

        visit.SignOut();
        await visit.GoToAsync(SignIn);
    }

    /// <summary>The browser has a new session; the one it had ends, whoever's it was.</summary>
    private static async Task ComeInAsync(Visit visit, string secret, SessionBook sessions)
    {
        if (visit.Who is { } before)
        {
            await sessions.EndAsync(before.Session.Id, visit.Cancel);
        }

        visit.SignIn(secret);
        await visit.GoToAsync(visit.Return);
    }

    private static string FieldOf(Error error) => error.Reason switch
    {
        "BAD_ACCOUNT_NAME" or "ACCOUNT_EXISTS" => "name",
        "BAD_PASSWORD" or "COMMON_PASSWORD" => "password",
        "BAD_TEXT" => "display_name",
        _ => "",
    };

    private static Dictionary<string, object?> InvitationOf(string link, InvitationRow invitation, string displayName, string name = "") => new()
    {
        [nameof(InvitationPage.Link)] = link,
        [nameof(InvitationPage.Tenant)] = invitation.Tenant,
        [nameof(InvitationPage.By)] = invitation.CreatedBy,
        [nameof(InvitationPage.Roles)] = string.Join(", ", invitation.RoleList),
        [nameof(InvitationPage.GivenName)] = invitation.Name,
        [nameof(InvitationPage.Name)] = name,
        [nameof(InvitationPage.DisplayName)] = displayName,
    };

    private static Dictionary<string, object?> ResetOf(string link, string account) => new() { [nameof(ResetPage.Link)] = link, [nameof(ResetPage.Account)] = account };
}
