using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>GET and HEAD of a file, whole or in ranges. Whoever has the URL may use it: the signature is the only check.</summary>
internal sealed class DownloadEndpoints(UrlSigner signer, ChunkStore chunks, ArtifactsMetrics metrics)
{
    private const string ContentType = "application/octet-stream";

    public async Task GetAsync(HttpContext context)
    {
        var url = signer.Check(UrlUse.Read, context.Request).OrThrow();
        var digest = Sha256Digest.Create((string)context.Request.RouteValues["sha256"]!).OrThrow();
        using var file = await chunks.OpenAsync(digest, context.RequestAborted) ?? throw new ErrorException(ArtifactsErrors.FileNotFound(digest));
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var etag = $"\"{digest}\"";
        Describe(context.Response.Headers, etag, url.FileName);
        await AnswerAsync(context, file, etag);
    }

    private Task AnswerAsync(HttpContext context, FileReader file, string etag)
    {
        var request = context.Request.Headers;
        if (request.IfMatch.Count > 0 && !Names(request.IfMatch, etag, weak: false))
        {
            return EndAsync(context, StatusCodes.Status412PreconditionFailed);
        }

        if (Names(request.IfNoneMatch, etag, weak: true))
        {
            return EndAsync(context, StatusCodes.Status304NotModified);
        }

        return RangesOf(context.Request, etag, file.Length) switch
        {
            null => SendAsync(context, file, StatusCodes.Status200OK, new(0, file.Length - 1)),
            [] => RefuseRangeAsync(context, file.Length),
            [var range] => SendRangeAsync(context, file, range),
            var ranges => new MultipartAnswer(ContentType, ranges, file.Length).SendAsync(context, file, metrics),
        };
    }

    private static void Describe(IHeaderDictionary headers, string etag, string fileName)
    {
        headers.ETag = etag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = "private, max-age=86400, immutable";

        // Never shown in a page of the garden's own address, whatever the bytes are.
        headers.ContentDisposition = ContentDisposition.Attachment(fileName);
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
    }

    /// <summary>Ranges are GET's only, and with If-Range those of the very same bytes; a date never is: files have none.</summary>
    private static IReadOnlyList<ByteRange>? RangesOf(HttpRequest request, string etag, long length) =>
        HttpMethods.IsGet(request.Method) && (request.Headers.IfRange.Count is 0 || request.Headers.IfRange.ToString() == etag)
            ? ByteRanges.Read(request.Headers.Range.ToString(), length)
            : null;

    private static bool Names(StringValues header, string etag, bool weak) => header.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Any(tag => tag is "*" || tag == etag || (weak && tag == $"W/{etag}"));

    private Task SendRangeAsync(HttpContext context, FileReader file, ByteRange range)
    {
        context.Response.Headers.ContentRange = $"bytes {range.First}-{range.Last}/{file.Length}";
        return SendAsync(context, file, StatusCodes.Status206PartialContent, range);
    }

    private async Task SendAsync(HttpContext context, FileReader file, int status, ByteRange range)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = range.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await file.CopyAsync(range.First, range.Last, context.Response.BodyWriter, context.RequestAborted);
            metrics.Sent(range.Length);
        }
    }

    private static Task RefuseRangeAsync(HttpContext context, long length)
    {
        context.Response.Headers.ContentRange = $"bytes */{length}";
        return EndAsync(context, StatusCodes.Status416RangeNotSatisfiable);
    }

    private static Task EndAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
