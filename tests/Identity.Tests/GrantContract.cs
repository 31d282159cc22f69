using System.Net;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>What people let programs do, as they and their admins see and end it, on either engine.</summary>
public abstract class GrantContract
{
    private const string Programs = "/account/programs";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Grant_OfAPerson_IsListedWithItsLastUseUntilItIsEnded()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var ann = garden.As(People.Engineer());
        var tokens = await garden.ComeInAsync(client, browser);

        var given = Assert.Single((await ann.ListGrantsAsync(new(), cancellationToken: Cancel)).Grants);
        Assert.Equal(("ann", client.Client.Id, "Notebook", "acme", null), (given.Account, given.Client, given.ClientName, given.ClientTenant, given.LastUsedAt));
        Assert.Equal(["openid", "profile", "email", "read"], given.Scopes);
        Assert.Equal(GrantBook.RefreshIdle, given.ExpiresAt.ToDateTimeOffset() - given.CreatedAt.ToDateTimeOffset());
        await garden.WhoHasAsync(tokens["access_token"]);
        await garden.Part<TokenUse>().WriteAsync(Cancel);
        Assert.NotNull(Assert.Single((await ann.ListGrantsAsync(new(), cancellationToken: Cancel)).Grants).LastUsedAt);

        await ann.EndGrantAsync(new() { Id = given.Id }, cancellationToken: Cancel);
        await ann.EndGrantAsync(new() { Id = given.Id }, cancellationToken: Cancel);

