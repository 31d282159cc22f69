namespace ModelGarden.Artifacts.Downloads;

/// <summary>Sends bytes whole, or ranges of them, one as they are and several as <c>multipart/byteranges</c>.</summary>
internal sealed class RangeAnswer(HttpContext context, IByteSource source, ArtifactsMetrics metrics)
{
    private const string ContentType = "application/octet-stream";

    /// <param name="ranges">Null: all; none: there is nothing where it was asked for.</param>
    public async Task SendAsync(IReadOnlyList<ByteRange>? ranges)
    {
        try
        {
            await SendAnyAsync(ranges);
        }
        catch (Exception) when (!context.Response.HasStarted)
        {
            Withdraw();
            throw;
        }
    }

    private Task SendAnyAsync(IReadOnlyList<ByteRange>? ranges) => ranges switch
    {
        null => SendAsync(StatusCodes.Status200OK, new(0, source.Length - 1)),
        [] => RefuseAsync(),
        [var range] => SendRangeAsync(range),
        _ => new MultipartAnswer(ContentType, ranges, source.Length).SendAsync(context, source, metrics),
    };

    private Task SendRangeAsync(ByteRange range)
    {
        context.Response.Headers.ContentRange = $"bytes {range.First}-{range.Last}/{source.Length}";
        return SendAsync(StatusCodes.Status206PartialContent, range);
    }

    private async Task SendAsync(int status, ByteRange range)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = range.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await source.CopyAsync(range.First, range.Last, context.Response.BodyWriter, context.RequestAborted);
            metrics.Sent(range.Length);
        }
    }

    /// <summary>What was said of the bytes is not true of the error that is answered in their place; where some of them wait to be sent, nothing else can be.</summary>
    private void Withdraw()
    {
        if (context.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: > 0 })
        {
            context.Abort();
        }
        else
        {
            context.Response.Clear();
        }
    }

    private Task RefuseAsync()
    {
        context.Response.Headers.ContentRange = $"bytes */{source.Length}";
        context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
        return Task.CompletedTask;
    }
}
