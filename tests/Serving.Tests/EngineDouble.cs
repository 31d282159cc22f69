using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ModelGarden.Serving.Tests;

/// <summary>An engine whose answers a test writes, for the bad luck that real ones rarely have.</summary>
internal sealed class EngineDouble : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EngineDouble(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<EngineDouble> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new(app);
    }

    /// <summary>Writes server-sent events and flushes each.</summary>
    public static async Task WriteAsync(HttpContext context, params string[] events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var data in events)
        {
            await context.Response.WriteAsync($"data: {data}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    public static string Chunk(string text, int prompt, int completion) =>
        $$$"""{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":null}],"usage":{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{completion}}}}}""";

    public static string Last(int prompt, int completion) =>
        $$$"""{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{completion}}}}}""";

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
