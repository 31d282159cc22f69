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

    public IReadOnlyList<XorbFetchJson> ManyRanges(XorbAddress address, XorbFetch fetch) =>
        [.. fetch.Runs.Chunk(RangesOfAUrl).Select(some => new XorbFetchJson(Sign(address, fetch, some), [.. some.Select(run => new RangeJson(run.Chunks, run.Stored))]))];

    public IReadOnlyList<FetchJson> RangeByRange(XorbAddress address, XorbFetch fetch) =>
        [.. fetch.Runs.Select(run => new FetchJson(run.Chunks, Sign(address, fetch, [run]), run.Stored))];

    private string Sign(XorbAddress address, XorbFetch fetch, IEnumerable<XorbRun> runs) => address.Public + signer.Sign(new(
        UrlUse.Xorb, Routes.Xorb(fetch.Xorb, runs.Select(run => new ByteRange(run.Stored.Start, run.Stored.End))), address.Tenant, "", address.ExpiresAt));
}
