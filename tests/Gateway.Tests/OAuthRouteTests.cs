using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

/// <summary>OAuth's endpoints, where programs show who they are, and not what they hold.</summary>
public sealed class OAuthRouteTests : IAsyncLifetime
{
    private const string Basic = "Basic YXBwOnMzY3JldA==";
    private readonly IdentityDouble _identity = new();
    private readonly EntitlementDouble _entitlement = new();
    private TestGarden _garden = null!;

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        _identity.Sessions["s3cret"] = People.Engineer();
        _garden = await TestGarden.StartAsync(_identity.Definition, _entitlement.Definition, Echoes.Hub, GatewayModule.Definition);
        await _garden.PartsOf(ServiceNames.Gateway).GetRequiredService<Readiness>().WhenReadyAsync(Cancel);
    }

    public ValueTask DisposeAsync() => _garden.DisposeAsync();

    [Theory]
    [InlineData("/oauth/token")]
    [InlineData("/oauth/device")]
    [InlineData("/oauth/introspect?x=%2F")]
    [InlineData("/oauth/revoke")]
    public async Task Endpoint_OfPrograms_SeesTheirProofAndNobodysToken(string path)
    {
        var seen = await SeenAsync(HttpMethod.Post, path, ("Authorization", Basic), ("Cookie", "garden-session=s3cret; a=1"), ("X-Forwarded-For", "203.0.113.9"), ("Sec-Fetch-Site", "cross-site"));

        Assert.Equal((path, Basic), (seen.Target, seen[ClientCredential.Header]));
        Assert.StartsWith("Bearer ey", seen["Authorization"], StringComparison.Ordinal);
        Assert.Equal("a=1", seen["Cookie"]);
        Assert.NotEqual("203.0.113.9", seen["X-Forwarded-For"]);
        Assert.Equal(0, _identity.AskedForSessions);
    }

    [Fact]
    public async Task Endpoint_OfPrograms_TakesTheProofFromTheGatewayAlone()
    {
        var forged = await SeenAsync(HttpMethod.Post, "/oauth/token", (ClientCredential.Header, Basic));
        var elsewhere = await SeenAsync(HttpMethod.Get, "/api/models", (ClientCredential.Header, Basic));

        Assert.Empty(forged[ClientCredential.Header]);
        Assert.Empty(elsewhere[ClientCredential.Header]);
    }

    [Fact]
    public async Task Endpoint_OfPrograms_LooksAtNoToken()
    {
        var seen = await SeenAsync(HttpMethod.Post, "/oauth/token", ("Authorization", "Bearer hf_wrong"));

        Assert.Equal("Bearer hf_wrong", seen[ClientCredential.Header]);
        Assert.DoesNotContain("hf_wrong", seen["Authorization"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/oauth/jwks")]
    public async Task Document_OfTheIssuer_IsIdentitys(string path) => Assert.Equal(path, (await SeenAsync(HttpMethod.Get, path)).Target);

    [Fact]
    public async Task UserInfo_TakesAToken_AndRefusesAsOAuthDoes()
    {
        var seen = await SeenAsync(HttpMethod.Get, "/oauth/userinfo", ("Authorization", "Bearer hf_ann"));
        using var refused = await SendAsync(HttpMethod.Get, "/oauth/userinfo", ("Authorization", "Bearer hf_wrong"));

        Assert.StartsWith("Bearer ey", seen["Authorization"], StringComparison.Ordinal);
        Assert.Empty(seen[ClientCredential.Header]);
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer error=\"invalid_token\""), (refused.StatusCode, refused.Headers.WwwAuthenticate.ToString()));
        Assert.Equal("invalid_token", (string?)(await refused.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]);
    }

    private async Task<Seen> SeenAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, headers);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new((await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var http = _garden.Http(ServiceNames.Gateway);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request, Cancel);
    }

    /// <summary>What came to the service behind.</summary>
    private sealed record Seen(JsonNode Echo)
    {
        public string Target => (string)Echo["target"]!;

        /// <summary>A header; empty: none.</summary>
        public string this[string header] => (string?)Echo["headers"]![header] ?? "";
    }
}
