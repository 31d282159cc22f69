using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>What a client of OAuth's does at an Identity service: its programs, and the browsers of its people.</summary>
internal static class OAuthGarden
{
    public const string Callback = "https://app.example/callback";
    public const string Verifier = "a-verifier-of-forty-three-characters-or-more-1";

    private static CancellationToken Cancel => Patience.Cancel;

    public static string Challenge { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    extension(IdentityGarden garden)
    {
        /// <summary>Registers a client of acme's.</summary>
        public async Task<CreateClientResponse> RegisterAsync(CreateClientRequest? request = null) => await garden.As(People.Admin()).CreateClientAsync(
            request ?? new() { Name = "Notebook", IsConfidential = true, RedirectUris = { Callback }, Scopes = { "openid", "profile", "email", "read", "write" } }, cancellationToken: Cancel);

        /// <summary>What an endpoint answers to a form.</summary>
        public async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(string path, params (string Name, string Value)[] fields)
        {
            using var content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            return await garden.SendAsync(new(HttpMethod.Post, path) { Content = content });
        }

        public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(HttpRequestMessage request, Principal? caller = null)
        {
            using var http = garden.Garden.Http(ServiceNames.Identity, caller ?? People.Anonymous);
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", "192.0.2.7");
            using var response = await http.SendAsync(request, Cancel);
            var body = await response.Content.ReadAsStringAsync(Cancel);
            return (response.StatusCode, JsonNode.Parse(body)!.AsObject());
        }

        /// <summary>The endpoint refuses in OAuth's words; answers the description.</summary>
        public async Task<string> RefusedAsync(string error, string path, params (string Name, string Value)[] fields)
        {
            var (status, body) = await garden.PostAsync(path, fields);
            Assert.Equal((error, error is "invalid_client" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest), ((string?)body["error"], status));
            return (string)body["error_description"]!;
        }

        /// <summary>Swaps a code; what came of it.</summary>
        public Task<(HttpStatusCode Status, JsonObject Body)> SwapAsync(CreateClientResponse client, string code, string verifier = Verifier) => garden.PostAsync(
            "/oauth/token",
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Callback), ("code_verifier", verifier), ("client_id", client.Client.Id), ("client_secret", client.Secret));

        public Task<(HttpStatusCode Status, JsonObject Body)> RefreshAsync(CreateClientResponse client, string token) => garden.PostAsync(
            "/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client.Client.Id), ("client_secret", client.Secret));

        /// <summary>Ann signs in for a client, which gets tokens.</summary>
        public async Task<JsonObject> ComeInAsync(CreateClientResponse client, Browser browser, params (string Name, string Value)[] more)
        {
            var (status, tokens) = await garden.SwapAsync(client, await AllowAsync(browser, client.Client.Id, more));
            Assert.Equal(HttpStatusCode.OK, status);
            return tokens;
        }

        /// <summary>The Gateway is told that the token is good; whose it is.</summary>
        public async Task<Principal> WhoHasAsync(JsonNode? token) => (await garden.AuthenticateAsync((string)token!)).Principal;
    }

    /// <summary>The address of the page to which a client sends a person.</summary>
    public static string PageFor(string client, params (string Name, string Value)[] more)
    {
        var all = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client,
            ["redirect_uri"] = Callback,
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
            ["state"] = "of mine",
            ["scope"] = "openid profile email read",
        };
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }

        return QueryHelpers.AddQueryString("/account/authorize", all.Where(one => one.Value!.Length > 0));
    }

    /// <summary>The person says yes where he is asked; the code that goes to the client.</summary>
    public static async Task<string> AllowAsync(Browser browser, string client, params (string Name, string Value)[] more)
    {
        var page = await browser.GetAsync(PageFor(client, more));
        var answered = page.Location is null ? await browser.PostAsync("/account/authorize", ("request", RequestIn(page)), ("answer", "allow")) : page;
        return AnswerIn(answered)["code"];
    }

    /// <summary>The request that a page's form carries.</summary>
    public static string RequestIn(Page page) => System.Text.RegularExpressions.Regex.Match(page.Html, "name=\"request\" value=\"([^\"]+)\"").Groups[1].Value;

    /// <summary>What goes back to the client, by a redirection or by a page that leads there.</summary>
    public static Dictionary<string, string> AnswerIn(Page page)
    {
        var address = page.Location ?? System.Text.RegularExpressions.Regex.Match(page.Html, "content=\"0;url=([^\"]+)\"").Groups[1].Value;
        Assert.StartsWith(Callback, address, StringComparison.Ordinal);
        return QueryHelpers.ParseQuery(new Uri(address).Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
    }

    /// <summary>The claims of a JWT, unverified.</summary>
    public static JsonObject ClaimsOf(string token, int part = 1) => JsonSerializer.Deserialize<JsonObject>(Base64Url.DecodeFromChars(token.Split('.')[part]))!;
}
