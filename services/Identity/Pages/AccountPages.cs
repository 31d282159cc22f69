using ModelGarden.Hosting.Access;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;

namespace ModelGarden.Identity.Pages;

/// <summary>What a person sees and changes of his own account.</summary>
internal static class AccountPages
{
    public const string Password = "/account/password";
    public const string Sessions = "/account/sessions";
    public const string Tokens = "/account/tokens";
    public const string Programs = "/account/programs";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAccountPages()
        {
            var services = routes.ServiceProvider;
            var (passwords, factors) = (services.GetRequiredService<PasswordBook>(), services.GetRequiredService<SecondFactorBook>());
            var (desk, sessions, tokens) = (services.GetRequiredService<SessionDesk>(), services.GetRequiredService<SessionBook>(), services.GetRequiredService<TokenBook>());
            var grants = services.GetRequiredService<GrantDesk>();
            routes.Page("GET", LocalPath.Home, Need.Whole, visit => ShowHomeAsync(visit, factors));
            routes.Page("GET", Password, Need.Whole, visit => visit.ShowAsync<PasswordPage>());
            routes.Page("POST", Password, Need.Whole, visit => ChangePasswordAsync(visit, passwords));
            routes.Page("GET", Sessions, Need.Whole, visit => ShowSessionsAsync(visit, desk));
            routes.Page("POST", Sessions, Need.Whole, visit => EndSessionsAsync(visit, desk, sessions));
            routes.Page("GET", Tokens, Need.Whole, visit => ShowTokensAsync(visit, tokens, null));
            routes.Page("POST", Tokens, Need.Fresh, visit => CreateTokenAsync(visit, tokens));
            routes.Page("POST", $"{Tokens}/revoke", Need.Whole, visit => RevokeTokenAsync(visit, tokens));
            routes.Page("GET", Programs, Need.Whole, visit => ShowProgramsAsync(visit, grants));
            routes.Page("POST", Programs, Need.Whole, visit => EndGrantAsync(visit, grants));
        }
    }

    private static async Task ShowHomeAsync(Visit visit, SecondFactorBook factors)
    {
        var account = visit.Who!.Account;
        var state = await factors.StateOfAsync(account, visit.Cancel);
        await visit.ShowAsync<HomePage>(new Dictionary<string, object?>
        {
            [nameof(HomePage.Account)] = account.ToMessage(),
            [nameof(HomePage.Roles)] = string.Join(", ", (await visit.CallerAsync()).Principal.Roles),
            [nameof(HomePage.SecondFactorSince)] = state.ConfirmedAt,
            [nameof(HomePage.CodesLeft)] = state.CodesLeft,
        });
    }

    private static async Task ChangePasswordAsync(Visit visit, PasswordBook passwords)
    {
        var changed = await passwords.ChangeAsync(visit.Who!, (visit.Field("old"), visit.Field("new")), visit.Cancel);
        if (changed.Error is not { } error)
        {
            visit.SignIn(changed.Value);
            await visit.ShowAsync<PasswordPage>(new Dictionary<string, object?> { [nameof(PasswordPage.IsChanged)] = true });
            return;
        }

        await (error.Reason is "WRONG_PASSWORD"
            ? visit.ShowAsync<PasswordPage>(null, error with { Message = "this is not your present password" }, "old")
            : visit.ShowAsync<PasswordPage>(null, error, error.Code is ErrorCode.InvalidArgument ? "new" : ""));
    }

    private static async Task ShowSessionsAsync(Visit visit, SessionDesk desk)
    {
        var caller = await visit.CallerAsync();
        await visit.ShowAsync<SessionsPage>(new Dictionary<string, object?>
        {
            [nameof(SessionsPage.Sessions)] = (await desk.ListAsync(caller, NameOf(caller), visit.Cancel)).OrThrow(),
            [nameof(SessionsPage.Own)] = visit.Who!.Session.Id,
        });
    }

    private static async Task EndSessionsAsync(Visit visit, SessionDesk desk, SessionBook sessions)
    {
        if (visit.Field("id") is { Length: > 0 } id)
        {
            _ = (await desk.EndAsync(await visit.CallerAsync(), id, visit.Cancel)).OrThrow();
        }
        else if (await sessions.EndElsewhereAsync(visit.Who!.Session, visit.Cancel) is { } secret)
        {
            visit.SignIn(secret);
        }

        await visit.GoToAsync(Sessions);
    }

    private static async Task ShowTokensAsync(Visit visit, TokenBook tokens, (string? Secret, Error? Refusal)? outcome)
    {
        var caller = await visit.CallerAsync();
        await visit.ShowAsync<TokensPage>(
            new Dictionary<string, object?>
            {
                [nameof(TokensPage.Tokens)] = Array.ConvertAll((await tokens.ListAsync(caller, NameOf(caller), visit.Cancel)).OrThrow(), token => token.ToMessage()),
                [nameof(TokensPage.Now)] = visit.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
                [nameof(TokensPage.Secret)] = outcome?.Secret,
            },
            outcome?.Refusal,
            outcome?.Refusal?.Reason switch { "BAD_TEXT" => "display_name", "BAD_LIFETIME" => "days", _ => "" });
    }

    private static async Task CreateTokenAsync(Visit visit, TokenBook tokens)
    {
        var caller = await visit.CallerAsync();
        if (!int.TryParse(visit.Field("days"), out var days))
        {
            await ShowTokensAsync(visit, tokens, (null, Error.Invalid("BAD_LIFETIME", "a number of days is expected, such as 90")));
            return;
        }

        var scopes = visit.Fields("scope");
        var wish = scopes.Length > 0
            ? TokenWish.Create(caller, new() { DisplayName = visit.Field("display_name"), LifetimeDays = days, Scopes = { scopes } })
            : Error.Invalid("BAD_SCOPE", "a token that may do nothing is of no use: choose at least one scope");
        var made = wish.Error is { } refusal ? refusal : await tokens.CreateAsync(caller, wish.Value, visit.Cancel);
        await ShowTokensAsync(visit, tokens, made.Error is { } error ? (null, error) : (made.Value.Item2, null));
    }

    private static async Task RevokeTokenAsync(Visit visit, TokenBook tokens)
    {
        _ = (await tokens.RevokeAsync(await visit.CallerAsync(), visit.Field("id"), visit.Cancel)).OrThrow();
        await visit.GoToAsync(Tokens);
    }

    private static async Task ShowProgramsAsync(Visit visit, GrantDesk grants)
    {
        var caller = await visit.CallerAsync();
        await visit.ShowAsync<ProgramsPage>(new Dictionary<string, object?> { [nameof(ProgramsPage.Grants)] = (await grants.ListAsync(caller, NameOf(caller), visit.Cancel)).OrThrow() });
    }

    private static async Task EndGrantAsync(Visit visit, GrantDesk grants)
    {
        _ = (await grants.EndAsync(await visit.CallerAsync(), visit.Field("id"), visit.Cancel)).OrThrow();
        await visit.GoToAsync(Programs);
    }

    private static AccountName NameOf(Caller caller) => AccountName.Create(caller.Principal.Name).Value;
}
