using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Health;
using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

/// <summary>Where requests come from, as proxies say, and what browsers are told of the answers.</summary>
public sealed class ArrivalTests
{
    private readonly IdentityDouble _identity = new();
    private readonly EntitlementDouble _entitlement = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Theory]
    [InlineData("10.0.0.0/8", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.0/8", "203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("10.0.0.0/8", "198.51.100.7, 203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("10.0.0.0/8, 2001:db8::/32", "2001:db9::1, 2001:db8::5, 10.1.2.3", "2001:db9::1")]
    [InlineData("10.0.0.0/8", "nonsense, 10.1.2.3", "10.1.2.3")]
    public async Task ForwardedFor_ByTrustedProxies_IsTheFirstThatIsNotOne(string trusted, string claimed, string seen)
    {
        await using var garden = await StartAsync(("Gateway:TrustedProxies", trusted));

        Assert.Equal(seen, (string?)(await EchoAsync(garden, ("X-Forwarded-For", claimed)))["X-Forwarded-For"]);
    }

    [Fact]
    public async Task ForwardedProto_ByATrustedProxy_IsWhatPeopleUse()
    {
        await using var garden = await StartAsync(("Gateway:TrustedProxies", "10.0.0.0/8"));

        var seen = await EchoAsync(garden, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"));

        Assert.Equal("https", (string?)seen["X-Forwarded-Proto"]);
        Assert.NotEqual("evil.example", (string?)seen["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task Forwarded_ByOneThatIsNotTrusted_IsDropped()
    {
        await using var garden = await StartAsync();

        var seen = await EchoAsync(garden, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"));

        Assert.NotEqual("203.0.113.9", (string?)seen["X-Forwarded-For"]);
        Assert.Equal("http", (string?)seen["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task TrustedProxies_ThatAreNoNetworks_AreSaidAtStart()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("Gateway:TrustedProxies", "10.0.0.0/8, proxy.example")));

        Assert.Contains("Garden:Gateway:TrustedProxies has 'proxy.example'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://garden.example", "max-age=31536000")]
    [InlineData("http://garden.example", "")]
    [InlineData("", "")]
    public async Task StrictTransportSecurity_WherePeopleUseTls_IsSaid(string publicUrl, string said)
    {
        await using var garden = await StartAsync(("PublicUrl", publicUrl));

        using var response = await SendAsync(garden, ("Host", "garden.example"));

        Assert.Equal(said, HeaderOf(response, "Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/own", "script-src 'self'")]
    [InlineData("/page.html", ContentPolicies.NoPage)]
    [InlineData("/garden/v1/unknown", ContentPolicies.NoPage)]
    public async Task Answer_WithoutAPolicyOfItsOwn_IsNoPage(string path, string policy)
    {
        await using var garden = await StartAsync();
        using var client = garden.Http(ServiceNames.Gateway);

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);

        Assert.Equal(policy, HeaderOf(response, "Content-Security-Policy"));
        Assert.Equal("nosniff", HeaderOf(response, "X-Content-Type-Options"));
    }

    /// <summary>A hub that shows pages.</summary>
    private static ServiceDefinition Pages { get; } = new(ServiceNames.Hub, _ => { }, app => app.Run(async context =>
    {
        if (context.Request.Path == "/own")
        {
            context.Response.Headers.ContentSecurityPolicy = "script-src 'self'";
        }

        if (context.Request.Path == "/echo")
        {
            await Echoes.EchoAsync(context);
            return;
        }

        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync("<script>alert(1)</script>", context.RequestAborted);
    }));

    private async Task<TestGarden> StartAsync(params (string Key, string Value)[] settings)
    {
        var garden = await TestGarden.StartAsync(
            null, null, settings.ToDictionary(pair => pair.Key, pair => pair.Value), _identity.Definition, _entitlement.Definition, Pages, GatewayModule.Definition);
        await garden.PartsOf(ServiceNames.Gateway).GetRequiredService<Readiness>().WhenReadyAsync(Cancel);
        return garden;
    }

    private static async Task<JsonNode> EchoAsync(TestGarden garden, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(garden, headers);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["headers"]!;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestGarden garden, params (string Name, string Value)[] headers)
    {
        using var client = garden.Http(ServiceNames.Gateway);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancel);
    }

    private static string HeaderOf(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";
}
