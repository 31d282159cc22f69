using ModelGarden.Cli.Garden;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Transfers;

/// <summary>Sends those large files that the garden has not, several at a time.</summary>
internal sealed class LargeFileSender(Session session)
{
    private const int FilesAtOnce = 4;
    private long _keptUntil;

    /// <summary>Until when the garden keeps what has come of files that have not come whole; null: there are none.</summary>
    public DateTimeOffset? KeptUntil => Interlocked.Read(ref _keptUntil) is > 0 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    public Task SendAsync(IReadOnlyList<(LocalFile File, string Sha256)> files, ITransferView view, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        files.DistinctBy(file => file.Sha256),
        new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken },
        async (file, cancel) => await SendAsync(file.File, file.Sha256, view, cancel));

    private async Task SendAsync(LocalFile file, string sha256, ITransferView view, CancellationToken cancellationToken)
    {
        var upload = await PrepareAsync(file, sha256, cancellationToken);
        if (upload.Stored)
        {
            return;
        }

        using var item = view.Begin(file.Path, file.Size);
        await (upload.AppendUrl.Length > 0
            ? new FileAppending(session, file, sha256, item, cancel => PrepareAsync(file, sha256, cancel)) { OnArrival = NoteArrival }.RunAsync(upload, cancellationToken)
            : PutAsync(upload.Url, file, item, cancellationToken));
        item.Done("uploaded");
    }

    private Task<PrepareUploadResponse> PrepareAsync(LocalFile file, string sha256, CancellationToken cancellationToken) => session.Garden.PrepareUploadAsync(
        new() { Sha256 = sha256, Size = file.Size, Resumable = true }, cancellationToken);

    private void NoteArrival(PrepareUploadResponse upload) => Interlocked.Exchange(ref _keptUntil, upload.ExpiresAt?.Seconds ?? 0);

    private Task PutAsync(string url, LocalFile file, ITransferItem item, CancellationToken cancellationToken) =>
        session.Uploads.PutAsync(url, file.Size, SliceContent.ForEachAttempt(file, 0, file.Size, item.Advance), cancellationToken);
}
