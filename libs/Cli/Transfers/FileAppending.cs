using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Transfers;

/// <summary>
/// Sends one long file piece after piece, from where the garden has it. Nothing is remembered here: the same file prepared again is the same upload, and
/// the garden tells how far it is.
/// </summary>
/// <param name="session">The way to the garden.</param>
/// <param name="file">What is sent.</param>
/// <param name="sha256">Of all of it.</param>
/// <param name="item">Where it is shown.</param>
/// <param name="prepare">Prepares the upload again.</param>
internal sealed class FileAppending(Session session, LocalFile file, string sha256, ITransferItem item, Func<CancellationToken, Task<PrepareUploadResponse>> prepare)
{
    // In a row, without a piece that came in between.
    private const int MostSetbacks = 5;
    private long _shown;
    private bool _sentAnew;
    private (long Offset, Task<byte[]> Digest)? _ahead;

    /// <summary>Called when some of the file is at the garden.</summary>
    public required Action<PrepareUploadResponse> OnArrival { get; init; }

    public async Task RunAsync(PrepareUploadResponse upload, CancellationToken cancellationToken)
    {
        var state = await FindAsync(upload, cancellationToken);
        for (var setbacks = 0; !state.IsComplete;)
        {
            var before = state.Offset;
            try
            {
                state = Arrived(upload, await AppendAsync(upload, before, cancellationToken));
                setbacks = state.Offset > before || state.IsComplete ? 0 : setbacks + 1;
            }
            catch (ErrorException exception) when (setbacks < MostSetbacks && IsSetback(exception.Error))
            {
                await JudgeAsync(exception, cancellationToken);
                await session.Transport.PauseAsync(++setbacks, cancellationToken);
                upload = await prepare(cancellationToken);
                state = upload.Stored ? new(file.Size, true) : await FindAsync(upload, cancellationToken);
            }

            if (setbacks > MostSetbacks)
            {
                throw new ErrorException(Error.Conflict("SENT_TWICE", $"{file.Path} does not get on: is it being sent by someone else at the same time?"));
            }
        }

        Show(file.Size);
    }

    // An address that is too old, an upload that went, bytes that changed on the way: prepared again, it goes on.
    private static bool IsSetback(Error error) => error.Reason is
        "URL_EXPIRED" or "UPLOAD_NOT_FOUND" or "FILE_GONE" or "FILE_WENT" or "DIGEST_MISMATCH" or "PART_MISSING" or "PART_CHANGED" or "WRONG_BYTES";

    /// <summary>When all that came is not the file, the garden has let go of it; it is sent once more if it is the file still.</summary>
    private async Task JudgeAsync(ErrorException exception, CancellationToken cancellationToken)
    {
        _ahead = null;
        if (exception.Error.Reason is not "WRONG_BYTES")
        {
            return;
        }

        if (await file.Sha256Async(_ => { }, cancellationToken) != sha256)
        {
            throw new ErrorException(Error.Conflict("FILE_CHANGED", $"{file.Path} changed while it was sent: try again"), exception);
        }

        if (_sentAnew)
        {
            throw exception;
        }

        _sentAnew = true;
    }

    private async Task<UploadState> FindAsync(PrepareUploadResponse upload, CancellationToken cancellationToken) =>
        Arrived(upload, await session.Uploads.FindAsync(upload.AppendUrl, cancellationToken));

    private UploadState Arrived(PrepareUploadResponse upload, UploadState state)
    {
        if (state.Offset > file.Size || upload.PartSize <= 0)
        {
            throw new ErrorException(Error.Unavailable("BAD_ANSWER", $"the garden says that it has {state.Offset} of the {file.Size} bytes of {file.Path}"));
        }

        Show(state.Offset);
        if (state.Offset > 0)
        {
            OnArrival(upload);
        }

        return state;
    }

    private async Task<UploadState> AppendAsync(PrepareUploadResponse upload, long offset, CancellationToken cancellationToken)
    {
        var length = Math.Min(upload.PartSize, file.Size - offset);
        var digest = await DigestAsync(offset, length, cancellationToken);
        var next = offset + length;

        // Read while this piece is on its way.
        _ahead = next < file.Size ? (next, file.Sha256Async(next, Math.Min(upload.PartSize, file.Size - next), cancellationToken)) : null;
        return await session.Uploads.AppendAsync(
            upload.AppendUrl,
            new(offset, length, next == file.Size, digest),
            SliceContent.ForEachAttempt(file, offset, length, Advance),
            cancellationToken);
    }

    private Task<byte[]> DigestAsync(long offset, long length, CancellationToken cancellationToken) =>
        _ahead is { } ahead && ahead.Offset == offset ? ahead.Digest : file.Sha256Async(offset, length, cancellationToken);

    private void Show(long offset) => Advance(offset - _shown);

    private void Advance(long bytes)
    {
        _shown += bytes;
        item.Advance(bytes);
    }
}
