using System.Net;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>How long and where people are signed in, on either engine.</summary>
public abstract class SessionContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Session_NotUsed_EndsAfterItsIdleTime()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");

        garden.Clock.Jump(TimeSpan.FromHours(11));
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        garden.Clock.Jump(TimeSpan.FromHours(11));
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        garden.Clock.Jump(TimeSpan.FromHours(12));

        await garden.IsNobodyAsync(browser);
    }

    [Fact]
    public async Task Session_UsedAllTheTime_EndsAfterItsLifetime()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");

        for (var hours = 0; hours < (7 * 24) - 8; hours += 8)
        {
            garden.Clock.Jump(TimeSpan.FromHours(8));
            Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        }

        garden.Clock.Jump(TimeSpan.FromHours(8));
        await garden.IsNobodyAsync(browser);
        await garden.Part<Sweep>().SweepAsync(Cancel);
        Assert.Empty((await garden.As(People.Admin()).ListSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Sessions);
    }

    [Fact]
    public async Task SignOut_InOneBrowser_EndsThatSessionAndTellsTheFeed()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        using var other = await garden.SignInAsync("ann");
        var (secret, id) = (browser.Session, (await garden.WhoIsAsync(browser)).SessionId);
        await browser.GetAsync("/account");

        var page = await browser.PostAsync("/account/sign-out");

        Assert.Equal("/account/sign-in", page.Location);
        Assert.Empty(browser.Session);
        browser.Cookies["garden-session"] = secret;
        await garden.IsNobodyAsync(browser);
        Assert.Equal("ann", (await garden.WhoIsAsync(other)).Name);
        Assert.Null((await garden.FeedAsync())[$"session/{id}"]);
    }

    [Fact]
    public async Task Sessions_AreListedAndEndedByTheirOwner()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        using var second = await garden.SignInAsync("ann");
        using var third = await garden.SignInAsync("ann");
        var id = (await garden.WhoIsAsync(second)).SessionId;

        var page = await browser.GetAsync("/account/sessions");
        Assert.Contains("from 192.0.2.1", page.Html, StringComparison.Ordinal);
        Assert.Contains("Browser/1.0", page.Html, StringComparison.Ordinal);
        Assert.Equal("/account/sessions", (await browser.PostAsync("/account/sessions", ("id", id))).Location);
        await garden.IsNobodyAsync(second);
        Assert.Equal("ann", (await garden.WhoIsAsync(third)).Name);
        await browser.PostAsync("/account/sessions");
        await garden.IsNobodyAsync(third);
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
    }

    [Fact]
    public async Task SignOutElsewhere_OfACopiedCookie_EndsItToo()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (copied, inside) = (browser.Session, await garden.InsideAsync(browser));
        await browser.GetAsync("/account/sessions");

        await browser.PostAsync("/account/sessions");

        Assert.Equal(("ann", inside.Session.Id), (await garden.WhoIsAsync(browser)) is var who ? (who.Name, who.SessionId) : default);
        Assert.Null((await garden.FeedAsync())[$"session/{inside.Session.Id}"]);
        // Nor does a request of the copy's that is under way get the next secret.
        Assert.Null(await garden.Part<SessionBook>().EndElsewhereAsync(inside.Session, Cancel));
        browser.Cookies["garden-session"] = copied;
        await garden.IsNobodyAsync(browser);
    }

    [Fact]
    public async Task Sessions_OfOthers_AreTheAdminsAlone()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var id = (await garden.WhoIsAsync(browser)).SessionId;

        foreach (var stranger in new[] { garden.As(People.Person("bob", "acme", Roles.Engineer)), garden.As(People.Admin("umbrella")) })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", stranger.ListSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel));
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", stranger.EndSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel));
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "SESSION_NOT_FOUND", stranger.EndSessionAsync(new() { Id = id }, cancellationToken: Cancel));
        }

        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "SESSION_NOT_FOUND", garden.As(People.Admin()).EndSessionAsync(new() { Id = "no\0id" }, cancellationToken: Cancel));
        var session = Assert.Single((await garden.As(People.Admin()).ListSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Sessions);
        Assert.Equal((id, "ann", "192.0.2.1", "Browser/1.0", false), (session.Id, session.Account, session.Address, session.Agent, session.IsStrong));
        Assert.Equal(1, (await garden.As(People.Admin()).EndSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Ended);
        await garden.IsNobodyAsync(browser);
    }

    [Fact]
    public async Task Session_OfADisabledAccount_EndsForGood()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");

        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);
        await garden.IsNobodyAsync(browser);
        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann" }, cancellationToken: Cancel);

        await garden.IsNobodyAsync(browser);
    }

    [Fact]
    public async Task Sessions_MoreThanThereMayBe_EndTheOldest()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var account = (await garden.InsideAsync(browser)).Account;
        var shown = (await garden.Part<PasswordBook>().CheckAsync("ann", account, IdentityGarden.Password, Cancel)).Value;

        await BeginAsync(garden, account, shown, SessionBook.Most - 1);
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        await BeginAsync(garden, account, shown, 1);
        await garden.IsNobodyAsync(browser);
        Assert.Equal(SessionBook.Most, (await garden.Part<SessionBook>().ListAsync(account, Cancel)).Length);
    }

    [Fact]
    public async Task Sessions_WithoutTheirSecondFactor_SignNobodyOut()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await garden.SetUpSecondFactorAsync(browser);
        var account = (await garden.InsideAsync(browser)).Account;
        var shown = (await garden.Part<PasswordBook>().CheckAsync("ann", account, IdentityGarden.Password, Cancel)).Value;

        await BeginAsync(garden, account, shown, SessionBook.Most);

        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        Assert.Equal(SessionBook.Most, (await garden.Part<SessionBook>().ListAsync(account, Cancel)).Length);
    }

    [Fact]
    public async Task Session_WithoutItsSecondFactor_EndsAfterTenMinutes()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await garden.SetUpSecondFactorAsync(browser);
        using var half = await garden.SignInAsync("ann");

        garden.Clock.Jump(SessionBook.HalfWay - TimeSpan.FromSeconds(1));
        await garden.IsNobodyAsync(half, "SECOND_FACTOR_NEEDED");
        garden.Clock.Jump(TimeSpan.FromSeconds(1));

        await garden.IsNobodyAsync(half);
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        Assert.Single((await garden.As(People.Admin()).ListSessionsAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Sessions);
    }

    [Fact]
    public async Task Session_Secret_IsNoToken()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");

        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "BAD_TOKEN", garden.AsGateway().AuthenticateAsync(new() { Credential = browser.Session }, cancellationToken: Cancel));
        foreach (var secret in new[] { "x", "no\0secret", IdentityGarden.AdminToken, browser.Session[..42], browser.Session.ToUpperInvariant(), new string('A', 100_000) })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "SESSION_ENDED", garden.AsGateway().AuthenticateAsync(new() { Session = secret }, cancellationToken: Cancel));
        }
    }

    [Fact]
    public async Task DangerousActs_ByAnOldSession_AreConfirmedFirst()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann", Roles.Admin);
        await garden.EnrolPersonAsync("bob");
        using var browser = await garden.SignInAsync("ann");
        var before = browser.Session;
        Assert.NotEmpty((await CreateTokenAsync()).Secret);
        garden.Clock.Jump(Caller.Fresh + TimeSpan.FromMinutes(1));

        var old = garden.With((await garden.AsGateway().AuthenticateAsync(new() { Session = browser.Session }, cancellationToken: Cancel)).InternalToken);
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.CreateTokenAsync(new(), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.CreateInvitationAsync(new(), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.CreatePasswordResetAsync(new() { Account = "bob" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.RemoveSecondFactorAsync(new() { Account = "bob" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.SetAccountDisabledAsync(new() { Name = "bob", Disabled = true }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.SetSignInRulesAsync(new() { Tenant = "acme", SecondFactorRequired = true }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", old.CreateAccountAsync(new() { Name = "eve", Roles = { Roles.Admin } }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(People.Admin()).ListTokensAsync(new() { Account = "eve" }, cancellationToken: Cancel));
        Assert.Equal("/account/confirm?return=%2Faccount%2Fauthenticator", (await browser.GetAsync("/account/authenticator")).Location);

        await browser.GetAsync("/account/confirm?return=/account/tokens");
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.PostAsync("/account/confirm", ("password", "wrong"))).Status);
        Assert.Equal("/account/tokens", (await browser.PostAsync("/account/confirm", ("password", IdentityGarden.Password), ("return", "/account/tokens"))).Location);

        Assert.NotEmpty((await CreateTokenAsync()).Secret);
        var proved = await garden.WhoIsAsync(browser);
        Assert.Equal((garden.Clock.GetUtcNow().ToUnixTimeMilliseconds(), false), (proved.ProvedAt.ToDateTimeOffset().ToUnixTimeMilliseconds(), proved.IsStrong));
        Assert.NotEqual(before, browser.Session);
        browser.Cookies["garden-session"] = before;
        await garden.IsNobodyAsync(browser);

        async Task<CreateTokenResponse> CreateTokenAsync() => await garden.With(
            (await garden.AsGateway().AuthenticateAsync(new() { Session = browser.Session }, cancellationToken: Cancel)).InternalToken).CreateTokenAsync(new(), cancellationToken: Cancel);
    }

    [Fact]
    public async Task Tokens_OnTheirPage_AreMadeShownOnceAndRevoked()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync("/account/tokens");

        var made = await browser.PostAsync("/account/tokens", ("display_name", "<ci>"), ("scope", Scopes.Read), ("scope", Scopes.Deploy), ("days", "30"));
        var secret = System.Text.RegularExpressions.Regex.Match(made.Html, "hf_garden_[0-9A-Za-z]{33}").Value;
        var who = (await garden.AuthenticateAsync(secret)).Principal;
        Assert.Equal([Scopes.Read, Scopes.Deploy], who.Scopes);
        Assert.DoesNotContain(secret, (await browser.GetAsync("/account/tokens")).Html, StringComparison.Ordinal);
        foreach (var (scope, days) in new[] { ("", "30"), ("read", "0x"), ("read", "367"), ("king", "1") })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/account/tokens", [("days", days), .. scope.Length > 0 ? new[] { ("scope", scope) } : []])).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await browser.PostAsync("/account/tokens/revoke", ("id", "no id"))).Status);
        await browser.PostAsync("/account/tokens/revoke", ("id", who.TokenId));
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = secret }, cancellationToken: Cancel));
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    private static async Task BeginAsync(IdentityGarden garden, AccountRow account, string shown, int count)
    {
        for (var i = 0; i < count; i++)
        {
            garden.Clock.Advance(TimeSpan.FromSeconds(1));
            _ = (await garden.Part<SessionBook>().BeginAsync(account, shown, new("", ""), Cancel)).OrThrow();
        }
    }
}

public sealed class SqliteSessionTests : SessionContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresSessionTests : SessionContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
