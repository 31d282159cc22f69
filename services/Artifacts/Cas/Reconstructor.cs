using ModelGarden.Artifacts.Chunks;
using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Cas;

/// <summary>How a file, or a range of it, is put together again (xet.md 5.1).</summary>
/// <param name="Offset">Bytes of the first term that come before the range.</param>
/// <param name="Terms">In the file's order, none of them of the same segment.</param>
internal sealed record Reconstruction(long Offset, IReadOnlyList<ReconstructionTerm> Terms);

/// <summary>A file goes on with these chunks of this segment of its own.</summary>
internal readonly record struct ReconstructionTerm(Segment Segment, ChunkEdge From, ChunkEdge To)
{
    /// <summary>By their numbers in the segment.</summary>
    public ChunkRange Chunks => new((int)(From.Number - Segment.Start.Number), (int)(To.Number - Segment.Start.Number));

    /// <summary>Where they are in the segment as it is sent.</summary>
    public SentRange Sent => new(From.Sent - Segment.Start.Sent, To.Sent - Segment.Start.Sent - 1);

    /// <summary>Their own bytes.</summary>
    public long Length => To.Start - From.Start;
}

/// <summary>Finds out how files are put together. The work grows with the bytes that are asked for, however scattered they are stored.</summary>
internal sealed class Reconstructor(Xorbs xorbs, FileLayouts layouts)
{
    /// <summary>The chunks that hold the bytes from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    /// <param name="file">Which file.</param>
    /// <param name="first">In the file, or 0.</param>
    /// <param name="last">In the file; before the first one: none.</param>
    /// <param name="room">How many terms there may be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Result<Reconstruction>> OfAsync(ReadableFile file, long first, long last, int room, CancellationToken cancellationToken)
    {
        if (last < first)
        {
            return new Reconstruction(0, []);
        }

        try
        {
            return await OfAsync(file.Layout, first, last, room, cancellationToken);
        }
        catch (FileNotFoundException) when (!cancellationToken.IsCancellationRequested)
        {
            // A xorb of it was rewritten since: the file's chunks are the same.
            return await layouts.ReloadAsync(file.Digest, cancellationToken) is { } layout && layout.Hash == file.Layout.Hash
                ? await OfAsync(layout, first, last, room, cancellationToken)
                : CasErrors.FileNotFound(file.Layout.Hash);
        }
    }

    private async Task<Result<Reconstruction>> OfAsync(FileLayout layout, long first, long last, int room, CancellationToken cancellationToken)
    {
        var chunks = new FileChunks(layout, xorbs);
        var (from, to) = (await chunks.OfByteAsync(first, cancellationToken), await chunks.OfByteAsync(last, cancellationToken));
        var terms = new List<ReconstructionTerm>();
        await foreach (var segment in Segment.OfAsync(chunks, from.Start.Start, to.Start.Start, cancellationToken))
        {
            if (segment.End.Number <= from.Start.Number || segment.Start.Number >= to.End.Number)
            {
                continue;
            }

            if (terms.Count == room)
            {
                return CasErrors.TooManyTerms;
            }

            terms.Add(new(segment, Later(segment.Start, from.Start), Earlier(segment.End, to.End)));
        }

        return new Reconstruction(first - from.Start.Start, terms);
    }

    private static ChunkEdge Later(ChunkEdge one, ChunkEdge other) => one.Number > other.Number ? one : other;

    private static ChunkEdge Earlier(ChunkEdge one, ChunkEdge other) => one.Number < other.Number ? one : other;
}
