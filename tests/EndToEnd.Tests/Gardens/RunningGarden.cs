using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ModelGarden.Testing;

namespace ModelGarden.EndToEnd.Tests.Gardens;

/// <summary>A whole garden in processes of its own, known by its address and its operator's token.</summary>
internal abstract class RunningGarden : IAsyncDisposable
{
    public const string AdminToken = "hf_garden_admin_of_the_tests";

    protected RunningGarden() => Data = Directory.CreateTempSubdirectory("garden-").FullName;

    /// <summary>The folder that holds everything of it; it outlives restarts.</summary>
    public string Data { get; }

    public int Port { get; } = FreePort();

    public string Url => $"http://127.0.0.1:{Port}";

    private static CancellationToken Cancel => Patience.Cancel;

    /// <summary>Starts it, on the data that is there, and returns when it is ready.</summary>
    public async Task StartAsync()
    {
        try
        {
            await BeginAsync();
        }
        catch
        {
            // A test whose beginning fails is not disposed of: no process is left behind.
            await EndAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to all of it.</summary>
    public abstract Task KillAsync();

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(Data, recursive: true);
    }

    public HttpClient As(string token) => new()
    {
        BaseAddress = new Uri(Url),
        Timeout = TimeSpan.FromMinutes(4),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>One call of our own REST that is to succeed.</summary>
    public async Task<JsonNode> CallAsync(string token, string verb, string path, object? body = null)
    {
        using var response = await SendAsync(token, verb, path, body);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{verb} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public async Task<HttpResponseMessage> SendAsync(string token, string verb, string path, object? body = null)
    {
        using var client = As(token);
        using var request = new HttpRequestMessage(new HttpMethod(verb), path) { Content = body is null ? null : JsonContent.Create(body) };
        return await client.SendAsync(request, Cancel);
    }

    /// <summary>Makes an account with these roles and a token for it.</summary>
    public async Task<string> PersonAsync(string name, string tenant, params string[] roles)
    {
        await CallAsync(AdminToken, "POST", "/garden/v1/accounts", new { name, tenant, roles });
        var token = await CallAsync(AdminToken, "POST", "/garden/v1/tokens", new { account = name, displayName = "test" });
        return (string)token["secret"]!;
    }

    /// <summary>Reads an endpoint's changes until it is in this state.</summary>
    public async Task<JsonNode> EndpointAsync(string token, string name, string state)
    {
        using var client = As(token);
        using var response = await client.GetAsync(new Uri($"/garden/v1/endpoints/{name}/watch", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        var seen = new List<string>();
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            seen.Add(line);
            if (JsonNode.Parse(line) is { } endpoint && (string?)endpoint["state"] == $"ENDPOINT_STATE_{state}")
            {
                return endpoint;
            }
        }

        throw new InvalidOperationException($"{name} did not become {state}:\n{string.Join('\n', seen)}");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    protected abstract Task BeginAsync();

    protected abstract ValueTask EndAsync();
}