        Assert.Empty((await ann.ListGrantsAsync(new(), cancellationToken: Cancel)).Grants);
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)tokens["access_token"]! }, cancellationToken: Cancel));
        Assert.Equal("invalid_grant", (string?)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["error"]);
        Assert.Equal("consent_required", OAuthGarden.AnswerIn(await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, ("prompt", "none"))))["error"]);
        var told = (await garden.AuditUntilAsync(record => record.Action is "grant.end")).Where(record => record.Action is "grant.end");
        Assert.Equal(("ann", "ann"), (Assert.Single(told).Account, told.Single().Subject));
    }

    [Fact]
    public async Task Grant_OfAMember_IsTheAdminsToo_AndNobodyElses()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.EnrolPersonAsync("bob");
        await garden.Entitlement(People.Operator).CreateTenantAsync(new() { Name = "other" }, cancellationToken: Cancel);
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        await garden.ComeInAsync(client, browser);
        var id = Assert.Single((await garden.As(People.Admin()).ListGrantsAsync(new() { Account = "ann" }, cancellationToken: Cancel)).Grants).Id;

        foreach (var stranger in new[] { People.Person("bob", "acme", Roles.Engineer), People.Admin("other") })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(stranger).ListGrantsAsync(new() { Account = "ann" }, cancellationToken: Cancel));
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "GRANT_NOT_FOUND", garden.As(stranger).EndGrantAsync(new() { Id = id }, cancellationToken: Cancel));
        }

        foreach (var none in new[] { "x", "..", new string('0', 32) })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "GRANT_NOT_FOUND", garden.As(People.Admin()).EndGrantAsync(new() { Id = none }, cancellationToken: Cancel));
        }

        await garden.As(People.Admin()).EndGrantAsync(new() { Id = id }, cancellationToken: Cancel);
        Assert.Equal("ada", (await garden.AuditUntilAsync(record => record.Action is "grant.end")).Single(record => record.Action is "grant.end").Account);
    }

    [Fact]
    public async Task Grant_OnThePage_SaysWhatItIsAndEndsByItsButton()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        Assert.Contains("You let none act for you.", (await browser.GetAsync(Programs)).Html, StringComparison.Ordinal);
        var client = await garden.RegisterAsync(new() { Name = "<b>Notebook</b>", IsConfidential = true, RedirectUris = { OAuthGarden.Callback } });
        await garden.ComeInAsync(client, browser, ("scope", "read"));

        var page = await browser.GetAsync(Programs);
        Assert.Contains("<strong>&lt;b&gt;Notebook&lt;/b&gt;</strong>, registered by acme", page.Raw, StringComparison.Ordinal);
        Assert.Contains("last used never", page.Html, StringComparison.Ordinal);
        var id = System.Text.RegularExpressions.Regex.Match(page.Html, "name=\"id\" value=\"([0-9a-f]{32})\"").Groups[1].Value;
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostBareAsync(Programs, ("id", id))).Status);
        Assert.Equal(Programs, (await browser.PostAsync(Programs, ("id", id))).Location);

        Assert.DoesNotContain(id, (await browser.GetAsync(Programs)).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.PostAsync(Programs, ("id", new string('0', 32)))).Status);
    }

    [Theory]
    [InlineData("device", 30)]
    [InlineData("refreshing", 60)]
    [InlineData("code", 0)]
    public async Task Grant_IsListed_AsLongAsSomethingCanComeOfIt(string kind, int days)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var client = await garden.RegisterAsync();
        await (kind switch
        {
            "device" => LetInAsync(garden, browser),
            "refreshing" => garden.ComeInAsync(client, browser),
            _ => (Task)OAuthGarden.AllowAsync(browser, client.Client.Id),
        });
        var end = days is 0 ? GrantBook.CodeLifetime : TimeSpan.FromDays(days);

        garden.Clock.Jump(end - TimeSpan.FromSeconds(1));
        Assert.Single((await garden.As(People.Engineer()).ListGrantsAsync(new(), cancellationToken: Cancel)).Grants);
        garden.Clock.Jump(TimeSpan.FromSeconds(1));
        Assert.Empty((await garden.As(People.Engineer()).ListGrantsAsync(new(), cancellationToken: Cancel)).Grants);
    }

    [Fact]
    public async Task Grant_LastUsedLongAgo_SaysSoAfterASweep()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var tokens = await garden.ComeInAsync(await garden.RegisterAsync(), browser);
        await garden.WhoHasAsync(tokens["access_token"]);
        await garden.Part<TokenUse>().WriteAsync(Cancel);

        garden.Clock.Jump(GrantBook.RefreshIdle - TimeSpan.FromMinutes(1));
        await garden.Part<Sweep>().SweepAsync(Cancel);

        Assert.NotNull(Assert.Single((await garden.As(People.Engineer()).ListGrantsAsync(new(), cancellationToken: Cancel)).Grants).LastUsedAt);
    }

    [Fact]
    public async Task Grant_OfADevice_IsOverWithItsToken()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var token = await LetInAsync(garden, browser);

        await garden.PostAsync("/oauth/revoke", ("token", token), ("client_id", BuiltInClients.Garden));

        Assert.Empty((await garden.As(People.Engineer()).ListGrantsAsync(new(), cancellationToken: Cancel)).Grants);
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = token }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Grants_OfOneProgramBeyondFifty_EndTheOldest()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var client = await garden.RegisterAsync();
        var first = await garden.ComeInAsync(client, browser);
        for (var i = 0; i < 50; i++)
        {
            // Grants of one millisecond are as old as each other.
            garden.Clock.Jump(TimeSpan.FromMilliseconds(1));
            await garden.ComeInAsync(client, browser);
        }

        Assert.Equal(50, (await garden.As(People.Engineer()).ListGrantsAsync(new(), cancellationToken: Cancel)).Grants.Count);
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)first["access_token"]! }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Token_OfAGrantThatIsNearlyOver_DoesNotOutliveIt()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var client = await garden.RegisterAsync();
        var tokens = await garden.ComeInAsync(client, browser);
        for (var i = 0; i < 3; i++)
        {
            garden.Clock.Jump(TimeSpan.FromDays(59));
            tokens = (await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body;
        }

        garden.Clock.Jump(GrantBook.GrantLifetime - TimeSpan.FromDays(3 * 59) - TimeSpan.FromMinutes(30));

        Assert.Equal(1800, (int)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["expires_in"]!);
    }

    /// <summary>The token of a command line that the person lets in.</summary>
    private static async Task<string> LetInAsync(IdentityGarden garden, Browser browser)
    {
        var (_, device) = await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden), ("scope", "read"));
        await browser.GetAsync("/account/device");
        await browser.PostAsync("/account/device/answer", ("user_code", (string)device["user_code"]!), ("answer", "allow"));
        var (_, tokens) = await garden.PostAsync("/oauth/token", ("grant_type", OAuthGrants.DeviceCode), ("device_code", (string)device["device_code"]!), ("client_id", BuiltInClients.Garden));
        return (string)tokens["access_token"]!;
    }

    private protected abstract Task<IdentityGarden> StartAsync();
}

public sealed class SqliteGrantTests : GrantContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresGrantTests : GrantContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
