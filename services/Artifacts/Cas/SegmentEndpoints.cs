using System.Globalization;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Bytes of a file's segment by a signed URL: the range that stands in it, or parts of it.</summary>
internal sealed class SegmentEndpoints(UrlSigner signer, ReadableFiles files, FileLayouts layouts, ChunkStore store, Xorbs xorbs, ArtifactsMetrics metrics)
{
    public async Task GetAsync(HttpContext context)
    {
        signer.Check(UrlUse.Xorb, context.Request).OrThrow();
        var (values, cancellationToken) = (context.Request.RouteValues, context.RequestAborted);

        // What has been found of the file since the URL was made counts.
        var file = (await files.ReadAsync(CasDesk.HashOf(context), (string?)values["rights"] == Routes.AnyVerdict, cancellationToken)).OrThrow();
        var start = long.Parse((string)values["start"]!, CultureInfo.InvariantCulture);
        var (chunks, segment) = await FindAsync(file, start, cancellationToken) ?? throw new ErrorException(ArtifactsErrors.UrlExpired);
        var ranges = Granted(context.Request, segment);
        using var reader = await store.OpenAsync(file.Digest, cancellationToken) ?? throw new ErrorException(CasErrors.FileNotFound(file.Layout.Hash));
        context.UnboundResponse();
        await new RangeAnswer(context, new SegmentSource(reader, chunks, segment), metrics).SendAsync(ranges);
    }

    /// <summary>Null: the file has no such segment any more.</summary>
    private async Task<(FileChunks Chunks, Segment Segment)?> FindAsync(ReadableFile file, long start, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(file.Layout, start, cancellationToken);
        }
        catch (FileNotFoundException) when (!cancellationToken.IsCancellationRequested)
        {
            // A xorb of it was rewritten since: the file's chunks are the same.
            return await layouts.ReloadAsync(file.Digest, cancellationToken) is { } layout ? await FindAsync(layout, start, cancellationToken) : null;
        }
    }

    private async Task<(FileChunks Chunks, Segment Segment)?> FindAsync(FileLayout layout, long start, CancellationToken cancellationToken)
    {
        var chunks = new FileChunks(layout, xorbs);
        await foreach (var segment in Segment.OfAsync(chunks, start, start, cancellationToken))
        {
            if (segment.Start.Start == start)
            {
                return (chunks, segment);
            }
        }

        return null;
    }

    /// <summary>What is asked for, each of it within the range that the URL was signed for.</summary>
    private static IReadOnlyList<ByteRange> Granted(HttpRequest request, Segment segment)
    {
        var granted = ByteRanges.Read($"bytes={request.RouteValues["range"]}", segment.Length);
        var asked = request.Headers.Range.Count > 0 ? ByteRanges.Read(request.Headers.Range.ToString(), segment.Length) : granted;
        return granted is [var grant] && asked is [_, ..] && asked.All(range => grant.First <= range.First && range.Last <= grant.Last)
            ? asked
            : throw new ErrorException(CasErrors.RangeNotAllowed);
    }
}
