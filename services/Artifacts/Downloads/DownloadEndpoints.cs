using Microsoft.Extensions.Primitives;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>GET and HEAD of a file, whole or in ranges. Whoever has the URL may use it, as long as the file is what the URL was signed for.</summary>
internal sealed class DownloadEndpoints(UrlSigner signer, DownloadGate gate, ChunkStore chunks, ArtifactsMetrics metrics)
{
    public async Task GetAsync(HttpContext context)
    {
        var (url, digest) = Check(context);
        if (await gate.RefusalAsync(digest, url.FileName, context.RequestAborted) is { } refusal)
        {
            throw new ErrorException(refusal);
        }

        await SendAsync(context, url, digest);
    }

    /// <summary>For who reviews it.</summary>
    public Task GetUncleanAsync(HttpContext context)
    {
        var (url, digest) = Check(context);
        return SendAsync(context, url, digest);
    }

    private (SignedUrl Url, Sha256Digest Digest) Check(HttpContext context) =>
        (signer.Check(UrlUse.Read, context.Request).OrThrow(), Sha256Digest.Create((string)context.Request.RouteValues["sha256"]!).OrThrow());

    private async Task SendAsync(HttpContext context, SignedUrl url, Sha256Digest digest)
    {
        using var file = await chunks.OpenAsync(digest, context.RequestAborted) ?? throw new ErrorException(ArtifactsErrors.FileNotFound(digest));
        context.UnboundResponse();
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

        if (request.IfNoneMatch.Count > 0 && Names(request.IfNoneMatch, etag, weak: true))
        {
            return EndAsync(context, StatusCodes.Status304NotModified);
        }

        return new RangeAnswer(context, file, metrics).SendAsync(RangesOf(context.Request, etag, file.Length));
    }

    private static void Describe(IHeaderDictionary headers, string etag, string fileName)
    {
        headers.ETag = etag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = "private, max-age=86400, immutable";

        // Never shown in a page of the garden's own address, whatever the bytes are.
        headers.ContentDisposition = ContentDisposition.Attachment(fileName);
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = ContentPolicies.NoPage;
    }

    /// <summary>Ranges are GET's only, and with If-Range those of the very same bytes; a date never is: files have none.</summary>
    private static IReadOnlyList<ByteRange>? RangesOf(HttpRequest request, string etag, long length) =>
        HttpMethods.IsGet(request.Method) && (request.Headers.IfRange.Count is 0 || request.Headers.IfRange.ToString() == etag)
            ? ByteRanges.Read(request.Headers.Range.ToString(), length)
            : null;

    private static bool Names(StringValues header, string etag, bool weak) => header.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Any(tag => tag is "*" || tag == etag || (weak && tag == $"W/{etag}"));

    private static Task EndAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
