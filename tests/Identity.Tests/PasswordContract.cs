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
        var link = (await garden.As(People.Admin()).CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
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
        var link = (await admin.CreatePasswordResetAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Path;
        await admin.SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).Status);
        await admin.SetAccountDisabledAsync(new() { Name = "ann" }, cancellationToken: Cancel);
        garden.Clock.Jump(TimeSpan.FromHours(23));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(link)).Status);
        garden.Clock.Jump(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/account/reset?link=%00%01")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/account/reset")).Status);
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
