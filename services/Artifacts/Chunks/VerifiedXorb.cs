using System.Buffers;
using System.IO.Pipelines;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>A xorb's bytes as they are stored, none of which goes out before its whole chunk has been verified: for stores at the other end of a network.</summary>
internal sealed class VerifiedXorb(StoredXorb xorb, IObjectReader reader, ChunkChecks checks) : IByteSource
{
    public long Length => xorb.Index.Length;

    public async Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        for (var number = ChunkAt(first); first <= last; number++)
        {
            using var chunk = await ReadAsync(number, cancellationToken);
            Verify(chunk);
            var end = Math.Min(xorb.Index.Start(number + 1), last + 1);
            writer.Write(chunk.Stored.Span[(int)(first - xorb.Index.Start(number))..(int)(end - xorb.Index.Start(number))]);
            first = end;
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
            {
                // The client has gone: the server aborts the request by itself.
                return;
            }
        }
    }

    private static void Verify(ChunkRun chunk)
    {
        var decoded = ArrayPool<byte>.Shared.Rent(XetLimits.Chunk);
        try
        {
            chunk.Decode(chunk.First, 0, decoded.AsSpan(0, chunk.LengthOf(chunk.First)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    private async ValueTask<ChunkRun> ReadAsync(int number, CancellationToken cancellationToken)
    {
        var (start, end) = (xorb.Index.Start(number), xorb.Index.Start(number + 1));
        var run = new ChunkRun(xorb, number, number + 1, 0, ArrayPool<byte>.Shared.Rent(end - start), checks);
        try
        {
            return await reader.FillAsync(run.Stored, start, cancellationToken) ? run : throw checks.Damaged(xorb, number, "the object ends before it");
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>The chunk that this stored byte belongs to.</summary>
    private int ChunkAt(long stored)
    {
        var (first, end) = (0, xorb.Index.Count);
        while (end - first > 1)
        {
            var middle = (first + end) / 2;
            (first, end) = xorb.Index.Start(middle) <= stored ? (middle, end) : (first, middle);
        }

        return first;
    }
}
