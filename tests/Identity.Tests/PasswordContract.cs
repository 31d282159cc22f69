using System.Net;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Changing and resetting passwords, on either engine.</summary>
public abstract class PasswordContract
{
    private const string Change = "/account/password";
    private const string Other = "eleven quiet rivers";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Change_WithThePresentOne_SignsOutEverywhereElse()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        using var elsewhere = await garden.SignInAsync("ann");
        await browser.GetAsync(Change);

        var page = await browser.PostAsync(Change, ("old", IdentityGarden.Password), ("new", Other));

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Your password is changed", page.Html, StringComparison.Ordinal);
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        await garden.IsNobodyAsync(elsewhere);
        Assert.Equal("/account/sign-in?return=%2Faccount%2Ftokens", (await elsewhere.GetAsync("/account/tokens")).Location);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(garden, IdentityGarden.Password));
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(garden, Other));
    }

    [Fact]
    public async Task Change_WithACopiedCookieAround_EndsTheCopy()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (copied, id) = (browser.Session, (await garden.WhoIsAsync(browser)).SessionId);
        await browser.GetAsync(Change);

        await browser.PostAsync(Change, ("old", IdentityGarden.Password), ("new", Other));

        Assert.Equal(("ann", id), (await garden.WhoIsAsync(browser)) is var who ? (who.Name, who.SessionId) : default);
        Assert.Null((await garden.FeedAsync())[$"session/{id}"]);
        browser.Cookies["garden-session"] = copied;
        await garden.IsNobodyAsync(browser);
    }

    [Fact]
    public async Task Change_OfALinkThatIsAround_EndsTheLink()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var link = await garden.OfferResetAsync("ann");
        await browser.GetAsync(Change);

        await browser.PostAsync(Change, ("old", IdentityGarden.Password), ("new", Other));

        Assert.Equal("LINK_GONE", (await garden.ResetAsync(link, IdentityGarden.Password)).Error?.Reason);
    }

    [Fact]
    public async Task Change_WhileAStrangerTriesTheName_IsNotLocked()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        for (var i = 0; i < SignIn.LockOut.FreeTries; i++)
        {
            await SignInAsync(garden, "wrong");
        }

        Assert.Equal((HttpStatusCode)429, await SignInAsync(garden, IdentityGarden.Password));
        await browser.GetAsync("/account/confirm");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/confirm", ("password", IdentityGarden.Password))).Status);
        await browser.GetAsync(Change);
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync(Change, ("old", IdentityGarden.Password), ("new", Other))).Status);
    }

    [Theory]
    [InlineData(Change, "old")]
    [InlineData("/account/confirm", "password")]
    public async Task Password_GuessedInASession_EndsTheSessionAndLocksNoName(string path, string field)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync(path);

        for (var i = 1; i < SignIn.LockOut.FreeTries; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync()).Status);
            Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        }

        Assert.Contains("you are signed out here", (await GuessAsync()).Html, StringComparison.Ordinal);
        await garden.IsNobodyAsync(browser);
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(garden, IdentityGarden.Password));

        Task<Page> GuessAsync() => browser.PostAsync(path, (field, "not the present one"), ("new", Other));
    }

    [Fact]
    public async Task Try_ThatCouldNotBeLookedAt_DoesNotCount()
    {
        await using var garden = await StartAsync();
        var counter = garden.Part<SignIn.TryCounter>();

        for (var i = 0; i <= SignIn.LockOut.FreeTries; i++)
        {
            Assert.Equal("BUSY", (await counter.TryAsync("password/ann", () => Task.FromResult<Result<string>>(Error.Unavailable("BUSY", "later")), Cancel)).Error?.Reason);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counter.TryAsync("password/ann", () => Task.FromCanceled<Result<string>>(new(true)), Cancel));
        }

        for (var i = 0; i < SignIn.LockOut.FreeTries; i++)
        {
            Assert.Equal("WRONG", (await counter.TryAsync("password/ann", () => Task.FromResult<Result<string>>(Error.Unauthenticated("WRONG", "wrong")), Cancel)).Error?.Reason);
        }

        Assert.Equal("TOO_MANY_TRIES", (await counter.TryAsync("password/ann", () => Task.FromResult<Result<string>>("right"), Cancel)).Error?.Reason);
        garden.Clock.Jump(SignIn.LockOut.Shortest);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counter.TryAsync("password/ann", () => Task.FromCanceled<Result<string>>(new(true)), Cancel));
        Assert.Equal("right", (await counter.TryAsync("password/ann", () => Task.FromResult<Result<string>>("right"), Cancel)).Value);
    }

    [Theory]
    [InlineData("not the present one", Other, "old", "This is not your present password.")]
    [InlineData(IdentityGarden.Password, "short", "new", "A password has 12 to 128 characters, this one 5")]
    [InlineData(IdentityGarden.Password, "annannannann", "new", "This password is one of those that are tried first")]
    public async Task Change_Refused_SaysWhyBesideTheField(string old, string wanted, string field, string words)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync(Change);

        var page = await browser.PostAsync(Change, ("old", old), ("new", wanted));

        Assert.Contains($"id=\"{field}-error\" role=\"alert\">{words}", page.Html, StringComparison.Ordinal);
        Assert.Matches($"<input id=\"{field}\"[^>]*aria-invalid=\"true\" aria-describedby=\"({field}-hint )?{field}-error\"", page.Html);
        Assert.DoesNotContain(wanted, page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(garden, IdentityGarden.Password));
    }

    [Fact]
    public async Task Reset_ByLink_WorksOnceAndSignsOutEverywhere()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var before = await garden.SignInAsync("ann");
        await garden.EnrolAdminAsync();
        var admin = garden.As(People.Admin());
        var first = (await admin.CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
        var link = (await admin.CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
        using var browser = garden.Open();

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(first)).Status);
        Assert.Contains("<strong>ann</strong>", (await browser.GetAsync(link)).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("short")).Status);
        Assert.Equal((HttpStatusCode.SeeOther, "/account/sign-in"), (await PostAsync(Other)) is var done ? (done.Status, done.Location) : default);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(IdentityGarden.Password)).Status);
        await garden.IsNobodyAsync(before);
        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(garden, Other));

        Task<Page> PostAsync(string password) => browser.PostAsync("/account/reset", ("link", link.Split('=')[1]), ("password", password));
    }

    [Fact]
    public async Task Reset_OpensALockedName()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        for (var i = 0; i < SignIn.LockOut.FreeTries; i++)
        {
            await SignInAsync(garden, "wrong");
        }

        Assert.Equal((HttpStatusCode)429, await SignInAsync(garden, IdentityGarden.Password));
        var link = await garden.OfferResetAsync("ann");
        using var browser = garden.Open();
        await browser.GetAsync(link);
        await browser.PostAsync("/account/reset", ("link", link.Split('=')[1]), ("password", Other));

        Assert.Equal(HttpStatusCode.SeeOther, await SignInAsync(garden, Other));
    }

    [Fact]
    public async Task Reset_TooOldOrOfADisabledAccount_IsGone()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var admin = garden.As(People.Admin());
        using var browser = garden.Open();
        var link = await garden.OfferResetAsync("ann");
        await admin.SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);
        await admin.SetAccountDisabledAsync(new() { Name = "ann" }, cancellationToken: Cancel);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).Status);
        link = await garden.OfferResetAsync("ann");
        garden.Clock.Jump(TimeSpan.FromHours(23));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(link)).Status);
        garden.Clock.Jump(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/account/reset?link=%00%01")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/account/reset")).Status);
    }

    [Fact]
    public async Task Reset_ByALinkOfOneWhoMayNotMakeItAnyMore_IsGone()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.EnrolAdminAsync();
        var link = await OfferAsync();
        Assert.Null((await garden.ResetAsync(link, Other)).Error);

        link = await OfferAsync();
        await garden.Entitlement(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "ada", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        Assert.Equal("LINK_GONE", (await garden.ResetAsync(link, Other)).Error?.Reason);
        await garden.Entitlement(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "ada", Roles = { Roles.Admin } }, cancellationToken: Cancel);
        Assert.Null((await garden.Part<Passwords.PasswordBook>().FindResetAsync(link.Split('=')[1], Cancel)).Error);
        await garden.As(People.Operator).SetAccountDisabledAsync(new() { Name = "ada", Disabled = true }, cancellationToken: Cancel);
        await garden.As(People.Operator).SetAccountDisabledAsync(new() { Name = "ada" }, cancellationToken: Cancel);
        Assert.Equal("LINK_GONE", (await garden.ResetAsync(link, Other)).Error?.Reason);

        async Task<string> OfferAsync() => (await garden.As(People.Admin()).CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
    }

    [Fact]
    public async Task Reset_ByALinkOfTheAdminToken_IsGoodThoughRootIsDisabled()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var root = garden.With((await garden.AuthenticateAsync(IdentityGarden.AdminToken)).InternalToken);
        var link = (await root.CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
        await root.SetAccountDisabledAsync(new() { Name = "root", Disabled = true }, cancellationToken: Cancel);

        Assert.Null((await garden.ResetAsync(link, Other)).Error);
    }

    [Fact]
    public async Task CreatePasswordReset_ForWhoIsBeyondTheCaller_IsRefused()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "ada", Roles = { Roles.Admin } }, cancellationToken: Cancel);
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = Contracts.V1.PrincipalKind.ServiceAccount }, cancellationToken: Cancel);

        await IdentityGarden.RefusedAsync(ErrorCode.Conflict, "NOT_A_PERSON", garden.As(People.Admin()).CreatePasswordResetAsync(new() { Account = "robot" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ASK_ANOTHER", garden.As(People.Admin()).CreatePasswordResetAsync(new() { Account = "ada" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(People.Admin("umbrella")).CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", garden.As(People.Person("gus", "garden", Roles.Admin)).CreatePasswordResetAsync(new() { Account = "root" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreatePasswordReset_WithTheAdminToken_IsRootsWayIn()
    {
        await using var garden = await StartAsync();
        var root = await garden.AuthenticateAsync(IdentityGarden.AdminToken);
        var link = (await garden.With(root.InternalToken).CreatePasswordResetAsync(new() { Account = "root" }, cancellationToken: Cancel)).Path;
        using var browser = garden.Open();
        await browser.GetAsync(link);
        await browser.PostAsync("/account/reset", ("link", link.Split('=')[1]), ("password", IdentityGarden.Password));

        using var signedIn = await garden.SignInAsync("root");

        Assert.Equal([Roles.Operator, Roles.Curator, Roles.Admin], (await garden.WhoIsAsync(signedIn)).Roles);
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    private static async Task<HttpStatusCode> SignInAsync(IdentityGarden garden, string password)
    {
        using var browser = garden.Open();
        await browser.GetAsync("/account/sign-in");
        return (await browser.PostAsync("/account/sign-in", ("name", "ann"), ("password", password))).Status;
    }
}

public sealed class SqlitePasswordTests : PasswordContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresPasswordTests : PasswordContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
