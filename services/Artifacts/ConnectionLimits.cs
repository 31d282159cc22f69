using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts;

/// <summary>Files are of any size and lines of any speed: what bounds them is not the server's defaults.</summary>
internal static class ConnectionLimits
{
    // Bytes a second, and how long a line may be slower: nobody holds a connection, and what a request takes, for ever.
    private static readonly MinDataRate SlowestLine = new(1024, TimeSpan.FromMinutes(5));

    /// <summary>The length of the body is checked by whoever reads it.</summary>
    public static void UnboundRequest(this HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = SlowestLine;
        }
    }

    /// <summary>Takes a body for as long as it may take to come; who is slower is told this error.</summary>
    public static async Task<T> InTimeAsync<T>(this HttpContext context, TimeProvider clock, TimeSpan limit, Error tooSlow, Func<CancellationToken, Task<T>> take)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        try
        {
            return await take(either.Token);
        }
        catch (OperationCanceledException exception) when (late.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the rest of it.
            context.Response.Headers.Connection = "close";
            throw new ErrorException(tooSlow, exception);
        }
    }

    public static void UnboundResponse(this HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = SlowestLine;
        }
    }
}
