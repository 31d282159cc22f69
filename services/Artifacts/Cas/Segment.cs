using System.Runtime.CompilerServices;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>
/// A part of a file that is shown to clients as a xorb. Which chunks it has follows from the file alone: nothing in it tells where they are stored, or who else has them.
/// </summary>
internal readonly record struct Segment(ChunkEdge Start, ChunkEdge End)
{
    /// <summary>Of file that the segments of a block begin in: with all headers and the chunk that reaches over its end they stay far below a xorb's limit.</summary>
    public const long Block = 32 << 20;

    /// <summary>In bytes, as it is sent.</summary>
    public long Length => End.Sent - Start.Sent;

    /// <summary>The segments of a file from the one that begins the block of <paramref name="first"/> to the last one in that of <paramref name="last"/>, both places where chunks begin.</summary>
    public static async IAsyncEnumerable<Segment> OfAsync(FileChunks chunks, long first, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = await EdgeAsync(chunks, first / Block, cancellationToken);
        for (var block = first / Block; block <= last / Block; block++)
        {
            var end = await EdgeAsync(chunks, block + 1, cancellationToken);
            while (start.Number < end.Number)
            {
                // Chunks can be so short that a block has more than a xorb may.
                var next = end.Number - start.Number <= XetLimits.XorbChunks ? end : (await chunks.OfNumberAsync(start.Number + XetLimits.XorbChunks, cancellationToken)).Start;
                yield return new(start, next);
                start = next;
            }
        }
    }

    /// <summary>Where the first chunk that begins in a block does.</summary>
    private static async ValueTask<ChunkEdge> EdgeAsync(FileChunks chunks, long block, CancellationToken cancellationToken) => (block * Block) switch
    {
        0 => default,
        var position when position >= chunks.End.Start => chunks.End,
        var position => (await chunks.OfByteAsync(position - 1, cancellationToken)).End,
    };
}
