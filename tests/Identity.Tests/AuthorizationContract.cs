using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Programs that people let act for them, by a code that goes through a browser, on either engine.</summary>
public abstract class AuthorizationContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Code_FromSignInToUserInfo_SaysWhoItIs()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = garden.Open();

        var first = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, ("nonce", "n-1")));
        Assert.StartsWith("/account/sign-in?return=%2Faccount%2Fauthorize%3F", first.Location, StringComparison.Ordinal);
        var back = Uri.UnescapeDataString(first.Location![(first.Location!.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        await browser.GetAsync(first.Location);
        var signedIn = await browser.PostAsync("/account/sign-in", ("name", "ann"), ("password", IdentityGarden.Password), ("return", back));
        Assert.Equal(HttpStatusCode.OK, signedIn.Status);
        Assert.Contains($"content=\"0;url={back}\"", signedIn.Html, StringComparison.Ordinal);
        var page = await browser.GetAsync(back);
        Assert.Contains("May Notebook act for you?", page.Html, StringComparison.Ordinal);
        Assert.Contains("app.example", page.Html, StringComparison.Ordinal);
        Assert.Contains("see your e-mail address", page.Html, StringComparison.Ordinal);
        var answer = OAuthGarden.AnswerIn(await browser.PostAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "allow")));
        Assert.Equal("of mine", answer["state"]);
        var (_, discovery) = await garden.SendAsync(new(HttpMethod.Get, "/.well-known/openid-configuration"));
        Assert.Equal((string?)discovery["issuer"], answer["iss"]);

        var (status, tokens) = await garden.SwapAsync(client, answer["code"]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("Bearer", 3600, "openid profile email read"), ((string?)tokens["token_type"], (int)tokens["expires_in"]!, (string?)tokens["scope"]));
        var who = await garden.WhoHasAsync(tokens["access_token"]);
        Assert.Equal(("ann", "acme", ""), (who.Name, who.Tenant, who.Repository));
        Assert.Equal([Scopes.Read], who.Scopes);
        var claims = OAuthGarden.ClaimsOf((string)tokens["id_token"]!);
        Assert.Equal(("ann", client.Client.Id, "n-1", "1"), ((string?)claims["sub"], (string?)claims["aud"], (string?)claims["nonce"], (string?)claims["acr"]));
        Assert.Equal(answer["iss"], (string?)claims["iss"]);
        var (_, info) = await garden.SendAsync(new(HttpMethod.Get, "/oauth/userinfo"), who);
        Assert.Equal(("ann", "ann", "acme"), ((string?)info["sub"], (string?)info["preferred_username"], (string?)info["tenant"]));
    }

    [Fact]
    public async Task IdToken_IsVerifiedByThePublishedKey_AndIsNoInternalToken()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var token = (string)(await garden.ComeInAsync(client, browser))["id_token"]!;

        var (_, published) = await garden.SendAsync(new(HttpMethod.Get, "/oauth/jwks"));
        var header = OAuthGarden.ClaimsOf(token, 0);
        var jwk = Assert.Single(published["keys"]!.AsArray())!;
        Assert.Equal(("ES256", "JWT", (string?)jwk["kid"]), ((string?)header["alg"], (string?)header["typ"], (string?)header["kid"]));
        Assert.Null(jwk["d"]);
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = System.Buffers.Text.Base64Url.DecodeFromChars((string)jwk["x"]!), Y = System.Buffers.Text.Base64Url.DecodeFromChars((string)jwk["y"]!) },
        });
        var last = token.LastIndexOf('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(token, 0, last), System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(last + 1)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

        // Neither is the other, nor is one of the other's keys: not by its type, not by its key.
        Assert.DoesNotContain((string)jwk["kid"]!, (await garden.AsGateway().ListSigningKeysAsync(new(), cancellationToken: Cancel)).Keys.Select(one => one.Id));
        Assert.Null(InternalToken.KeyIdOf(token));
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "BAD_INTERNAL_TOKEN", garden.With(token).WhoAmIAsync(new(), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "BAD_TOKEN", garden.AsGateway().AuthenticateAsync(new() { Credential = token }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("response_type", "", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("code_challenge", "", "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", "", "invalid_request")]
    [InlineData("scope", "openid admin", "invalid_scope")]
    [InlineData("scope", "openid everything", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "maybe", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("max_age", "soon", "invalid_request")]
    [InlineData("request", "ey.ey.ey", "request_not_supported")]
    [InlineData("request_uri", "https://app.example/r", "request_uri_not_supported")]
    [InlineData("prompt", "none", "login_required")]
    public async Task Request_ThatIsWrong_IsToldToTheClient(string name, string value, string error)
    {
        await using var garden = await StartAsync();
        var client = await garden.RegisterAsync();
        using var browser = garden.Open();

        var answer = OAuthGarden.AnswerIn(await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, (name, value))));

        Assert.Equal((error, "of mine"), (answer["error"], answer["state"]));
        Assert.NotEmpty(answer["iss"]);
    }

    [Theory]
    [InlineData("redirect_uri", "https://app.example/callback/")]
    [InlineData("redirect_uri", "https://app.example/callback?x=1")]
    [InlineData("redirect_uri", "https://app.example.evil.example/callback")]
    [InlineData("redirect_uri", "https://APP.example/callback")]
    [InlineData("redirect_uri", "")]
    [InlineData("client_id", "00000000000000000000000000000000")]
    [InlineData("client_id", "")]
    public async Task Request_OfWhoIsNotKnown_SendsNobodyAnywhere(string name, string value)
    {
        await using var garden = await StartAsync();
        var client = await garden.RegisterAsync();
        using var browser = garden.Open();

        var page = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, (name, value)));

        Assert.Equal((HttpStatusCode.BadRequest, null), (page.Status, page.Location));
        Assert.DoesNotContain("0;url=", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithAParameterTwice_IsRefused()
    {
        await using var garden = await StartAsync();
        var client = await garden.RegisterAsync();
        using var browser = garden.Open();

        var page = await browser.GetAsync($"{OAuthGarden.PageFor(client.Client.Id)}&redirect_uri=https%3A%2F%2Fevil.example");

        Assert.Equal((HttpStatusCode.BadRequest, null), (page.Status, page.Location));
        await garden.RefusedAsync("invalid_request", "/oauth/token", ("grant_type", "refresh_token"), ("grant_type", "authorization_code"));
    }

    [Fact]
    public async Task LoopbackAddress_OfAProgram_HasAnyPortAndIsAskedEachTime()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync(new() { Name = "Desktop", RedirectUris = { "http://127.0.0.1/done" } });
        using var browser = await garden.SignInAsync("ann");
        (string, string)[] asked = [("redirect_uri", "http://127.0.0.1:49152/done"), ("scope", "openid read")];

        for (var i = 0; i < 2; i++)
        {
            var page = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, asked));
            Assert.Equal(HttpStatusCode.OK, page.Status);
            var answered = await browser.PostAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "allow"));
            Assert.Contains("0;url=http://127.0.0.1:49152/done?code=", answered.Html, StringComparison.Ordinal);
        }

        foreach (var other in new[] { "http://127.0.0.1:49152/other", "http://127.0.0.2/done", "https://127.0.0.1/done", "http://127.0.0.1:1@evil.example/done" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, ("redirect_uri", other)))).Status);
        }
    }

    [Fact]
    public async Task Prompts_AreHeld_ToWhatTheySay()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        string Page(params (string, string)[] more) => OAuthGarden.PageFor(client.Client.Id, more);

        Assert.Equal("consent_required", OAuthGarden.AnswerIn(await browser.GetAsync(Page(("prompt", "none"))))["error"]);
        await OAuthGarden.AllowAsync(browser, client.Client.Id);
        Assert.True(OAuthGarden.AnswerIn(await browser.GetAsync(Page(("prompt", "none")))).ContainsKey("code"));
        Assert.Equal("consent_required", OAuthGarden.AnswerIn(await browser.GetAsync(Page(("prompt", "none"), ("scope", "openid write"))))["error"]);
        Assert.Contains("act for you?", (await browser.GetAsync(Page(("prompt", "consent")))).Html, StringComparison.Ordinal);
        Assert.Contains("act for you?", (await browser.GetAsync(Page(("prompt", "select_account")))).Html, StringComparison.Ordinal);

        var again = await browser.GetAsync(Page(("prompt", "login")));
        Assert.StartsWith("/account/confirm?return=", again.Location, StringComparison.Ordinal);
        Assert.DoesNotContain("prompt", again.Location, StringComparison.Ordinal);
        garden.Clock.Jump(TimeSpan.FromMinutes(2));
        Assert.Equal("login_required", OAuthGarden.AnswerIn(await browser.GetAsync(Page(("prompt", "none"), ("max_age", "60"))))["error"]);
        Assert.StartsWith("/account/confirm?return=", (await browser.GetAsync(Page(("max_age", "60")))).Location, StringComparison.Ordinal);
        Assert.True(OAuthGarden.AnswerIn(await browser.GetAsync(Page(("max_age", "600")))).ContainsKey("code"));
    }

    [Fact]
    public async Task Consent_OfAPersonWhoSignedInLongAgo_AsksHimToConfirmFirst()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var page = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id));

        garden.Clock.Jump(TimeSpan.FromMinutes(16));

        Assert.StartsWith("/account/confirm?return=", (await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id))).Location, StringComparison.Ordinal);
        var late = await browser.PostAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "allow"));
        Assert.StartsWith("/account/confirm?return=", late.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consent_Denied_IsToldAndNotRemembered()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var page = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id));

        var answer = OAuthGarden.AnswerIn(await browser.PostAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "deny")));

        Assert.Equal("access_denied", answer["error"]);
        Assert.Equal("consent_required", OAuthGarden.AnswerIn(await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, ("prompt", "none"))))["error"]);
        var forged = await browser.PostBareAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "allow"), ("form", "of another"));
        Assert.Equal(HttpStatusCode.Forbidden, forged.Status);
    }

    [Fact]
    public async Task Client_OfAnotherTenant_IsForItsOwnPeopleAlone()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.Entitlement(People.Operator).CreateTenantAsync(new() { Name = "other" }, cancellationToken: Cancel);
        var foreign = await garden.As(People.Admin("other")).CreateClientAsync(
            new() { Name = "Theirs", IsConfidential = true, RedirectUris = { OAuthGarden.Callback } }, cancellationToken: Cancel);
        var everybodys = await garden.As(People.Operator).CreateClientAsync(
            new() { Name = "Everybody's", IsConfidential = true, RedirectUris = { OAuthGarden.Callback } }, cancellationToken: Cancel);
        using var browser = await garden.SignInAsync("ann");
        var page = await browser.GetAsync(OAuthGarden.PageFor(foreign.Client.Id));

        Assert.Equal("access_denied", OAuthGarden.AnswerIn(await browser.PostAsync("/account/authorize", ("request", OAuthGarden.RequestIn(page)), ("answer", "allow")))["error"]);
        var who = await garden.WhoHasAsync((await garden.ComeInAsync(everybodys, browser))["access_token"]);
        Assert.Equal("ann", who.Name);
        Assert.Empty((await garden.As(People.Admin()).ListClientsAsync(new(), cancellationToken: Cancel)).Clients);
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "CLIENT_NOT_FOUND", garden.As(People.Admin()).DeleteClientAsync(new() { Id = foreign.Client.Id }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", garden.As(People.Admin()).ListClientsAsync(new() { Tenant = "other" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Code_ShownTwice_EndsWhatCameOfIt()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var code = await OAuthGarden.AllowAsync(browser, client.Client.Id);
        var (_, tokens) = await garden.SwapAsync(client, code);

        var (status, refused) = await garden.SwapAsync(client, code);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, (string?)refused["error"]));
        await GoneAsync(garden, client, tokens);
    }

    [Fact]
    public async Task Code_OfAnotherWithAWrongVerifierOrTooLate_IsRefused()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var (client, other) = (await garden.RegisterAsync(), await garden.RegisterAsync());
        using var browser = await garden.SignInAsync("ann");
        var code = await OAuthGarden.AllowAsync(browser, client.Client.Id);
        (string, string)[] shown = [("grant_type", "authorization_code"), ("code", code), ("client_id", client.Client.Id), ("client_secret", client.Secret)];

        Assert.Equal("invalid_grant", (string?)(await garden.SwapAsync(other, code)).Body["error"]);
        Assert.Equal("invalid_grant", (string?)(await garden.SwapAsync(client, code, new string('x', 43))).Body["error"]);
        Assert.Equal("invalid_grant", (string?)(await garden.SwapAsync(client, "no code")).Body["error"]);
        await garden.RefusedAsync("invalid_request", "/oauth/token", [.. shown, ("redirect_uri", OAuthGarden.Callback)]);
        await garden.RefusedAsync("invalid_grant", "/oauth/token", [.. shown, ("redirect_uri", "https://app.example/other"), ("code_verifier", OAuthGarden.Verifier)]);
        await garden.RefusedAsync("invalid_grant", "/oauth/token", [.. shown, ("code_verifier", OAuthGarden.Verifier)]);
        garden.Clock.Jump(OAuth.GrantBook.CodeLifetime);
        Assert.Equal("invalid_grant", (string?)(await garden.SwapAsync(client, code)).Body["error"]);
    }

    [Fact]
    public async Task Code_OfferedByEightAtOnce_GivesTokensOnceAndEndsThem()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var code = await OAuthGarden.AllowAsync(browser, client.Client.Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => garden.SwapAsync(client, code))));

        await OnceAsync(garden, client, answers);
    }

    [Fact]
    public async Task Refresh_OfferedByEightAtOnce_GivesTokensOnceAndEndsThem()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var first = await garden.ComeInAsync(client, browser);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => garden.RefreshAsync(client, (string)first["refresh_token"]!))));

        await OnceAsync(garden, client, answers);
    }

    [Fact]
    public async Task Request_ByAForm_IsBounded()
    {
        await using var garden = await StartAsync();
        using var http = garden.Garden.Http(ServiceNames.Identity, People.Anonymous);
        async Task<(HttpStatusCode, string?)> PostAsync(string value, int count = 1)
        {
            using var content = new FormUrlEncodedContent(Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"p{i}", value)));
            using var answer = await http.PostAsync(new Uri("/oauth/authorize", UriKind.Relative), content, Cancel);
            return (answer.StatusCode, answer.Headers.Location?.OriginalString);
        }

        Assert.Equal((HttpStatusCode.SeeOther, "/account/authorize?p0=a%20b"), await PostAsync("a b"));
        Assert.Equal((HttpStatusCode.BadRequest, null), await PostAsync(new string('x', 7 << 10)));
        Assert.Equal((HttpStatusCode.BadRequest, null), await PostAsync(new string('x', 100 << 10)));
        Assert.Equal((HttpStatusCode.BadRequest, null), await PostAsync("x", 100));
    }

    [Fact]
    public async Task Consent_ForAPrivateScheme_ShowsAllOfItsAddress()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync(new() { Name = "App", RedirectUris = { "com.example.app://www.bank.example/done" } });
        using var browser = await garden.SignInAsync("ann");

        var page = await browser.GetAsync(OAuthGarden.PageFor(client.Client.Id, ("redirect_uri", "com.example.app://www.bank.example/done"), ("scope", "openid read")));

        Assert.Contains("you go on to whatever program on this device opens com.example.app://www.bank.example/done.", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_GivesTheNextOne_AndTheSameTwiceEndsTheFamily()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var (client, other) = (await garden.RegisterAsync(), await garden.RegisterAsync());
        using var browser = await garden.SignInAsync("ann");
        var first = await garden.ComeInAsync(client, browser);

        Assert.Equal("invalid_grant", (string?)(await garden.RefreshAsync(other, (string)first["refresh_token"]!)).Body["error"]);
        var (status, second) = await garden.RefreshAsync(client, (string)first["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual((string?)first["refresh_token"], (string?)second["refresh_token"]);
        Assert.Equal("ann", (await garden.WhoHasAsync(second["access_token"])).Name);
        Assert.Null(OAuthGarden.ClaimsOf((string)second["id_token"]!)["nonce"]);
        var (_, narrow) = await garden.PostAsync(
            "/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", (string)second["refresh_token"]!), ("scope", "read"), ("client_id", client.Client.Id), ("client_secret", client.Secret));
        Assert.Equal("read", (string?)narrow["scope"]);
        Assert.Equal("invalid_scope", (string?)(await garden.PostAsync(
            "/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", (string)narrow["refresh_token"]!), ("scope", "write"), ("client_id", client.Client.Id), ("client_secret", client.Secret))).Body["error"]);

        Assert.Equal("invalid_grant", (string?)(await garden.RefreshAsync(client, (string)first["refresh_token"]!)).Body["error"]);

        await GoneAsync(garden, client, narrow);
        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "TOKEN_REVOKED", garden.AsGateway().AuthenticateAsync(new() { Credential = (string)first["access_token"]! }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Refresh_NotUsedForLong_IsOver()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var tokens = await garden.ComeInAsync(client, browser);

        garden.Clock.Jump(OAuth.GrantBook.RefreshIdle);

        Assert.Equal("invalid_grant", (string?)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["error"]);
        await garden.Part<Sweep>().SweepAsync(Cancel);
        Assert.Equal("invalid_grant", (string?)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["error"]);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("disabled")]
    [InlineData("member")]
    [InlineData("client")]
    [InlineData("token")]
    [InlineData("revoked")]
    public async Task Grant_EndsAtOnce_With(string what)
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        var client = await garden.RegisterAsync();
        using var browser = await garden.SignInAsync("ann");
        var tokens = await garden.ComeInAsync(client, browser);
        var (admin, id) = (garden.As(People.Admin()), (await garden.WhoHasAsync(tokens["access_token"])).TokenId);

        await (what switch
        {
            "password" => browser.PostAsync("/account/password", ("old", IdentityGarden.Password), ("new", "another harbour lantern")),
            "disabled" => admin.SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel).ResponseAsync,
            "member" => garden.Entitlement(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "ann" }, cancellationToken: Cancel).ResponseAsync,
            "client" => admin.DeleteClientAsync(new() { Id = client.Client.Id }, cancellationToken: Cancel).ResponseAsync,
            "token" => garden.As(People.Engineer()).RevokeTokenAsync(new() { Id = id }, cancellationToken: Cancel).ResponseAsync,
            _ => (Task)garden.PostAsync("/oauth/revoke", ("token", (string)tokens["refresh_token"]!), ("client_id", client.Client.Id), ("client_secret", client.Secret)),
        });

        while (what is "member" && (await garden.Part<Accounts.MemberDirectory>().RolesOfAsync("acme", "ann", Cancel)).Length > 0)
        {
            await Task.Yield();
        }

        await GoneAsync(garden, client, tokens);
        if (what is not "member")
        {
            Assert.NotNull((await garden.FeedAsync())[$"token/{id}"]!.Unpack<Token>().RevokedAt);
        }
    }

    [Fact]
    public async Task Introspection_TellsClientsOfTheirOwn_AndNobodyElse()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("ann");
        await garden.Entitlement(People.Operator).CreateTenantAsync(new() { Name = "other" }, cancellationToken: Cancel);
        var client = await garden.RegisterAsync();
        var foreign = await garden.As(People.Admin("other")).CreateClientAsync(new() { Name = "Theirs", IsConfidential = true, RedirectUris = { OAuthGarden.Callback } }, cancellationToken: Cancel);
        using var browser = await garden.SignInAsync("ann");
        var tokens = await garden.ComeInAsync(client, browser);
        async Task<JsonObject> AskAsync(CreateClientResponse by, string token) =>
            (await garden.PostAsync("/oauth/introspect", ("token", token), ("client_id", by.Client.Id), ("client_secret", by.Secret))).Body;

        var known = await AskAsync(client, (string)tokens["access_token"]!);
        Assert.Equal((true, client.Client.Id, "ann", "openid profile email read"), ((bool)known["active"]!, (string?)known["client_id"], (string?)known["sub"], (string?)known["scope"]));
        Assert.True((bool)(await AskAsync(client, (string)tokens["refresh_token"]!))["active"]!);
        Assert.Equal("""{"active":false}""", (await AskAsync(foreign, (string)tokens["access_token"]!)).ToJsonString());
        Assert.Equal("""{"active":false}""", (await AskAsync(client, "no token")).ToJsonString());
        await garden.PostAsync("/oauth/revoke", ("token", (string)tokens["access_token"]!), ("client_id", foreign.Client.Id), ("client_secret", foreign.Secret));
        Assert.True((bool)(await AskAsync(client, (string)tokens["access_token"]!))["active"]!);
        await garden.PostAsync("/oauth/revoke", ("token", (string)tokens["access_token"]!), ("client_id", client.Client.Id), ("client_secret", client.Secret));
        Assert.False((bool)(await AskAsync(client, (string)tokens["access_token"]!))["active"]!);
        Assert.True((bool)(await AskAsync(client, (string)tokens["refresh_token"]!))["active"]!);
    }

    [Fact]
    public async Task UserInfo_WithoutATokenForIt_IsChallenged()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        Assert.Equal(HttpStatusCode.Unauthorized, (await garden.SendAsync(new(HttpMethod.Get, "/oauth/userinfo"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await garden.SendAsync(new(HttpMethod.Get, "/oauth/userinfo"), (await garden.AuthenticateAsync(made.Secret)).Principal)).Status);
    }

    /// <summary>One of many who showed the same secret at once has got tokens for it, which have ended, for the others count as whoever shows it again; told once.</summary>
    private static async Task OnceAsync(IdentityGarden garden, CreateClientResponse client, (HttpStatusCode Status, JsonObject Body)[] answers)
    {
        await GoneAsync(garden, client, Assert.Single(answers, answer => answer.Status is HttpStatusCode.OK).Body);
        Assert.All(answers.Where(answer => answer.Status is not HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", (string?)answer.Body["error"]));
        Assert.Single(await garden.AuditUntilAsync(record => record.Action is "grant.reuse"), record => record.Action is "grant.reuse");
    }

    private static async Task GoneAsync(IdentityGarden garden, CreateClientResponse client, JsonObject tokens)
    {
        var exception = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => garden.AuthenticateAsync((string)tokens["access_token"]!));
        Assert.Equal(Grpc.Core.StatusCode.Unauthenticated, exception.StatusCode);
        Assert.Contains((string?)(await garden.RefreshAsync(client, (string)tokens["refresh_token"]!)).Body["error"], new[] { "invalid_grant", "invalid_client" });
    }

    private protected abstract Task<IdentityGarden> StartAsync();
}

public sealed class SqliteAuthorizationTests : AuthorizationContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresAuthorizationTests : AuthorizationContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
