using System.Net;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Authenticator apps and recovery codes, on either engine.</summary>
public abstract class SecondFactorContract
{
    private const string GiveCode = "/account/second-factor";
    private const string Authenticator = "/account/authenticator";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task SetUp_Confirmed_IsAskedForAtTheNextSignIn()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        using var other = await garden.SignInAsync("ann");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SetUpWithAsync(browser, "000000x")).Status);
        Assert.Equal("ann", (await garden.WhoIsAsync(other)).Name);

        var (secret, codes) = await garden.SetUpSecondFactorAsync(browser);

        Assert.Equal(SecondFactorBook.RecoveryCodes, codes.Distinct().Count());
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        await garden.IsNobodyAsync(other, "SECOND_FACTOR_NEEDED");
        garden.Clock.Jump(TimeSpan.FromSeconds(30));
        using var fresh = await garden.SignInAsync("ann");
        var half = fresh.Session;
        await garden.IsNobodyAsync(fresh, "SECOND_FACTOR_NEEDED");
        Assert.Equal($"{GiveCode}?return=%2Faccount%2Ftokens", (await fresh.GetAsync("/account/tokens")).Location);
        Assert.Equal(HttpStatusCode.Unauthorized, (await fresh.PostAsync(GiveCode, ("code", "12345"))).Status);
        await garden.IsNobodyAsync(fresh, "SECOND_FACTOR_NEEDED");
        Assert.Equal("/acme/m", (await fresh.PostAsync(GiveCode, ("code", garden.CodeOf(secret)), ("return", "/acme/m"))).Location);
        Assert.Equal("ann", (await garden.WhoIsAsync(fresh)).Name);
        Assert.NotEqual(half, fresh.Session);
    }

    [Fact]
    public async Task Code_UsedOnce_IsRefusedAfterwardsHoweverItIsTyped()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (secret, _) = await garden.SetUpSecondFactorAsync(browser);
        garden.Clock.Jump(TimeSpan.FromMinutes(5));
        var code = garden.CodeOf(secret);

        Assert.Equal(HttpStatusCode.SeeOther, await GiveAsync(garden, $" {code[..3]} {code[3..]} "));
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, code));
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, garden.CodeOf(secret, -1)));
        Assert.Equal(HttpStatusCode.SeeOther, await GiveAsync(garden, garden.CodeOf(secret, 1)));
        garden.Clock.Jump(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, garden.CodeOf(secret, 2)));
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, garden.CodeOf(secret, -2)));
    }

    [Fact]
    public async Task Code_ShownTwiceAtOnce_IsTakenOnce()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (secret, _) = await garden.SetUpSecondFactorAsync(browser);
        garden.Clock.Jump(TimeSpan.FromMinutes(5));
        var account = (await garden.Part<Sessions.SessionBook>().FindAsync(browser.Session, Cancel))!.Account;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => garden.Part<SecondFactorBook>().CheckAsync(account, garden.CodeOf(secret), Cancel))));

        Assert.Single(outcomes, outcome => outcome.Error is null);
    }

    [Fact]
    public async Task Guesses_AreCountedApartFromThePasswords()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (secret, codes) = await garden.SetUpSecondFactorAsync(browser);
        garden.Clock.Jump(TimeSpan.FromMinutes(5));

        for (var i = 0; i < LockOut.FreeTries; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, "no code"));
        }

        Assert.Equal((HttpStatusCode)429, await GiveAsync(garden, garden.CodeOf(secret)));
        Assert.Equal((HttpStatusCode)429, await GiveAsync(garden, codes[0]));
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.SeeOther, await GiveAsync(garden, garden.CodeOf(secret)));
    }

    [Fact]
    public async Task RecoveryCodes_WorkOnceEachUntilRenewed()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (_, codes) = await garden.SetUpSecondFactorAsync(browser);

        Assert.Equal(HttpStatusCode.SeeOther, await GiveAsync(garden, codes[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, codes[0]));
        Assert.Equal(HttpStatusCode.SeeOther, await GiveAsync(garden, codes[1].ToLowerInvariant().Replace('-', ' ')));
        Assert.Contains("8 recovery codes left", (await browser.GetAsync("/account")).Html, StringComparison.Ordinal);
        var renewed = (await browser.PostAsync($"{Authenticator}/codes")).Html;
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, codes[2]));
        Assert.DoesNotContain(codes[2], renewed, StringComparison.Ordinal);
        Assert.Contains("10 recovery codes are left", (await browser.GetAsync(Authenticator)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_ByItsOwner_IsAskedForNoMore()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (_, codes) = await garden.SetUpSecondFactorAsync(browser);

        await browser.GetAsync(Authenticator);
        await browser.PostAsync($"{Authenticator}/remove");

        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);
        using var other = await garden.SignInAsync("ann");
        Assert.Equal("ann", (await garden.WhoIsAsync(other)).Name);
        await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Conflict, (await browser.PostAsync($"{Authenticator}/codes")).Status);
        await garden.SetUpSecondFactorAsync(browser);
        Assert.Equal(HttpStatusCode.Unauthorized, await GiveAsync(garden, codes[0]));
    }

    [Fact]
    public async Task Remove_ByAnAdmin_IsForWhoLostItAndEndsHisSessions()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await garden.SetUpSecondFactorAsync(browser);

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).RemoveSecondFactorAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(People.Admin("umbrella")).RemoveSecondFactorAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await garden.As(People.Admin()).RemoveSecondFactorAsync(new() { Account = "ann" }, cancellationToken: Cancel);

        await garden.IsNobodyAsync(browser);
        using var fresh = await garden.SignInAsync("ann");
        Assert.Equal("ann", (await garden.WhoIsAsync(fresh)).Name);
    }

    [Fact]
    public async Task SetUp_LeftForAQuarterOfAnHour_IsBegunAnew()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var account = (await garden.InsideAsync(browser)).Account;
        var book = garden.Part<SecondFactorBook>();
        var first = (await book.SetUpAsync(account, Cancel)).Value;

        garden.Clock.Jump(SecondFactorBook.Pending - TimeSpan.FromSeconds(1));
        Assert.Equal(first, (await book.SetUpAsync(account, Cancel)).Value);
        garden.Clock.Jump(TimeSpan.FromSeconds(1));

        Assert.Equal("NOT_SET_UP", (await book.ConfirmAsync(account, garden.CodeOf(first), Cancel)).Error?.Reason);
        var second = (await book.SetUpAsync(account, Cancel)).Value;
        Assert.NotEqual(first, second);
        Assert.Equal("WRONG_CODE", (await book.ConfirmAsync(account, garden.CodeOf(first), Cancel)).Error?.Reason);
        Assert.Null((await book.ConfirmAsync(account, garden.CodeOf(second), Cancel)).Error);
        Assert.Equal("NOT_SET_UP", (await book.ConfirmAsync(account, garden.CodeOf(second, 1), Cancel)).Error?.Reason);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("reset")]
    [InlineData("disable")]
    public async Task SetUp_NotConfirmed_EndsWithThePasswordAndTheAccount(string how)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var who = await garden.InsideAsync(browser);
        var seen = (await garden.Part<SecondFactorBook>().SetUpAsync(who.Account, Cancel)).Value;

        await (how switch
        {
            "change" => (Task)garden.Part<Passwords.PasswordBook>().ChangeAsync(who, (IdentityGarden.Password, "eleven quiet rivers"), Cancel),
            "reset" => garden.ResetAsync(await garden.OfferResetAsync("ann"), "eleven quiet rivers"),
            _ => garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel).ResponseAsync,
        });

        Assert.Equal("NOT_SET_UP", (await garden.Part<SecondFactorBook>().ConfirmAsync(who.Account, garden.CodeOf(seen), Cancel)).Error?.Reason);
    }

    [Fact]
    public async Task Reset_OfThePassword_LeavesTheSecondFactor()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await garden.SetUpSecondFactorAsync(browser);
        var link = await garden.OfferResetAsync("ann");
        await browser.GetAsync(link);
        await browser.PostAsync("/account/reset", ("link", link.Split('=')[1]), ("password", IdentityGarden.Password));

        using var fresh = await garden.SignInAsync("ann");

        await garden.IsNobodyAsync(fresh, "SECOND_FACTOR_NEEDED");
    }

    [Fact]
    public async Task TenantsRule_IsAtOnceForWhoIsSignedInAndLetsHimSetOneUp()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var rules = await garden.As(People.Admin()).SetSignInRulesAsync(new() { Tenant = "ACME", SecondFactorRequired = true }, cancellationToken: Cancel);

        Assert.True(rules.SecondFactorRequired);
        Assert.True((await garden.As(People.Engineer()).GetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).SecondFactorRequired);
        Assert.True((await garden.FeedAsync()).ContainsKey("sign-in-rules/acme"));
        await garden.IsNobodyAsync(browser, "SECOND_FACTOR_NEEDED");
        Assert.Equal(Authenticator, (await browser.GetAsync("/account/tokens")).Location);
        Assert.Contains("Your tenant asks everyone", (await browser.GetAsync(Authenticator)).Html, StringComparison.Ordinal);
        await garden.SetUpSecondFactorAsync(browser);
        Assert.Equal("ann", (await garden.WhoIsAsync(browser)).Name);

        await garden.As(People.Admin()).SetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel);
        Assert.False((await garden.As(People.Engineer()).GetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).SecondFactorRequired);
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).SetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", garden.As(People.Admin("umbrella")).GetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", garden.As(People.Admin("umbrella")).SetSignInRulesAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Confirm_WithASecondFactor_AsksForBoth()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (secret, _) = await garden.SetUpSecondFactorAsync(browser);
        garden.Clock.Jump(TimeSpan.FromMinutes(20));
        await browser.GetAsync("/account/confirm");

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.PostAsync("/account/confirm", ("password", IdentityGarden.Password))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.PostAsync("/account/confirm", ("password", "wrong"), ("code", garden.CodeOf(secret)))).Status);
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal("/account", (await browser.PostAsync(GiveCode, ("code", garden.CodeOf(secret)))).Location);
        Assert.Equal("/account/confirm?return=%2Faccount%2Fauthenticator", (await browser.GetAsync(Authenticator)).Location);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/confirm", ("password", IdentityGarden.Password), ("code", garden.CodeOf(secret)))).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Authenticator)).Status);
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    private static async Task<Page> SetUpWithAsync(Browser browser, string code)
    {
        await browser.GetAsync(Authenticator);
        return await browser.PostAsync(Authenticator, ("code", code));
    }

    /// <summary>Signs in anew and gives this code.</summary>
    private static async Task<HttpStatusCode> GiveAsync(IdentityGarden garden, string code)
    {
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync(GiveCode);
        return (await browser.PostAsync(GiveCode, ("code", code))).Status;
    }
}

public sealed class SqliteSecondFactorTests : SecondFactorContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresSecondFactorTests : SecondFactorContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
