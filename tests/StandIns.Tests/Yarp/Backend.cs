using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ModelGarden.StandIns.Tests.Yarp;

/// <summary>A server behind the proxy, on a free port, with an endpoint for each way of streaming.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Released by a test once it has seen the first event; only then the second is sent.</summary>
    public SemaphoreSlim FirstEventSeen { get; } = new(0);

    public static async Task<Backend> StartAsync(string name, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        var backend = new Backend(builder.Build());
        backend._app.UseWebSockets();
        backend._app.MapGet("/name", () => name);
        backend._app.MapGet("/request", (HttpRequest request) =>
            $"{request.Protocol} {request.Path} for {request.Headers["X-Forwarded-Proto"]}://{request.Headers["X-Forwarded-Host"]}");
        backend._app.MapPost("/length", CountAsync);
        backend._app.MapGet("/events", backend.SendEventsAsync);
        backend._app.MapPost("/echo", EchoAsync);
        backend._app.MapGet("/socket", EchoSocketAsync);
        await backend._app.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        FirstEventSeen.Dispose();
    }

    private static async Task<string> CountAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        long length = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            length += read;
        }

        return $"{length}";
    }

    private async Task SendEventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: 1\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await FirstEventSeen.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("data: 2\n\n", context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.DeclareTrailer("x-read");
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        var buffer = new byte[4096];
        long length = 0;
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            length += read;
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        context.Response.AppendTrailer("x-read", $"{length}");
    }

    private static async Task EchoSocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(
                buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
    }
}
