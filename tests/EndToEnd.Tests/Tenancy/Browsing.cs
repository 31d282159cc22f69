using System.Text.RegularExpressions;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Tenancy;

/// <summary>A browser at the pages of Identity: keeps cookies and the token of the last form.</summary>
internal sealed partial class Browsing(TenancyGarden garden)
{
    private const string Password = "plum harbour lantern";
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>To be sent with a form.</summary>
    public string FormToken { get; private set; } = "";

    /// <summary>To be sent with every request.</summary>
    public IEnumerable<(string Name, string Value)> Headers => [("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"))), ("Origin", garden.Url)];

    /// <summary>Sets a password by a link, and signs in with it.</summary>
    public async Task SetPasswordAsync(string link, string name)
    {
        await SubmitAsync(link, ("link", link.Split('=')[1]), ("password", Password));
        await SubmitAsync("/account/sign-in", ("name", name), ("password", Password), ("return", "/account"));
        await GetAsync("/account");
    }

    private async Task SubmitAsync(string page, params (string Name, string Value)[] fields)
    {
        await GetAsync(page);
        using var form = new FormUrlEncodedContent(fields.Append(("form", FormToken)).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));
        await SendAsync("POST", page.Split('?')[0], form, 303);
    }

    private Task GetAsync(string page) => SendAsync("GET", page, null, 200);

    private async Task SendAsync(string verb, string target, HttpContent? content, int expected)
    {
        using var response = await garden.SendAsync("", verb, target, content, Headers);
        var html = await response.Content.ReadAsStringAsync(Patience.Cancel);
        Assert.True(expected == (int)response.StatusCode, $"{verb} {target}: {(int)response.StatusCode} {html}");
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : throw new FormatException(cookie);
            _cookies[name] = value;
        }

        FormToken = Form.Match(html) is { Success: true } match ? match.Groups[1].Value : FormToken;
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex Form { get; }
}
