using System.Globalization;
using System.Net;

namespace ModelGarden.Cli.Garden;

/// <summary>How far an upload is.</summary>
/// <param name="Offset">So many bytes have come, from the file's beginning.</param>
/// <param name="IsComplete">The file is there.</param>
internal sealed record UploadState(long Offset, bool IsComplete);

/// <summary>The next bytes of a file.</summary>
/// <param name="Offset">Where in the file they begin.</param>
/// <param name="Length">How many; 0: all have been sent, and the file is to be made of them.</param>
/// <param name="IsLast">None come after them.</param>
/// <param name="Digest">Their SHA-256.</param>
internal sealed record UploadPiece(long Offset, long Length, bool IsLast, byte[] Digest);

/// <summary>The garden's door for bytes: signed addresses that take a file whole, or piece after piece (draft-ietf-httpbis-resumable-upload).</summary>
internal sealed class UploadClient(Transport transport)
{
    private const string OffsetHeader = "Upload-Offset";
    private const string CompleteHeader = "Upload-Complete";

    // The garden puts a file together and examines it before it answers; its own patience with itself ends before that.
    private static readonly TimeSpan Completing = TimeSpan.FromHours(2);

    public async Task PutAsync(string url, long length, Func<HttpContent> content, CancellationToken cancellationToken)
    {
        using var response = await transport.SendAsync(() => Signed(HttpMethod.Put, url, content()), new(true, PatienceFor(length)), cancellationToken).OrThrowAsync(cancellationToken);
    }

    public async Task<UploadState> FindAsync(string url, CancellationToken cancellationToken)
    {
        using var response = await transport.SendAsync(() => Signed(HttpMethod.Head, url, null), Sending.Again, cancellationToken).OrThrowAsync(cancellationToken);
        return StateOf(response);
    }

    /// <summary>Sends the next bytes; answers how far the upload is then, also when they were not the next ones.</summary>
    public async Task<UploadState> AppendAsync(string url, UploadPiece piece, Func<HttpContent> content, CancellationToken cancellationToken)
    {
        // Sent twice, it is not taken twice: the second time it is not what comes next.
        var patience = piece.IsLast ? Completing + PatienceFor(piece.Length) : PatienceFor(piece.Length);
        using var response = await transport.SendAsync(() => ToMessage(url, piece, content()), new(true, patience), cancellationToken);
        return response.StatusCode is HttpStatusCode.Conflict && response.Headers.Contains(OffsetHeader)
            ? StateOf(response)
            : StateOf(await Task.FromResult(response).OrThrowAsync(cancellationToken));
    }

    private static HttpRequestMessage ToMessage(string url, UploadPiece piece, HttpContent content)
    {
        var request = Signed(HttpMethod.Patch, url, content);
        request.Headers.Add(OffsetHeader, piece.Offset.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(CompleteHeader, piece.IsLast ? "?1" : "?0");
        content.Headers.ContentType = new("application/partial-upload");
        content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(piece.Digest)}:");
        return request;
    }

    private static HttpRequestMessage Signed(HttpMethod method, string url, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, new Uri(url.TrimStart('/'), UriKind.Relative)) { Content = content };
        request.Options.Set(Transport.SignedUrl, true);
        return request;
    }

    private static UploadState StateOf(HttpResponseMessage response) => long.TryParse(Header(response, OffsetHeader), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        ? new(offset, Header(response, CompleteHeader) is "?1")
        : throw new ErrorException(Error.Unavailable("BAD_ANSWER", "the garden does not say how far the upload is: is something between here and there that changes its answers?"));

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    // Ten minutes, and as long as a line of 20 kB/s takes.
    private static TimeSpan PatienceFor(long length) => TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(Math.Min(length / 20_000, 30L * 24 * 3600));
}
