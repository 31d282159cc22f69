using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Urls;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Where a client reaches this garden, and for whom and how long URLs are made.</summary>
internal sealed record XorbAddress(string Public, string Tenant, DateTimeOffset ExpiresAt);

/// <summary>URLs of ranges of stored xorbs. The ranges stand in the path, which is signed: no others can be had by them.</summary>
internal sealed class XorbUrls(UrlSigner signer)
{
    // As many as are served at once; the URL stays far below the 8 KiB that servers on the way let pass.
    private const int RangesOfAUrl = 60;

    public IReadOnlyList<XorbFetchJson> ManyRanges(XorbAddress address, StoredXorb xorb, IReadOnlyList<ChunkRange> ranges) =>
        [.. ranges.Chunk(RangesOfAUrl).Select(some => new XorbFetchJson(Sign(address, xorb, some), [.. some.Select(range => new RangeJson(range, StoredRangeOf(xorb, range)))]))];

    public IReadOnlyList<FetchJson> RangeByRange(XorbAddress address, StoredXorb xorb, IReadOnlyList<ChunkRange> ranges) =>
        [.. ranges.Select(range => new FetchJson(range, Sign(address, xorb, [range]), StoredRangeOf(xorb, range)))];

    private static StoredRange StoredRangeOf(StoredXorb xorb, ChunkRange range) => new(xorb.Index.Start(range.Start), xorb.Index.Start(range.End) - 1);

    private string Sign(XorbAddress address, StoredXorb xorb, IReadOnlyList<ChunkRange> ranges)
    {
        var bytes = ranges.Select(range => StoredRangeOf(xorb, range)).Select(range => new ByteRange(range.Start, range.End));
        return address.Public + signer.Sign(new(UrlUse.Xorb, Routes.Xorb(xorb.Hash, bytes), address.Tenant, "", address.ExpiresAt));
    }
}
