using ModelGarden.Hosting;
using ModelGarden.Hub.Wire;

namespace ModelGarden.Hub.Files;

/// <summary>
/// Sends a small file's content: whole, in part, or not at all if the client has it. Always as plain text or bytes, never as something that a
/// browser would run on this garden's own address.
/// </summary>
internal static class InlineFile
{
    public static Task SendAsync(HttpContext http, ReadOnlyMemory<byte> content)
    {
        var headers = http.Response.Headers;
        if (Names(http.Request.Headers.IfNoneMatch, headers.ETag.ToString()))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        if (RangeOf(http, content.Length) is not { } range)
        {
            return WriteAsync(http, content, StatusCodes.Status200OK);
        }

        // An empty file has no first byte: said as a whole answer, which clients that probe with one byte take for what it is.
        if (content.Length is 0)
        {
            headers.ContentRange = "bytes */0";
            return WriteAsync(http, content, StatusCodes.Status200OK);
        }

        if (!range.IsSatisfiable)
        {
            headers.ContentRange = $"bytes */{content.Length}";
            throw new RefusalException(new(416, null, $"the range lies behind the end of the file, which has {content.Length} bytes"));
        }

        headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{content.Length}";
        return WriteAsync(http, content.Slice((int)range.Start, (int)range.Length), StatusCodes.Status206PartialContent);
    }

    /// <summary>Everything about the content but the content.</summary>
    public static void Describe(HttpContext http, string etag, string fileName)
    {
        var headers = http.Response.Headers;
        headers.ETag = $"\"{etag}\"";
        headers.AcceptRanges = "bytes";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = ContentPolicies.NoPage;
        headers.ContentDisposition = $"inline; filename*=UTF-8''{Uri.EscapeDataString(fileName)}";
    }

    private static Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> content, int status) =>
        http.WriteBytesAsync(content, status, content.Span.Contains((byte)0) ? "application/octet-stream" : "text/plain; charset=utf-8");

    private static ByteRange? RangeOf(HttpContext http, long size)
    {
        var headers = http.Request.Headers;
        var isSame = headers.IfRange.Count is 0 || headers.IfRange == http.Response.Headers.ETag;
        return HttpMethods.IsGet(http.Request.Method) && isSame ? ByteRange.Parse(headers.Range.ToString(), size) : null;
    }

    private static bool Names(Microsoft.Extensions.Primitives.StringValues asked, string etag) =>
        asked.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(value => value == etag || value == "*" || value == $"W/{etag}");
}
