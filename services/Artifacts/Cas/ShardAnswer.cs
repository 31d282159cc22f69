using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// Says line by line how far a shard is (xet.md 5.3), the last line again and again while nothing happens, so that nobody on the way takes the connection for dead.
/// </summary>
internal sealed class ShardAnswer(HttpContext context, TimeProvider clock)
{
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    // A line that was not written in time has been overtaken by the next one.
    private readonly Channel<ShardProgress> _lines = Channel.CreateBounded<ShardProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>To be said soon, if nothing newer comes.</summary>
    public void Tell(ShardProgress line) => _lines.Writer.TryWrite(line);

    /// <summary>Begins the answer, tells of the work while it goes on, and ends with what comes out of it.</summary>
    public async Task SendAsync(ShardProgress first, Func<Task<ShardProgress>> work)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-cache";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var told = TellAsync(first);
        try
        {
            Tell(await work());
        }
        finally
        {
            _lines.Writer.Complete();
            await told;
        }
    }

    private async Task TellAsync(ShardProgress line)
    {
        await WriteAsync(line);
        var next = _lines.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
        while (await IsThereAsync(next) is { } there)
        {
            if (there && _lines.Reader.TryRead(out var read))
            {
                line = read;
                next = _lines.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
            }

            await WriteAsync(line);
        }
    }

    /// <summary>Null: no more lines will come; false: none came for a while.</summary>
    private async Task<bool?> IsThereAsync(Task<bool> next)
    {
        try
        {
            return await next.WaitAsync(Pause, clock, context.RequestAborted) ? true : null;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task WriteAsync(ShardProgress line)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, line, CasJson.Default.ShardProgress, context.RequestAborted);
        await context.Response.Body.WriteAsync(LineEnd, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
