using System.Net;
using System.Text.Json.Nodes;
using ModelGarden.Hub.Tests.Doubles;
using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

/// <summary>Short words for wire tests.</summary>
internal static class Wire
{
    private static CancellationToken Cancel => Patience.Cancel;

    /// <summary>Sends the URL exactly as it is written.</summary>
    public static Task<HttpResponseMessage> SendRawAsync(this HttpClient client, string verb, string target, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new(verb), new Uri($"http://garden.local{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return client.SendAsync(request, Cancel);
    }

    public static async Task<JsonNode> JsonAsync(this HttpClient client, string target)
    {
        using var answer = await client.SendRawAsync("GET", target);
        var json = await TestHub.ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, $"{target}: {(int)answer.StatusCode} {json.ToJsonString()}");
        return json;
    }

    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>Status, code, and the same words in the header and (but for HEAD) in the body.</summary>
    public static async Task AssertRefusedAsync(this HttpResponseMessage answer, HttpStatusCode status, string? code, string words)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {body}");
        Assert.Equal(code, answer.Header("X-Error-Code"));
        Assert.Contains(words, answer.Header("X-Error-Message"), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(answer.Header("X-Request-Id")!);
        if (answer.RequestMessage!.Method != HttpMethod.Head)
        {
            Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
            Assert.Contains(words, (string?)JsonNode.Parse(body)!["error"], StringComparison.OrdinalIgnoreCase);
        }
    }
}
