using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ModelGarden.Testing;

/// <summary>What came to a receiver.</summary>
public sealed record ReceivedDelivery(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];

    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>A receiver of webhooks on a port of this machine's: a real HTTP server that answers as it is told.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly Channel<ReceivedDelivery> _received = Channel.CreateUnbounded<ReceivedDelivery>();
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.First()}/hook";

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>How it answers; by default with 200 and a word.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = http => http.Response.WriteAsync("taken");

    /// <param name="address">Where it listens.</param>
    public static async Task<WebhookReceiver> StartAsync(string address = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync(Patience.Cancel);
        return receiver;
    }

    /// <summary>The next that comes, or has come.</summary>
    public Task<ReceivedDelivery> NextAsync() => _received.Reader.ReadAsync(Patience.Cancel).AsTask().InTimeAsync("a delivery");

    /// <summary>The same, of one that may take as long.</summary>
    public Task<ReceivedDelivery> NextAsync(TimeSpan atMost) => _received.Reader.ReadAsync(Patience.Cancel).AsTask().WaitAsync(atMost, Patience.Cancel);

    /// <summary>All that have come and were not asked for.</summary>
    public List<ReceivedDelivery> Rest()
    {
        var rest = new List<ReceivedDelivery>();
        while (_received.Reader.TryRead(out var one))
        {
            rest.Add(one);
        }

        return rest;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        _received.Writer.TryWrite(new(
            http.Request.Path, http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
        await Answer(http);
    }
}
