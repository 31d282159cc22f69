using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

/// <summary>Browsers that are signed in by a cookie.</summary>
public sealed class BrowserSessionTests : IAsyncLifetime
{
    private const string Cookie = "garden-session=s3cret";
    private readonly IdentityDouble _identity = new();
    private readonly EntitlementDouble _entitlement = new();
    private TestGarden _garden = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        var ann = People.Engineer();
        (ann.TokenId, ann.SessionId) = ("", "session-of-ann");
        _identity.Sessions["s3cret"] = ann;
        _garden = await TestGarden.StartAsync(_identity.Definition, _entitlement.Definition, Echoes.Hub, Echoes.Files, GatewayModule.Definition);
        await ReadyAsync();
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Fact]
    public async Task Cookie_OfASession_IsSwappedForAnInternalTokenAndGoesNoFurther()
    {
        var me = await WhoAmIAsync(("Cookie", Cookie));
        var seen = await JsonAsync(await SendAsync(HttpMethod.Get, "/api/models", ("Cookie", $"a=1; {Cookie}; garden-form=f; __Host-garden-session=x; b=2")));
        var alone = await JsonAsync(await SendAsync(HttpMethod.Get, "/api/models", ("Cookie", Cookie)));

        Assert.Equal(("ann", "session-of-ann"), ((string?)me["name"], (string?)me["sessionId"]));
        Assert.StartsWith("Bearer ey", (string?)seen["headers"]!["Authorization"], StringComparison.Ordinal);
        Assert.Equal("a=1; b=2", (string?)seen["headers"]!["Cookie"]);
        Assert.Null(alone["headers"]!["Cookie"]);
    }

    [Theory]
    [InlineData("garden-session=wrong")]
    [InlineData("garden-session=")]
    [InlineData("__Host-garden-session=s3cret")]
    [InlineData("garden-session=hf_ann")]
    [InlineData("Garden-Session=s3cret")]
    [InlineData("garden-session =s3cret")]
    public async Task Cookie_ThatIsNoSession_IsNobodyAndNoRefusal(string cookie)
    {
        using var hub = await SendAsync(HttpMethod.Post, "/api/models", ("Cookie", cookie));
        using var me = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.OK, hub.StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, "SIGN_IN"), (me.StatusCode, (string?)(await JsonAsync(me))["error"]!["reason"]));
    }

    [Fact]
    public async Task Cookies_InSeveralHeadersAndAnyCase_GoNoFurther()
    {
        var me = await WhoAmIAsync(("Cookie", "a=1"), ("Cookie", $"b=2; {Cookie}"));
        var seen = await JsonAsync(await SendAsync(HttpMethod.Get, "/api/models", ("Cookie", "a=1; GARDEN-session=x"), ("Cookie", $"{Cookie}; __host-Garden-Form=f; garden-form; b=2")));

        Assert.Equal("ann", (string?)me["name"]);
        Assert.Equal("a=1; b=2", (string?)seen["headers"]!["Cookie"]);
    }

    [Fact]
    public async Task XetToken_BesideACookie_IsArtifactsToCheckAndNobodys()
    {
        foreach (var token in new[] { "xet-token", "" })
        {
            var seen = await JsonAsync(await SendAsync(HttpMethod.Get, "/garden/v1/xet/x", ("Cookie", Cookie), token.Length > 0 ? ("Authorization", $"Bearer {token}") : ("X-Other", "x")));
            Assert.Equal(token, (string?)seen["headers"]!["X-Garden-Xet-Token"] ?? "");
            Assert.Null(seen["headers"]!["Cookie"]);
        }

        Assert.Equal(0, _identity.AskedForSessions);
    }

    [Fact]
    public async Task Token_BesideACookie_IsWhatCounts()
    {
        _identity.Tokens["hf_olga"] = People.Operator;

        var me = await WhoAmIAsync(("Cookie", Cookie), ("Authorization", "Bearer hf_olga"));
        using var wrong = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", ("Cookie", Cookie), ("Authorization", "Bearer hf_no"));
        using var secret = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", ("Authorization", "Bearer s3cret"));

        Assert.Equal("root", (string?)me["name"]);
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], [wrong.StatusCode, secret.StatusCode]);
    }

    [Theory]
    [InlineData("POST", "Sec-Fetch-Site", "same-origin", true)]
    [InlineData("POST", "Sec-Fetch-Site", "same-site", false)]
    [InlineData("PUT", "Sec-Fetch-Site", "cross-site", false)]
    [InlineData("POST", "Sec-Fetch-Site", "none", false)]
    [InlineData("DELETE", "Origin", "http://garden.example", true)]
    [InlineData("POST", "Origin", "https://garden.example", true)]
    [InlineData("POST", "Origin", "https://evil.example", false)]
    [InlineData("POST", "Origin", "https://garden.example.evil.example", false)]
    [InlineData("POST", "Origin", "https://garden.example:8443", false)]
    [InlineData("POST", "Origin", "null", false)]
    [InlineData("PATCH", "X-Other", "x", false)]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site", true)]
    [InlineData("HEAD", "Origin", "https://evil.example", true)]
    [InlineData("OPTIONS", "Origin", "https://evil.example", true)]
    public async Task Request_ThatMayChangeSomething_IsTakenFromOurOwnPagesAlone(string method, string header, string value, bool isTaken)
    {
        using var bySession = await SendAsync(new(method), "/api/x", ("Cookie", Cookie), ("Host", "garden.example"), (header, value));
        using var byToken = await SendAsync(new(method), "/api/x", ("Authorization", "Bearer hf_ann"), ("Host", "garden.example"), (header, value));
        using var page = await SendAsync(new(method), "/account/x", ("Host", "garden.example"), (header, value));

        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.Forbidden, bySession.StatusCode);
        Assert.Equal(HttpStatusCode.OK, byToken.StatusCode);
        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.Forbidden, page.StatusCode);
    }

    [Fact]
    public async Task Request_ToOpenASocket_CountsAsOneThatMayChangeSomething()
    {
        using var elsewhere = await SendAsync(HttpMethod.Get, "/api/x", ("Cookie", Cookie), ("Host", "garden.example"), ("Origin", "https://evil.example"), ("Connection", "Upgrade"), ("Upgrade", "websocket"));

        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Rest_FromAnotherSite_SaysWhatToDo()
    {
        using var refused = await SendAsync(HttpMethod.Post, "/garden/v1/tokens", ("Cookie", Cookie), ("Sec-Fetch-Site", "cross-site"));

        Assert.Equal("CROSS_ORIGIN", (string?)(await JsonAsync(refused))["error"]!["reason"]);
    }

    [Fact]
    public async Task Pages_OfIdentity_SeeTheCookiesAndNoCredential()
    {
        var seen = await JsonAsync(await SendAsync(HttpMethod.Get, "/account/tokens?x=1", ("Cookie", Cookie), ("Authorization", "Bearer hf_wrong"), ("X-Forwarded-For", "203.0.113.9")));

        Assert.Equal(("/account/tokens?x=1", Cookie), ((string?)seen["target"], (string?)seen["headers"]!["Cookie"]));
        Assert.StartsWith("Bearer ey", (string?)seen["headers"]!["Authorization"], StringComparison.Ordinal);
        Assert.NotEqual("203.0.113.9", (string?)seen["headers"]!["X-Forwarded-For"]);
        Assert.Equal(0, _identity.AskedForSessions);
    }

    [Theory]
    [InlineData("session/session-of-ann", true)]
    [InlineData("session/other", false)]
    [InlineData("account/ann", true)]
    [InlineData("sign-in-rules/ACME", true)]
    [InlineData("sign-in-rules/other", false)]
    public async Task Session_ChangedAtIdentity_IsAskedForAgain(string key, bool isAskedAgain)
    {
        await WhoAmIAsync(("Cookie", Cookie));
        var asked = _identity.AskedForSessions;

        _identity.Feed.Announce(key);
        await _garden.FollowedAsync<Credentials.CredentialEviction>();
        await WhoAmIAsync(("Cookie", Cookie));

        Assert.Equal(isAskedAgain ? asked + 1 : asked, _identity.AskedForSessions);
    }

    [Fact]
    public async Task Cookie_WhereThereIsTls_HasTheGuardedNameAlone()
    {
        _garden.Change("PublicUrl", "https://garden.example");
        await _garden.RestartAsync(GatewayModule.Definition);
        await ReadyAsync();

        var me = await WhoAmIAsync(("Cookie", $"__Host-{Cookie}"));
        using var plain = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", ("Cookie", Cookie));
        using var posted = await SendAsync(HttpMethod.Post, "/api/x", ("Cookie", $"__Host-{Cookie}"), ("Origin", "https://garden.example"), ("Host", "inside:8080"));

        Assert.Equal("ann", (string?)me["name"]);
        Assert.Equal(HttpStatusCode.Unauthorized, plain.StatusCode);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
    }

    [Theory]
    [InlineData("https://garden.example", true)]
    [InlineData("http://garden.example", false)]
    [InlineData("https://garden.example:8443", false)]
    [InlineData("https://inside:8080", false)]
    [InlineData("http://inside:8080", false)]
    public async Task Origin_WithAPublicAddress_IsThatAlone(string origin, bool isTaken)
    {
        _garden.Change("PublicUrl", "https://garden.example");
        await _garden.RestartAsync(GatewayModule.Definition);
        await ReadyAsync();

        using var posted = await SendAsync(HttpMethod.Post, "/api/x", ("Cookie", $"__Host-{Cookie}"), ("Origin", origin), ("Host", "inside:8080"));

        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.Forbidden, posted.StatusCode);
    }

    [Fact]
    public async Task Cookie_OfAnotherCaseThanTheGuardedName_IsNobody()
    {
        _garden.Change("PublicUrl", "https://garden.example");
        await _garden.RestartAsync(GatewayModule.Definition);
        await ReadyAsync();

        using var lower = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", ("Cookie", $"__host-{Cookie}"));

        Assert.Equal(HttpStatusCode.Unauthorized, lower.StatusCode);
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;

    private Task ReadyAsync() => _garden.PartsOf(ServiceNames.Gateway).GetRequiredService<Readiness>().WhenReadyAsync(Cancel);

    private async Task<JsonNode> WhoAmIAsync(params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(HttpMethod.Get, "/garden/v1/whoami", headers);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await JsonAsync(response);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = _garden.Http(ServiceNames.Gateway);
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancel);
    }
}
