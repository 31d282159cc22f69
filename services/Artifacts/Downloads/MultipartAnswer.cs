using System.IO.Pipelines;
using System.Text;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>Several ranges in one answer: <c>multipart/byteranges</c> (RFC 9110, 14.6), its length known beforehand.</summary>
internal sealed class MultipartAnswer(string contentType, IReadOnlyList<ByteRange> ranges, long length)
{
    private readonly string _boundary = Guid.NewGuid().ToString("n");

    public async Task SendAsync(HttpContext context, IByteSource source, ArtifactsMetrics metrics)
    {
        var heads = ranges.Select(Head).ToList();
        var end = Encoding.ASCII.GetBytes($"\r\n--{_boundary}--\r\n");
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.ContentType = $"multipart/byteranges; boundary={_boundary}";
        context.Response.ContentLength = ranges.Sum(range => range.Length) + heads.Sum(head => (long)head.Length) + end.Length;
        var writer = context.Response.BodyWriter;
        foreach (var (i, range) in ranges.Index())
        {
            await writer.WriteAsync(heads[i], context.RequestAborted);
            await source.CopyAsync(range.First, range.Last, writer, context.RequestAborted);
        }

        await writer.WriteAsync(end, context.RequestAborted);
        metrics.Sent(ranges.Sum(range => range.Length));
    }

    private byte[] Head(ByteRange range) => Encoding.ASCII.GetBytes(
        $"\r\n--{_boundary}\r\nContent-Type: {contentType}\r\nContent-Range: bytes {range.First}-{range.Last}/{length}\r\n\r\n");
}
