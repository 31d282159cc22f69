using System.Net;
using System.Text.RegularExpressions;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Errors;
using ModelGarden.Identity.Passwords;
using ModelGarden.Identity.SecondFactors;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Identity and Entitlement, both real, with a tenant <c>acme</c>.</summary>
internal sealed class IdentityGarden : IAsyncDisposable
{
    public const string AdminToken = "any-text-of-the-admin";
    public const string Password = "plum harbour lantern";
    private readonly TestDatabase? _database;

    private IdentityGarden(TestGarden garden, TestDatabase? database, ManualClock clock) => (Garden, _database, Clock) = (garden, database, clock);

    public TestGarden Garden { get; }

    public ManualClock Clock { get; }

    private static CancellationToken Cancel => Patience.Cancel;

    /// <param name="database">Null: SQLite.</param>
    /// <param name="more">Settings below <c>Garden:</c>.</param>
    public static async Task<IdentityGarden> StartAsync(TestDatabase? database, params (string Key, string Value)[] more)
    {
        var clock = new ManualClock();
        var settings = new Dictionary<string, string> { ["AdminToken"] = AdminToken, ["PasswordRounds"] = "100000" };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var garden = await TestGarden.StartAsync(database, clock, settings, EntitlementModule.Definition, IdentityModule.Definition);
        await EntitlementOf(garden, People.Operator).CreateTenantAsync(new() { Name = "acme" }, cancellationToken: Cancel);
        return new(garden, database, clock);
    }

    public Contracts.V1.Identity.IdentityClient As(Principal principal) => new(Garden.As(principal, ServiceNames.Identity));

    public Contracts.V1.Identity.IdentityClient With(string internalToken) => new(Garden.With(internalToken, ServiceNames.Identity));

    public Contracts.V1.Identity.IdentityClient AsGateway() => As(People.Service(ServiceNames.Gateway));

    public Contracts.V1.Entitlement.EntitlementClient Entitlement(Principal principal) => EntitlementOf(Garden, principal);

    public T Part<T>()
        where T : notnull => Garden.PartsOf(ServiceNames.Identity).GetRequiredService<T>();

    public async Task<AuthenticateResponse> AuthenticateAsync(string credential) =>
        await AsGateway().AuthenticateAsync(new() { Credential = credential }, cancellationToken: Cancel);

    /// <summary>Makes an account of acme and a token of its own with these scopes.</summary>
    public async Task<CreateTokenResponse> EnrolAsync(string name, params string[] scopes)
    {
        var admin = People.Admin();
        await As(admin).CreateAccountAsync(new() { Name = name }, cancellationToken: Cancel);
        return await As(admin).CreateTokenAsync(new() { Account = name, Scopes = { scopes } }, cancellationToken: Cancel);
    }

    /// <summary>Makes an account of acme for a person who signs in with <see cref="Password"/>.</summary>
    public async Task EnrolPersonAsync(string name, params string[] roles)
    {
        await As(People.Admin()).CreateAccountAsync(new() { Name = name, Roles = { roles } }, cancellationToken: Cancel);
        await ResetAsync(await OfferResetAsync(name), Password);
    }

    /// <summary>Makes the account that <see cref="People.Admin"/> is: what he gives out is good as long as he is admin.</summary>
    public async Task EnrolAdminAsync() =>
        await As(People.Operator).CreateAccountAsync(new() { Name = "ada", Tenant = "acme", Roles = { Roles.Admin } }, cancellationToken: Cancel);

    /// <summary>The operator's link by which an account gets a password.</summary>
    public async Task<string> OfferResetAsync(string name) =>
        (await As(People.Operator).CreatePasswordResetAsync(new() { Account = name }, cancellationToken: Cancel)).Path;

    public Task<Result<Accounts.AccountRow>> ResetAsync(string path, string password) => Part<PasswordBook>().ResetAsync(path.Split('=')[1], password, Cancel);

    /// <summary>What a signed-in browser's session is to the parts inside.</summary>
    public async Task<Sessions.SignedIn> InsideAsync(Browser browser) => (await Part<Sessions.SessionBook>().FindAsync(browser.Session, Cancel))!;

    /// <summary>A session begun with <see cref="Password"/>, or why there is none; between the password and the session something may happen.</summary>
    public async Task<Result<(Sessions.SessionRow Session, string Secret)>> BeginAsync(Accounts.AccountRow account, Func<Task>? between = null)
    {
        var shown = (await Part<PasswordBook>().CheckAsync(account.Name, account, Password, Cancel)).OrThrow();
        await (between?.Invoke() ?? Task.CompletedTask);
        return await Part<Sessions.SessionBook>().BeginAsync(account, shown, new("", ""), Cancel);
    }

