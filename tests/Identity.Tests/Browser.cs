using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>A page as a browser got it.</summary>
internal sealed record Page(HttpStatusCode Status, string? Location, string Raw, HttpResponseHeaders Headers)
{
    /// <summary>With characters for their escapes: as it reads.</summary>
    public string Html => WebUtility.HtmlDecode(Raw);
}

/// <summary>A browser without script: keeps cookies, sends forms with the token of the last page.</summary>
internal sealed partial class Browser(HttpClient client) : IDisposable
{
    private string _formToken = "";

    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>Where its requests come from.</summary>
    public string Address { get; init; } = "192.0.2.1";

    /// <summary>The value of the session's cookie.</summary>
    public string Session => Cookies.GetValueOrDefault("garden-session", "");

    public Task<Page> GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    public Task<Page> PostAsync(string path, params (string Name, string Value)[] fields) => PostBareAsync(path, [("form", _formToken), .. fields]);

    /// <summary>Without the form's token but for what the fields have.</summary>
    public Task<Page> PostBareAsync(string path, params (string Name, string Value)[] fields) => SendAsync(
        new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) });

    public async Task<Page> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        request.Headers.Add("X-Forwarded-For", Address);
        request.Headers.UserAgent.ParseAdd("Browser/1.0");
        using var response = await client.SendAsync(request, Patience.Cancel);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            Keep(cookie);
        }

        var html = await response.Content.ReadAsStringAsync(Patience.Cancel);
        _formToken = FormToken.Match(html) is { Success: true } match ? match.Groups[1].Value : _formToken;
        return new(response.StatusCode, response.Headers.Location?.OriginalString, html, response.Headers);
    }

    public void Dispose() => client.Dispose();

    private void Keep(string cookie)
    {
        var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : throw new FormatException(cookie);
        if (value.Length is 0)
        {
            Cookies.Remove(name);
        }
        else
        {
            Cookies[name] = value;
        }
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken { get; }
}
