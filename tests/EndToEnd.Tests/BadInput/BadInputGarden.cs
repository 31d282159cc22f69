using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelGarden.EndToEnd.Tests.Gardens;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.BadInput;

/// <summary>One garden for all that is refused, with an engineer and an admin of acme, and a stranger of globex.</summary>
public sealed class BadInputGarden : IAsyncLifetime
{
    public string Engineer { get; private set; } = "";

    public string Admin { get; private set; } = "";

    public string Stranger { get; private set; } = "";

    internal OneProcess Garden { get; } = new();

    private static CancellationToken Cancel => Patience.Cancel;

    public async ValueTask InitializeAsync()
    {
        await Garden.StartAsync();
        await Garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/tenants", new { name = "acme", displayName = "Acme" });
        await Garden.CallAsync(RunningGarden.AdminToken, "POST", "/garden/v1/tenants", new { name = "globex", displayName = "Globex" });
        Engineer = await Garden.PersonAsync("ann", "acme", "engineer");
        Admin = await Garden.PersonAsync("ada", "acme", "admin");
        Stranger = await Garden.PersonAsync("eve", "globex", "engineer");
    }

    public ValueTask DisposeAsync() => Garden.DisposeAsync();

    /// <summary>A repository of acme's with a card, under a name of its own.</summary>
    public async Task<string> RepositoryAsync()
    {
        var name = $"acme/m-{Guid.NewGuid():n}";
        await Garden.CallAsync(Engineer, "POST", "/garden/v1/repositories", new { name });
        using var response = await Garden.CommitAsync(Engineer, name, HubUploads.SmallFile("README.md", "---\nlicense: apache-2.0\n---\n# A model\n"u8.ToArray()));
        Assert.True(response.IsSuccessStatusCode);
        return name;
    }

    /// <summary>Sends a request whose target goes out as it is written here: no client tidies it up.</summary>
    public async Task<HttpResponseMessage> SendAsync(string token, string verb, string target, HttpContent? content = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(Garden.Url + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await client.SendAsync(request, Cancel);
    }

    public Task<HttpResponseMessage> SendAsync(string token, string verb, string target, string json) =>
        SendAsync(token, verb, target, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Asks again until the answer is this one; what is waited for comes within moments.</summary>
    public async Task<HttpResponseMessage> UntilAsync(Func<Task<HttpResponseMessage>> ask, Predicate<HttpResponseMessage> isIt)
    {
        for (var deadline = DateTimeOffset.UtcNow.AddMinutes(1); ;)
        {
            var answer = await ask();
            if (isIt(answer))
            {
                return answer;
            }

            answer.Dispose();
            Assert.True(DateTimeOffset.UtcNow < deadline, "it did not come to be");
        }
    }

    /// <summary>All that a refused request must leave as it was: repositories, their branches' heads, endpoints, files.</summary>
    public async Task<string> StateAsync()
    {
        var repositories = await Garden.CallAsync(Engineer, "GET", "/garden/v1/repositories?pageSize=500");
        var endpoints = await Garden.CallAsync(Engineer, "GET", "/garden/v1/endpoints");
        var tenants = await Garden.CallAsync(RunningGarden.AdminToken, "GET", "/garden/v1/tenants");
        var files = Directory.EnumerateFiles(Path.Combine(Garden.Data, "artifacts"), "*", SearchOption.AllDirectories).Where(file => !file.Contains(".db", StringComparison.Ordinal));
        return string.Join('\n', [
            .. repositories["repositories"]!.AsArray().Select(repository => $"{repository!["name"]} {repository["head"]} {repository["lifecycle"]} {repository["updatedAt"]}"),
            .. endpoints["endpoints"]!.AsArray().Select(endpoint => $"{endpoint!["name"]} {endpoint["id"]} {endpoint["revision"]}"),
            .. tenants["tenants"]!.AsArray().Select(tenant => (string)tenant!["name"]!),
            .. files.Order(StringComparer.Ordinal)]);
    }
}

/// <summary>How each protocol says no.</summary>
internal static class Refused
{
    /// <param name="answer">The answer.</param>
    /// <param name="status">HTTP's.</param>
    /// <param name="code">The protocol's own, where it has one: our REST's reason, OpenAI's code, the Hub's <c>X-Error-Code</c>; empty: none.</param>
    /// <param name="words">That the message has.</param>
    public static async Task AssertAsync(this HttpResponseMessage answer, int status, string code, string words)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var error = JsonNode.Parse(text)!["error"]!;
        var path = answer.RequestMessage!.RequestUri!.AbsolutePath;
        var (said, message) = path switch
        {
            _ when path.StartsWith("/garden/v1/files/", StringComparison.Ordinal) => (HubCode(answer), (string)error!),
            _ when path.StartsWith("/garden/", StringComparison.Ordinal) => ((string)error["reason"]!, (string)error["message"]!),
            _ when path.StartsWith("/v1/", StringComparison.Ordinal) => ((string)error["code"]!, (string)error["message"]!),
            _ when path.StartsWith("/kserve/", StringComparison.Ordinal) => ("", (string)error!),
            _ => (HubCode(answer), (string)error!),
        };
        Assert.Equal(code, said);
        Assert.Contains(words, message, StringComparison.Ordinal);
    }

    private static string HubCode(HttpResponseMessage answer)
    {
        // Where there is no body, as for HEAD, the header has the words.
        Assert.NotEmpty(answer.Headers.GetValues("X-Error-Message").Single());
        return answer.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.Single() : "";
    }
}
