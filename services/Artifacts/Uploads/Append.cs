using System.Globalization;
using System.Security.Cryptography;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Uploads;

/// <summary>What a PATCH says of its body, in the words of draft-ietf-httpbis-resumable-upload and RFC 9530.</summary>
/// <param name="Offset">Where in the file its first byte belongs.</param>
/// <param name="IsLast">With it, all has been sent.</param>
/// <param name="Digest">Of the body; null: not said.</param>
internal sealed record Append(long Offset, bool IsLast, Sha256Digest? Digest)
{
    public const string OffsetHeader = "Upload-Offset";
    public const string CompleteHeader = "Upload-Complete";
    private const string MediaType = "application/partial-upload";
    private const string DigestHeader = "Content-Digest";
    private const string Algorithm = "sha-256=:";

    public static Result<Append> Read(HttpRequest request)
    {
        var (offset, complete) = (request.Headers[OffsetHeader].ToString(), request.Headers[CompleteHeader].ToString());
        if (request.ContentType?.Split(';')[0].Trim() is not MediaType || !long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || complete is not ("?0" or "?1"))
        {
            return ArtifactsErrors.BadAppend;
        }

        var digests = request.Headers[DigestHeader].ToString();
        return digests.Length is 0 ? new Append(at, complete is "?1", null)
            : DigestOf(digests) is { } digest ? new Append(at, complete is "?1", digest)
            : ArtifactsErrors.DigestMissing;
    }

    /// <summary>The SHA-256 among the digests that a header holds; others may stand beside it.</summary>
    private static Sha256Digest? DigestOf(string header)
    {
        var text = header.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(one => one.StartsWith(Algorithm, StringComparison.Ordinal) && one.EndsWith(':') && one.Length > Algorithm.Length);
        var bytes = new byte[SHA256.HashSizeInBytes];
        return text is not null && Convert.TryFromBase64String(text[Algorithm.Length..^1], bytes, out var length) && length == bytes.Length ? Sha256Digest.FromBytes(bytes) : null;
    }
}
