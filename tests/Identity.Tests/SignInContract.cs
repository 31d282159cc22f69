using System.Net;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.SignIn;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Signing in with a password, on either engine.</summary>
public abstract class SignInContract
{
    private const string SignIn = "/account/sign-in";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task SignIn_RightPassword_IsThePersonWithAllScopes()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("Ann", Roles.Legal);

        using var browser = garden.Open();
        await browser.GetAsync(SignIn);
        var page = await browser.PostAsync(SignIn, ("name", " ann "), ("password", IdentityGarden.Password), ("return", "/acme/model"));
        var who = await garden.WhoIsAsync(browser);

        Assert.Equal((HttpStatusCode.SeeOther, "/acme/model"), (page.Status, page.Location));
        Assert.Equal(("Ann", "acme", ""), (who.Name, who.Tenant, who.TokenId));
        Assert.Equal([Roles.Legal], who.Roles);
        Assert.Equal(Scopes.All, who.Scopes);
        Assert.NotEmpty(who.SessionId);
        Assert.Contains("Sign out Ann", (await browser.GetAsync("/account")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_CookieOfTheSession_CannotBeReadNorSentAlongByOthers()
    {
        await using var garden = await StartAsync(("PublicUrl", "https://garden.example"));
        await garden.EnrolPersonAsync("ann");
        using var browser = garden.Open();
        var form = await browser.GetAsync(SignIn);

        var page = await browser.PostAsync(SignIn, ("name", "ann"), ("password", IdentityGarden.Password));

        Assert.All(
            form.Headers.GetValues("Set-Cookie").Concat(page.Headers.GetValues("Set-Cookie")),
            cookie => Assert.Matches("^__Host-garden-(form|session)=[A-Za-z0-9_-]{43}; path=/; secure; samesite=lax; httponly$", cookie));
    }

    [Fact]
    public async Task SignIn_Refused_SaysTheSameOfEveryAccount()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.EnrolPersonAsync("off");
        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "off", Disabled = true }, cancellationToken: Cancel);
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "fresh" }, cancellationToken: Cancel);
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = Contracts.V1.PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        using var browser = garden.Open();
        await browser.GetAsync(SignIn);

        foreach (var name in new[] { "ann", "off", "fresh", "robot", "nobody", "", "no\u0001name", new string('x', 3000) })
        {
            var page = await browser.PostAsync(SignIn, ("name", name), ("password", "not the password"));
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status);
            Assert.Contains("The name or the password is wrong.", page.Html, StringComparison.Ordinal);
            Assert.Empty(browser.Session);
        }

        for (var i = 1; i < LockOut.FreeTries; i++)
        {
            await browser.PostAsync(SignIn, ("name", "nobody"), ("password", "x"));
            await browser.PostAsync(SignIn, ("name", "ann"), ("password", "x"));
        }

        foreach (var name in new[] { "ann", "nobody" })
        {
            var page = await browser.PostAsync(SignIn, ("name", name), ("password", IdentityGarden.Password));
            Assert.Equal((HttpStatusCode)429, page.Status);
            Assert.Contains("Too many wrong tries: wait 1 minutes", page.Html, StringComparison.Ordinal);
        }

        var disabled = await browser.PostAsync(SignIn, ("name", "off"), ("password", IdentityGarden.Password));
        Assert.Contains("The account off is disabled", disabled.Html, StringComparison.Ordinal);
        Assert.Empty(browser.Session);
    }

    [Fact]
    public async Task SignIn_AfterALock_WaitsLongerEachTimeAndForgetsWhenRight()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = garden.Open();
        await browser.GetAsync(SignIn);

        for (var i = 0; i < LockOut.FreeTries; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("wrong"));
        }

        Assert.Equal((HttpStatusCode)429, await TryAsync(IdentityGarden.Password));
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("wrong"));
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal((HttpStatusCode)429, await TryAsync(IdentityGarden.Password));
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.SeeOther, await TryAsync(IdentityGarden.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("wrong"));
        Assert.Equal(HttpStatusCode.SeeOther, await TryAsync(IdentityGarden.Password));

        async Task<HttpStatusCode> TryAsync(string password)
        {
            browser.Cookies.Remove("garden-session");
            return (await browser.PostAsync(SignIn, ("name", "ann"), ("password", password))).Status;
        }
    }

    [Fact]
    public async Task SignIn_ManyGuessesAtOnce_AreNoMoreThanOneAfterTheOther()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var counter = garden.Part<TryCounter>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => counter.BeginAsync("password/ann", Cancel))));

        Assert.Equal(LockOut.FreeTries, outcomes.Count(outcome => outcome.Error is null));
    }

    [Theory]
    [InlineData("reset", "PASSWORD_CHANGED")]
    [InlineData("change", "PASSWORD_CHANGED")]
    [InlineData("disable", "ACCOUNT_DISABLED")]
    public async Task SignIn_OvertakenAfterThePasswordWasFoundRight_BeginsNoSession(string by, string reason)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var who = await garden.InsideAsync(browser);
        await garden.Part<Sessions.SessionBook>().EndOthersAsync(who.Account, by is "change" ? who.Session.Id : "", Cancel);

        var begun = await garden.BeginAsync(who.Account, async () => await (by switch
        {
            "reset" => (Task)garden.ResetAsync(await garden.OfferResetAsync("ann"), "eleven quiet rivers"),
            "change" => garden.Part<Passwords.PasswordBook>().ChangeAsync(who, (IdentityGarden.Password, "eleven quiet rivers"), Cancel),
            _ => garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel).ResponseAsync,
        }));

        Assert.Equal(reason, begun.Error?.Reason);
        Assert.Equal(by is "change" ? 1 : 0, (await garden.Part<Sessions.SessionBook>().ListAsync(who.Account, Cancel)).Length);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("disable")]
    public async Task SignIn_CommittedWhileAnotherTakesTheAccountsWaysIn_IsEndedByIt(string by)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var account = (await garden.InsideAsync(browser)).Account;
        var link = await garden.OfferResetAsync("ann");
        var hash = await HashAsync(garden);
        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        await using var transaction = await context.Database.BeginTransactionAsync(Cancel);
        Assert.True(await Passwords.PasswordTurn.TakeAsync(context, "ann", hash, Cancel));
        garden.Part<Sessions.SessionBook>().Begin(context, account, new("", ""));
        await context.SaveChangesAsync(Cancel);

        var end = Task.Run(
            async () => await (by is "reset"
                ? (Task)garden.ResetAsync(link, "eleven quiet rivers")
                : garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel).ResponseAsync),
            Cancel);
        await WhenWaitingAsync(garden, end);
        await transaction.CommitAsync(Cancel);
        await end;

        Assert.Empty(await garden.Part<Sessions.SessionBook>().ListAsync(account, Cancel));
    }

    [Fact]
    public async Task SignIn_FromOneAddress_IsBoundedWhateverTheNames()
    {
        await using var garden = await StartAsync();
        var gate = garden.Part<AddressGate>();
        Assert.All(Enumerable.Range(0, AddressGate.Burst), _ => Assert.Null(gate.Take("192.0.2.1")));
        using var browser = garden.Open();
        using var other = garden.Open("192.0.2.2");
        await browser.GetAsync(SignIn);
        await other.GetAsync(SignIn);

        var page = await browser.PostAsync(SignIn, ("name", "nobody"), ("password", "x"));

        Assert.Equal(((HttpStatusCode)429, "60"), (page.Status, page.Headers.RetryAfter!.ToString()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.PostAsync(SignIn, ("name", "nobody"), ("password", "x"))).Status);
    }

    [Fact]
    public async Task SignIn_Refused_IsInTheAuditTrailAndCannotFillIt()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = garden.Open();
        await browser.GetAsync(SignIn);

        for (var i = 0; i < 30; i++)
        {
            Assert.NotEqual(HttpStatusCode.SeeOther, (await browser.PostAsync(SignIn, ("name", "ann"), ("password", "wrong"))).Status);
            Assert.NotEqual(HttpStatusCode.SeeOther, (await browser.PostAsync(SignIn, ("name", "nobody"), ("password", "wrong"))).Status);
        }

        var before = garden.Clock.GetUtcNow();
        garden.Clock.Jump(TimeSpan.FromHours(1));
        await browser.PostAsync(SignIn, ("name", "ann"), ("password", "wrong"));
        bool Is(Contracts.V1.AuditRecord record, string reason) => record.Action is "session.refuse" && record.Detail.Contains($"\"{reason}\"", StringComparison.Ordinal);
        var told = await garden.AuditUntilAsync(record => Is(record, "WRONG_PASSWORD") && record.At.ToDateTimeOffset() > before);
        Assert.Equal((6, 5), (told.Count(record => Is(record, "WRONG_PASSWORD")), told.Count(record => Is(record, "TOO_MANY_TRIES"))));
        Assert.All(told.Where(record => record.Action is "session.refuse"), record => Assert.Equal(("ann", "", "acme"), (record.Subject, record.Account, record.Tenant)));
    }

    [Fact]
    public async Task SignIn_PasswordHashedAtLowerCost_IsHashedAnew()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var before = await HashAsync(garden);

        using (await garden.SignInAsync("ann"))
        {
            Assert.Equal(before, await HashAsync(garden));
        }

        garden.Garden.Change("PasswordRounds", "120000");
        await garden.Garden.RestartAsync(IdentityModule.Definition);
        using (await garden.SignInAsync("ann"))
        {
            Assert.NotEqual(before, await HashAsync(garden));
        }

        using var again = await garden.SignInAsync("ann");
        Assert.Equal("ann", (await garden.WhoIsAsync(again)).Name);
    }

    [Fact]
    public async Task SignIn_WithoutTheFormsToken_IsRefused()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = garden.Open();
        await browser.GetAsync(SignIn);

        foreach (var token in new[] { "", "wrong", new string('A', 43) })
        {
            var page = await browser.PostBareAsync(SignIn, ("form", token), ("name", "ann"), ("password", IdentityGarden.Password));
            Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        }

        using var json = new HttpRequestMessage(HttpMethod.Post, SignIn) { Content = new StringContent("{}", null, "application/json") };
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.SendAsync(json)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync(SignIn, [.. Enumerable.Range(0, 100).Select(i => ($"f{i}", "x"))])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync(SignIn, ("name", new string('x', 100_000)))).Status);
        Assert.Empty(browser.Session);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_ReturnElsewhere_StaysHere(string back)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = garden.Open();
        var form = await browser.GetAsync($"{SignIn}?return={Uri.EscapeDataString(back)}");

        var page = await browser.PostAsync(SignIn, ("name", "ann"), ("password", IdentityGarden.Password), ("return", back));

        Assert.DoesNotContain("evil", form.Html, StringComparison.Ordinal);
        Assert.Equal("/account", page.Location);
    }

    [Fact]
    public async Task Pages_OfStrangersText_AreEscapedAndStrict()
    {
        await using var garden = await StartAsync();
        using var browser = garden.Open();
        await browser.GetAsync(SignIn);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account/nothing/here");

        var shown = await browser.PostAsync(SignIn, ("name", "\"><script>alert(1)</script>"), ("password", "x"));
        var missing = await browser.SendAsync(request);

        Assert.DoesNotContain("<script", shown.Raw, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("value=\"\"><script>alert(1)</script>\"", shown.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
        Assert.All([shown, missing], page =>
        {
            Assert.Equal("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
            Assert.Equal("same-origin", page.Headers.GetValues("Referrer-Policy").Single());
        });
    }

    private protected abstract Task<IdentityGarden> StartAsync(params (string Key, string Value)[] settings);

    /// <summary>Until the database has somebody wait for a row, or what should wait is over. With SQLite, whoever writes waits for whoever does: there is nothing to look at.</summary>
    private static async Task WhenWaitingAsync(IdentityGarden garden, Task other)
    {
        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        while (!context.Database.IsSqlite() && !other.IsCompleted
            && (await context.Database.SqlQuery<int>($"SELECT 1 AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").ToListAsync(Cancel)).Count is 0)
        {
            await Task.Yield();
        }
    }

    private static async Task<string> HashAsync(IdentityGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        return (await context.Passwords.SingleAsync(row => row.Account == "ann", Cancel)).Hash;
    }
}

public sealed class SqliteSignInTests : SignInContract
{
    private protected override Task<IdentityGarden> StartAsync(params (string Key, string Value)[] settings) => IdentityGarden.StartAsync(null, settings);
}

public sealed class PostgresSignInTests : SignInContract
{
    private protected override async Task<IdentityGarden> StartAsync(params (string Key, string Value)[] settings) => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync(), settings);
}
