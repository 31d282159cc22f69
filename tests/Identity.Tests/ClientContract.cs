using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Clients from their registration to their end, their own tokens, and devices, on either engine.</summary>
public abstract class ClientContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task CreateClient_SecretOnceAndStoredHashed_IsListedWithoutIt()
    {
        await using var garden = await StartAsync();

        var made = await garden.RegisterAsync();

        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Equal(SecretText.HashOf(made.Secret), (await context.Clients.SingleAsync(Cancel)).SecretHash);
        Assert.Equal(made.Client, Assert.Single((await garden.As(People.Admin()).ListClientsAsync(new(), cancellationToken: Cancel)).Clients));
        Assert.Empty((await garden.RegisterAsync(new() { Name = "Open", RedirectUris = { OAuthGarden.Callback } })).Secret);
    }

    [Theory]
    [InlineData("http://app.example/callback", "", "", "BAD_REDIRECT_URI")]
    [InlineData("https://app.example/#x", "", "", "BAD_REDIRECT_URI")]
    [InlineData("https://ann@app.example/", "", "", "BAD_REDIRECT_URI")]
    [InlineData("javascript:alert(1)", "", "", "BAD_REDIRECT_URI")]
    [InlineData("data:text/html,x", "", "", "BAD_REDIRECT_URI")]
    [InlineData("/callback", "", "", "BAD_REDIRECT_URI")]
    [InlineData("", "", "", "BAD_REDIRECT_URI")]
    [InlineData(OAuthGarden.Callback, "password", "", "BAD_GRANT")]
    [InlineData(OAuthGarden.Callback, "implicit", "", "BAD_GRANT")]
    [InlineData("", "client_credentials", "", "BAD_GRANT")]
    [InlineData(OAuthGarden.Callback, "refresh_token", "", "BAD_REDIRECT_URI")]
    [InlineData(OAuthGarden.Callback, "", "everything", "BAD_SCOPE")]
    public async Task CreateClient_BadInput_IsRefused(string redirect, string grant, string scope, string reason)
    {
        await using var garden = await StartAsync();
        var request = new CreateClientRequest { Name = "Notebook", IsConfidential = true };
        request.RedirectUris.Add(redirect.Length > 0 ? [redirect] : []);
        request.Grants.Add(grant.Length > 0 ? [grant] : []);
        request.Scopes.Add(scope.Length > 0 ? [scope] : []);

        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, reason, garden.As(People.Admin()).CreateClientAsync(request, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreateClient_BeyondItsMaker_IsDenied()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");
        var weak = People.Admin().Clone();
        weak.Scopes.Remove(Scopes.Deploy);

        await IdentityGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "SCOPE_MISSING", garden.As(weak).CreateClientAsync(new() { Name = "x", RedirectUris = { OAuthGarden.Callback }, Scopes = { Scopes.Deploy } }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).CreateClientAsync(new() { Name = "x" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.Conflict, "NOT_A_PROGRAM", garden.As(People.Admin()).CreateClientAsync(Program("ann"), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(People.Admin()).CreateClientAsync(Program("root"), cancellationToken: Cancel));
    }

    [Fact]
    public async Task ClientCredentials_AreTheServiceAccount_ByEitherProof()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        var client = await garden.RegisterAsync(Program("robot"));

        var (_, posted) = await garden.PostAsync("/oauth/token", Proof(client, ("grant_type", "client_credentials")));
        var (_, shown) = await garden.SendAsync(Basic(client.Client.Id, client.Secret, ("grant_type", "client_credentials"), ("scope", "read")));

        Assert.Null(posted["refresh_token"]);
        var (first, second) = (await garden.WhoHasAsync(posted["access_token"]), await garden.WhoHasAsync(shown["access_token"]));
        Assert.Equal((PrincipalKind.ServiceAccount, "robot", "acme"), (first.Kind, first.Name, first.Tenant));
        Assert.Equal([Scopes.Read, Scopes.Call], first.Scopes);
        Assert.Equal([Scopes.Read], second.Scopes);
        await garden.RefusedAsync("invalid_scope", "/oauth/token", Proof(client, ("grant_type", "client_credentials"), ("scope", "openid")));

        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "robot", Disabled = true }, cancellationToken: Cancel);
        await garden.RefusedAsync("invalid_grant", "/oauth/token", Proof(client, ("grant_type", "client_credentials")));
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "ACCOUNT_DISABLED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)posted["access_token"]! }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task ClientCredentials_AskedForAgainAndAgain_EndTheOldest()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "robot", Kind = PrincipalKind.ServiceAccount }, cancellationToken: Cancel);
        var client = await garden.RegisterAsync(Program("robot"));
        var tokens = new List<JsonObject>();
        for (var i = 0; i < 1001; i++)
        {
            // As fast as a client may go on asking.
            garden.Clock.Jump(TimeSpan.FromMilliseconds(100));
            tokens.Add((await garden.PostAsync("/oauth/token", Proof(client, ("grant_type", "client_credentials")))).Body);
        }

        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)tokens[0]["access_token"]! }, cancellationToken: Cancel));
        Assert.Equal("robot", (await garden.WhoHasAsync(tokens[1]["access_token"])).Name);
    }

    [Fact]
    public async Task Client_ThatIsNotWhoItSays_IsRefused()
    {
        await using var garden = await StartAsync();
        var client = await garden.RegisterAsync();
        var open = await garden.RegisterAsync(new() { Name = "Open", RedirectUris = { OAuthGarden.Callback } });
        (string, string) refresh = ("grant_type", "refresh_token");

        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh, ("client_id", client.Client.Id));
        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh, ("client_id", client.Client.Id), ("client_secret", "wrong"));
        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh, ("client_id", open.Client.Id), ("client_secret", "any"));
        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh, ("client_id", "nobody"));
        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh);
        await garden.RefusedAsync("invalid_client", "/oauth/token", refresh, ("client_id", client.Client.Id), ("client_assertion", "ey.ey.ey"));
        await garden.RefusedAsync("invalid_client", "/oauth/introspect", ("token", "x"), ("client_id", open.Client.Id));
        await garden.RefusedAsync("invalid_request", "/oauth/token", ("client_id", "x"));
        await garden.RefusedAsync("unsupported_grant_type", "/oauth/token", Proof(client, ("grant_type", "password")));
        await garden.RefusedAsync("unauthorized_client", "/oauth/token", Proof(client, ("grant_type", "client_credentials")));
        await garden.RefusedAsync("unauthorized_client", "/oauth/device", Proof(client));
        using var twice = Basic(client.Client.Id, client.Secret, refresh, ("client_secret", client.Secret));
        Assert.Equal("invalid_request", (string?)(await garden.SendAsync(twice)).Body["error"]);
        using var json = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new StringContent("""{"grant_type":"x","grant_type":"y"}""", Encoding.UTF8, "application/json") };
        Assert.Equal("invalid_request", (string?)(await garden.SendAsync(json)).Body["error"]);
    }

    [Theory]
    [InlineData(BuiltInClients.HuggingFace, "read write", true)]
    [InlineData(BuiltInClients.Garden, "read write deploy call curate admin", false)]
    public async Task Device_FromItsCodeToItsToken_IsThePerson(string client, string scopes, bool refreshes)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var (_, device) = await garden.PostAsync("/oauth/device", ("client_id", client));
        (string, string)[] poll = [("grant_type", OAuthGrants.DeviceCode), ("device_code", (string)device["device_code"]!), ("client_id", client)];
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", (string)device["user_code"]!);
        Assert.EndsWith($"/account/device?user_code={device["user_code"]}", (string)device["verification_uri_complete"]!, StringComparison.Ordinal);

        await garden.RefusedAsync("authorization_pending", "/oauth/token", poll);
        await garden.RefusedAsync("slow_down", "/oauth/token", poll);
        garden.Clock.Jump(TimeSpan.FromSeconds(9));
        await garden.RefusedAsync("slow_down", "/oauth/token", poll);
        garden.Clock.Jump(TimeSpan.FromSeconds(16));
        await garden.RefusedAsync("authorization_pending", "/oauth/token", poll);
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync("/account/device");
        var page = await browser.PostAsync("/account/device", ("user_code", ((string)device["user_code"]!).Replace("-", " ", StringComparison.Ordinal)));
        Assert.Contains("from 192.0.2.7", page.Html, StringComparison.Ordinal);
        Assert.Contains(", registered by the tenant <strong>garden</strong>, asks", page.Html, StringComparison.Ordinal);
        await browser.PostAsync("/account/device/answer", ("user_code", (string)device["user_code"]!), ("answer", "allow"));
        var (status, tokens) = await garden.PostAsync("/oauth/token", poll);

        Assert.Equal((HttpStatusCode.OK, scopes, 30 * 86_400, refreshes), (status, (string?)tokens["scope"], (int)tokens["expires_in"]!, tokens.ContainsKey("refresh_token")));
        Assert.Equal("ann", (await garden.WhoHasAsync(tokens["access_token"])).Name);
        await garden.RefusedAsync("invalid_grant", "/oauth/token", poll);
        Assert.Equal(client, Assert.Single((await garden.As(People.Engineer()).ListTokensAsync(new(), cancellationToken: Cancel)).Tokens).Client);
    }

    [Fact]
    public async Task Device_DeniedLateOrOfAnother_GetsNothing()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        var (_, denied) = await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden), ("scope", "read"));
        var (_, late) = await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden));
        await browser.GetAsync("/account/device");
        await browser.PostAsync("/account/device/answer", ("user_code", (string)denied["user_code"]!), ("answer", "deny"));

        await garden.RefusedAsync("access_denied", "/oauth/token", Poll(denied, BuiltInClients.Garden));
        await garden.RefusedAsync("invalid_grant", "/oauth/token", Poll(denied, BuiltInClients.HuggingFace));
        await garden.RefusedAsync("invalid_scope", "/oauth/device", ("client_id", BuiltInClients.HuggingFace), ("scope", "admin"));
        garden.Clock.Jump(DeviceBook.Lifetime - TimeSpan.FromSeconds(1));
        garden.Clock.Jump(TimeSpan.FromSeconds(1));
        await garden.RefusedAsync("expired_token", "/oauth/token", Poll(late, BuiltInClients.Garden));
    }

    [Fact]
    public async Task Device_CodesGuessed_AreCountedAsPasswordsAre()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        await browser.GetAsync("/account/device");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.PostAsync("/account/device", ("user_code", "BCDF-GHJK"))).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await browser.PostAsync("/account/device", ("user_code", "BCDF-GHJK"))).Status);
    }

    [Fact]
    public async Task Device_BegunWithTooOften_IsRefused()
    {
        await using var garden = await StartAsync();
        for (var i = 0; i < SignIn.AddressGate.Burst; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden))).Status);
        }

        var (status, body) = await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden));

        Assert.Equal((HttpStatusCode.TooManyRequests, "temporarily_unavailable"), (status, (string?)body["error"]));
    }

    [Fact]
    public async Task Device_ThatSaysSomethingOfItself_IsQuoted()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        using var browser = await garden.SignInAsync("ann");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/device") { Content = new FormUrlEncodedContent([KeyValuePair.Create("client_id", BuiltInClients.Garden)]) };
        request.Headers.TryAddWithoutValidation("User-Agent", "curl. Your admin says: allow it </q><b>now</b>");
        var (_, device) = await garden.SendAsync(request);
        await browser.GetAsync("/account/device");

        var page = await browser.PostAsync("/account/device", ("user_code", (string)device["user_code"]!));

        Assert.Contains("<q>curl. Your admin says: allow it &lt;/q&gt;&lt;b&gt;now&lt;/b&gt;</q>", page.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_OfOneNetwork_LeaveRoomForOthers()
    {
        await using var garden = await StartAsync();
        async Task<HttpStatusCode> BeginAsync(string address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/device") { Content = new FormUrlEncodedContent([KeyValuePair.Create("client_id", BuiltInClients.Garden)]) };
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
            using var http = garden.Garden.Http(ServiceNames.Identity, People.Anonymous);
            using var answer = await http.SendAsync(request, Cancel);
            return answer.StatusCode;
        }

        for (var i = 0; i < 100; i++)
        {
            // As fast as a network may go on beginning.
            garden.Clock.Jump(TimeSpan.FromSeconds(6));
            Assert.Equal(HttpStatusCode.OK, await BeginAsync($"2001:db8::{i:x}"));
        }

        garden.Clock.Jump(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.TooManyRequests, await BeginAsync("2001:db8::ffff"));
        Assert.Equal(HttpStatusCode.OK, await BeginAsync("2001:db8:0:1::1"));
    }

    [Fact]
    public async Task Requests_FromOneNetworkTooFast_AreRefusedAndOthersAreNot()
    {
        await using var garden = await StartAsync();
        using var http = garden.Garden.Http(ServiceNames.Identity, People.Anonymous);
        async Task<HttpResponseMessage> AskAsync(string path, string address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([KeyValuePair.Create("client_id", "nobody")]) };
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
            return await http.SendAsync(request, Cancel);
        }

        for (var i = 0; i < OAuthGate.Burst; i++)
        {
            using var wrong = await AskAsync("/oauth/introspect", "192.0.2.9");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var tooFast = await AskAsync("/oauth/token", "192.0.2.9");
        using var other = await AskAsync("/oauth/introspect", "192.0.2.10");
        Assert.Equal((HttpStatusCode.TooManyRequests, "60"), (tooFast.StatusCode, tooFast.Headers.RetryAfter!.ToString()));
        Assert.Equal("temporarily_unavailable", (string?)JsonNode.Parse(await tooFast.Content.ReadAsStringAsync(Cancel))!["error"]);
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
        garden.Clock.Jump(TimeSpan.FromMilliseconds(100));
        using var later = await AskAsync("/oauth/introspect", "192.0.2.9");
        Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
    }

    [Fact]
    public async Task Requests_OfOneClientTooFast_AreRefusedFromEverywhere()
    {
        await using var garden = await StartAsync();
        var (client, other) = (await garden.RegisterAsync(), await garden.RegisterAsync());
        using var http = garden.Garden.Http(ServiceNames.Identity, People.Anonymous);
        async Task<HttpStatusCode> AskAsync(CreateClientResponse by, string secret, int from)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = by.Client.Id, ["client_secret"] = secret, ["token"] = "x" }),
            };
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", $"192.0.2.{from % 200}");
            using var answer = await http.SendAsync(request, Cancel);
            return answer.StatusCode;
        }

        for (var i = 0; i < OAuthGate.Burst; i++)
        {
            // Whoever does not know the secret uses up nothing of the client's.
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(client, "wrong", i));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(client, client.Secret, i));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(client, client.Secret, 201));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(other, other.Secret, 201));
    }

    [Fact]
    public async Task RotateClientSecret_NewOneIsGoodAndTheOldIsNot()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        var open = await garden.RegisterAsync(new() { Name = "Open", RedirectUris = { OAuthGarden.Callback } });
        using var browser = await garden.SignInAsync("ann");
        var tokens = await garden.ComeInAsync(client, browser);

        var turned = await garden.As(People.Admin()).RotateClientSecretAsync(new() { Id = client.Client.Id }, cancellationToken: Cancel);

        Assert.Equal(client.Client, turned.Client);
        Assert.Equal("invalid_client", (string?)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["error"]);
        Assert.Equal(HttpStatusCode.OK, (await garden.RefreshAsync(turned, (string)tokens["refresh_token"]!)).Status);
        Assert.Equal("ann", (await garden.WhoHasAsync(tokens["access_token"])).Name);
        await IdentityGarden.RefusedAsync(ErrorCode.Conflict, "NO_SECRET", garden.As(People.Admin()).RotateClientSecretAsync(new() { Id = open.Client.Id }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "CLIENT_NOT_FOUND", garden.As(People.Admin("other")).RotateClientSecretAsync(new() { Id = client.Client.Id }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "CLIENT_NOT_FOUND", garden.As(People.Admin()).RotateClientSecretAsync(new() { Id = BuiltInClients.Garden }, cancellationToken: Cancel));
        await garden.AuditUntilAsync(record => record.Action is "client.rotate");
    }

    [Fact]
    public async Task Sweep_OfWhatIsOver_LeavesWhatIsNot()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        await garden.ComeInAsync(client, browser);
        await garden.PostAsync("/oauth/device", ("client_id", BuiltInClients.Garden));
        garden.Clock.Jump(TimeSpan.FromDays(2));
        await garden.Part<Sweep>().SweepAsync(Cancel);
        Assert.Equal((0, 0, 1, 1), await CountAsync(garden));

        garden.Clock.Jump(TimeSpan.FromDays(220));
        await garden.Part<Sweep>().SweepAsync(Cancel);

        Assert.Equal((0, 0, 0, 0), await CountAsync(garden));
    }

    private static async Task<(int Codes, int Devices, int Refreshes, int Grants)> CountAsync(IdentityGarden garden)
    {
        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        return (await context.AuthorizationCodes.CountAsync(Cancel), await context.DeviceCodes.CountAsync(Cancel), await context.RefreshTokens.CountAsync(Cancel), await context.Grants.CountAsync(Cancel));
    }

    private static CreateClientRequest Program(string account) =>
        new() { Name = "Nightly", IsConfidential = true, Account = account, Grants = { OAuthGrants.ClientCredentials }, Scopes = { Scopes.Read, Scopes.Call } };

    private static (string, string)[] Poll(JsonObject device, string client) =>
        [("grant_type", OAuthGrants.DeviceCode), ("device_code", (string)device["device_code"]!), ("client_id", client)];

    private static (string, string)[] Proof(CreateClientResponse client, params (string, string)[] fields) => [.. fields, ("client_id", client.Client.Id), ("client_secret", client.Secret)];

    /// <summary>As the Gateway hands it on.</summary>
    private static HttpRequestMessage Basic(string id, string secret, params (string Name, string Value)[] fields) => new(HttpMethod.Post, "/oauth/token")
    {
        Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        Headers = { { ClientCredential.Header, $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"))}" } },
    };

    private protected abstract Task<IdentityGarden> StartAsync();
}

public sealed class SqliteClientTests : ClientContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresClientTests : ClientContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
