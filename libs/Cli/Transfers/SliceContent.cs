using System.Net;

namespace ModelGarden.Cli.Transfers;

/// <summary>A slice of a file as a request's body, counted as it goes. What a failed attempt has counted is taken back by the next.</summary>
internal sealed class SliceContent(LocalFile file, long offset, long length, Action<long> advance) : HttpContent
{
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(5);
    private long _counted;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var source = file.Open();
        source.Position = offset;
        var buffer = new byte[128 * 1024];
        for (var left = length; left > 0;)
        {
            stalled.CancelAfter(Stall);
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), stalled.Token);
            if (read is 0)
            {
                throw new ErrorException(Error.Conflict("FILE_CHANGED", $"{file.Path} became shorter while it was sent: try again"));
            }

            await stream.WriteAsync(buffer.AsMemory(0, read), stalled.Token);
            left -= read;
            _counted += read;
            advance(read);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    /// <summary>A body for each attempt of one request.</summary>
    public static Func<HttpContent> ForEachAttempt(LocalFile file, long offset, long length, Action<long> advance)
    {
        SliceContent? last = null;
        return () =>
        {
            last?.TakeBack();
            return last = new SliceContent(file, offset, length, advance);
        };
    }

    /// <summary>The attempt has come to nothing.</summary>
    private void TakeBack()
    {
        advance(-_counted);
        _counted = 0;
    }
}
