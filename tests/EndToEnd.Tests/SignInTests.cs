using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests;

/// <summary>A person with a browser, from the first link to signing out, through the front door of a whole garden.</summary>
public sealed partial class SignInTests
{
    private const string Password = "plum harbour lantern";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Root_ByALink_SignsInActsAndIsSignedOutByAnother()
    {
        await using var garden = new OneProcess();
        await garden.StartAsync();
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(garden.Url) };
        var link = (string)(await garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/accounts/root/password-reset", new { }))["path"]!;

        var reset = await SubmitAsync(browser, garden.Url, link, ("link", link.Split('=')[1]), ("password", Password));
        var signedIn = await SubmitAsync(browser, garden.Url, "/account/sign-in?return=/account/sessions", ("name", "root"), ("password", Password), ("return", "/account/sessions"));
        var me = (await browser.GetFromJsonAsync<JsonNode>("/garden/v1/whoami", Cancel))!;
        var sessions = await browser.GetStringAsync(new Uri("/account/sessions", UriKind.Relative), Cancel);

        Assert.Equal(("/account/sign-in", "/account/sessions"), (reset, signedIn));
        Assert.Equal(("root", "operator"), ((string?)me["name"], (string?)me["roles"]![0]));
        Assert.Contains("from 127.0.0.1", sessions, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await MakeTokenAsync(browser, "https://evil.example"));
        Assert.Equal(HttpStatusCode.OK, await MakeTokenAsync(browser, garden.Url));

        await garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/accounts/root/sign-out", new { });
        while (await StatusAsync(browser) is not HttpStatusCode.Unauthorized)
        {
            await Task.Yield();
        }
    }

    /// <summary>Loads a page and sends its form; where that leads.</summary>
    private static async Task<string?> SubmitAsync(HttpClient browser, string origin, string page, params (string Name, string Value)[] fields)
    {
        var html = await browser.GetStringAsync(new Uri(page, UriKind.Relative), Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, page.Split('?')[0])
        {
            Content = new FormUrlEncodedContent([.. fields.Append(("form", FormToken.Match(html).Groups[1].Value)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))]),
            Headers = { { "Origin", origin } },
        };
        using var response = await browser.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        return response.Headers.Location?.OriginalString;
    }

    private static async Task<HttpStatusCode> MakeTokenAsync(HttpClient browser, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/garden/v1/tokens") { Content = JsonContent.Create(new { displayName = "made in a browser" }), Headers = { { "Origin", origin } } };
        using var response = await browser.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient browser)
    {
        using var response = await browser.GetAsync(new Uri("/garden/v1/whoami", UriKind.Relative), Cancel);
        return response.StatusCode;
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken { get; }
}
