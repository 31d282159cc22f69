using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Urls;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Whose a segment is, where its readers reach this garden, and for how long and with which rights URLs are made.</summary>
internal sealed record SegmentAddress(string Public, string Tenant, bool AllowUnclean, DateTimeOffset ExpiresAt);

/// <summary>Names of segments, and URLs of ranges of them. All that a URL is good for stands in its path, which is signed.</summary>
internal sealed class SegmentUrls(UrlSigner signer, UrlKeyring keyring)
{
    // The key also signs URLs and tokens: a name can pass for neither.
    private const string Purpose = "xet segment";

    /// <summary>What clients take for a xorb's hash: they keep chunks by it, so it is always the same of the same bytes, and tells nothing to others.</summary>
    public string NameOf(SegmentAddress address, XetHash file, Segment segment)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{Purpose}\n{address.Tenant}\n{file}\n{segment.Start.Start}");
        return XetHash.FromBytes(HMACSHA256.HashData(keyring.Secret, Encoding.UTF8.GetBytes(what))).ToString();
    }

    public string Sign(SegmentAddress address, XetHash file, ReconstructionTerm term) => address.Public + signer.Sign(new(
        UrlUse.Xorb,
        Routes.Segment(file, term.Segment.Start.Start, new ByteRange(term.Sent.Start, term.Sent.End), address.AllowUnclean),
        address.Tenant,
        "",
        address.ExpiresAt));
}