    /// <summary>A browser with no cookies yet.</summary>
    public Browser Open(string address = "192.0.2.1") => new(Garden.Http(ServiceNames.Identity, People.Anonymous)) { Address = address };

    /// <summary>What the feed says of each thing; null: it is gone.</summary>
    public async Task<Dictionary<string, Google.Protobuf.WellKnownTypes.Any?>> FeedAsync()
    {
        using var call = new ChangeFeed.ChangeFeedClient(Garden.As(People.Service(ServiceNames.Gateway), ServiceNames.Identity)).Watch(new(), cancellationToken: Cancel);
        var states = new Dictionary<string, Google.Protobuf.WellKnownTypes.Any?>();
        while (await call.ResponseStream.MoveNext(Cancel) && call.ResponseStream.Current.EventCase is not FeedEvent.EventOneofCase.CaughtUp)
        {
            if (call.ResponseStream.Current.Change is { } change)
            {
                states[change.Key] = change.State;
            }
        }

        return states;
    }

    /// <summary>Entitlement's audit trail, once it tells of this: what Identity did comes there by its feed.</summary>
    public async Task<IReadOnlyList<AuditRecord>> AuditUntilAsync(Predicate<AuditRecord> told)
    {
        var entitlement = new Contracts.V1.Entitlement.EntitlementClient(Garden.As(People.Operator, ServiceNames.Entitlement));
        for (var round = 0; ; round++)
        {
            var records = (await entitlement.ListAuditAsync(new() { PageSize = 1000 }, cancellationToken: Cancel)).Records;
            if (records.Any(record => told(record)))
            {
                return records;
            }

            // Entitlement started first, and tries Identity's feed again after a pause: now and then, so that the feed is not silent by the clock before it has spoken.
            Clock.Jump(TimeSpan.FromSeconds(round % 100 is 0 ? 1 : 0));
            await Task.Yield();
        }
    }

    /// <summary>A browser in which someone is signed in as far as the password takes him.</summary>
    public async Task<Browser> SignInAsync(string name)
    {
        var browser = Open();
        await browser.GetAsync("/account/sign-in");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/sign-in", ("name", name), ("password", Password))).Status);
        return browser;
    }

    /// <summary>Whom the Gateway takes a browser for.</summary>
    public async Task<Principal> WhoIsAsync(Browser browser) =>
        (await AsGateway().AuthenticateAsync(new() { Session = browser.Session }, cancellationToken: Cancel)).Principal;

    /// <summary>The Gateway is told that the browser's session is worth nothing, or not yet.</summary>
    public Task<string> IsNobodyAsync(Browser browser, string reason = "SESSION_ENDED") =>
        RefusedAsync(ErrorCode.Unauthenticated, reason, AsGateway().AuthenticateAsync(new() { Session = browser.Session }, cancellationToken: Cancel));

    /// <summary>Sets up a second factor in a signed-in browser; its secret, and the recovery codes.</summary>
    public async Task<(byte[] Secret, string[] Codes)> SetUpSecondFactorAsync(Browser browser)
    {
        var page = await browser.GetAsync("/account/authenticator");
        Assert.Matches("""<svg class="qr"[^>]*>\s*<rect[^>]*/?>(</rect>)?\s*<path d="(M[0-9]+ [0-9]+h1v1h-1z){400,}" """, page.Html);
        var secret = Base32Text.Decode(Regex.Match(page.Html, "secret=([A-Z2-7]{32})&").Groups[1].Value);
        var done = await browser.PostAsync("/account/authenticator", ("code", CodeOf(secret)));
        Assert.Equal(HttpStatusCode.OK, done.Status);
        return (secret, [.. Regex.Matches(done.Html, "<code>([A-Z2-7-]{29})</code>").Select(match => match.Groups[1].Value)]);
    }

    /// <summary>What the app shows now, or some steps of half a minute later.</summary>
    public string CodeOf(byte[] secret, int steps = 0) => Totp.CodeAt(secret, Totp.StepAt(Clock.GetUtcNow()) + steps);

    public async ValueTask DisposeAsync()
    {
        await Garden.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>The call is refused with this code and reason; answers what it said.</summary>
    public static async Task<string> RefusedAsync<T>(ErrorCode code, string reason, AsyncUnaryCall<T> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await call);
        var error = exception.ToError("the service");
        Assert.Equal((code, reason), (error.Code, error.Reason));
        return error.Message;
    }

    private static Contracts.V1.Entitlement.EntitlementClient EntitlementOf(TestGarden garden, Principal principal) => new(garden.As(principal, ServiceNames.Entitlement));
}
