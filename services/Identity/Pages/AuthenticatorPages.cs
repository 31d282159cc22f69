using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.Sessions;

namespace ModelGarden.Identity.Pages;

/// <summary>Setting up, renewing and removing the second factor.</summary>
internal static class AuthenticatorPages
{
    public const string Authenticator = "/account/authenticator";
    private const string Issuer = "ModelGarden";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuthenticatorPages()
        {
            var services = routes.ServiceProvider;
            var (factors, sessions) = (services.GetRequiredService<SecondFactorBook>(), services.GetRequiredService<SessionBook>());
            routes.Page("GET", Authenticator, Need.Fresh, visit => ShowAsync(visit, factors));
            routes.Page("POST", Authenticator, Need.Fresh, visit => ConfirmAsync(visit, factors, sessions));
            routes.Page("POST", $"{Authenticator}/codes", Need.Fresh, visit => RenewCodesAsync(visit, factors));
            routes.Page("POST", $"{Authenticator}/remove", Need.Fresh, visit => RemoveAsync(visit, factors));
        }
    }

    private static async Task ShowAsync(Visit visit, SecondFactorBook factors, Kernel.Error? error = null)
    {
        var account = visit.Who!.Account;
        var state = await factors.StateOfAsync(account, visit.Cancel);
        if (state.ConfirmedAt is { } since)
        {
            await visit.ShowAsync<AuthenticatorPage>(new Dictionary<string, object?> { [nameof(AuthenticatorPage.Since)] = since, [nameof(AuthenticatorPage.CodesLeft)] = state.CodesLeft });
            return;
        }

        var key = Base32.Encode((await factors.SetUpAsync(account, visit.Cancel)).OrThrow());
        var parameters = new Dictionary<string, object?>
        {
            [nameof(AuthenticatorSetUpPage.Secret)] = Base32.Grouped(key, ' '),
            [nameof(AuthenticatorSetUpPage.Address)] = $"otpauth://totp/{Issuer}:{account.Name}?secret={key}&issuer={Issuer}&algorithm=SHA1&digits=6&period=30",
            [nameof(AuthenticatorSetUpPage.IsRequired)] = visit.Who.NeedsSecondFactor,
        };
        await visit.ShowAsync<AuthenticatorSetUpPage>(parameters, error, "code");
    }

    /// <summary>The session in which it was set up has given it.</summary>
    private static async Task ConfirmAsync(Visit visit, SecondFactorBook factors, SessionBook sessions)
    {
        var confirmed = await factors.ConfirmAsync(visit.Who!.Account, visit.Field("code"), visit.Cancel);
        if (confirmed.Error is { } error)
        {
            await ShowAsync(visit, factors, error);
            return;
        }

        if (await sessions.ProveAsync(visit.Who.Session, withSecondFactor: true, visit.Cancel) is { } secret)
        {
            visit.SignIn(secret);
        }

        await ShowCodesAsync(visit, confirmed.Value);
    }

    private static async Task RenewCodesAsync(Visit visit, SecondFactorBook factors) =>
        await ShowCodesAsync(visit, (await factors.RenewCodesAsync(visit.Who!.Account, visit.Cancel)).OrThrow());

    private static async Task RemoveAsync(Visit visit, SecondFactorBook factors)
    {
        await factors.RemoveAsync(visit.Who!.Account, visit.Cancel);
        await visit.GoToAsync(LocalPath.Home);
    }

    private static Task ShowCodesAsync(Visit visit, string[] codes) => visit.ShowAsync<RecoveryCodesPage>(new Dictionary<string, object?> { [nameof(RecoveryCodesPage.Codes)] = codes });
}
