using System.IO.Pipelines;
using ModelGarden.Artifacts.Chunks;
using ModelGarden.Artifacts.Downloads;

namespace ModelGarden.Artifacts.Cas;

/// <summary>A segment's bytes, from whichever xorbs hold them; verified as downloads are.</summary>
internal sealed class SegmentSource(FileReader file, FileChunks chunks, Segment segment) : IByteSource
{
    public long Length => segment.Length;

    public async Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        var from = await chunks.OfSentByteAsync(segment.Start.Sent + first, cancellationToken);
        var to = await chunks.OfSentByteAsync(segment.Start.Sent + last, cancellationToken);
        var (position, skip, left) = (from.Start.Start, (int)(segment.Start.Sent + first - from.Start.Sent), last - first + 1);
        while (left > 0)
        {
            using var run = await file.ReadAsync(position, to.Start.Start, cancellationToken);
            if (run.StartOf(run.First) != position)
            {
                throw new IOException("the file's chunks are others than when its segment was looked up");
            }

            for (var number = run.First; number < run.End && left > 0; number++)
            {
                var take = (int)Math.Min(SentChunks.Length(1, run.LengthOf(number)) - skip, left);
                SentChunks.Write(run, number, skip, writer.GetSpan(take)[..take]);
                writer.Advance(take);
                (position, skip, left) = (position + run.LengthOf(number), 0, left - take);
            }

            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
            {
                // The client has gone: the server aborts the request by itself.
                return;
            }
        }
    }
}
