using ModelGarden.Artifacts.Chunks;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>A place between two chunks of a file, or at one of its ends.</summary>
/// <param name="Number">Chunks before it.</param>
/// <param name="Start">Bytes before it.</param>
internal readonly record struct ChunkEdge(long Number, long Start)
{
    /// <summary>Bytes before it where the file is sent chunk by chunk.</summary>
    public long Sent => SentChunks.Length(Number, Start);
}

/// <summary>A chunk of a file, from edge to edge.</summary>
internal readonly record struct FileChunk(ChunkEdge Start, ChunkEdge End);

/// <summary>
/// The chunks of one file: which is where. Terms are passed over whole, and only the index of the xorb that holds the answer is looked at: of a large file all of them
/// do not fit into memory.
/// </summary>
internal sealed class FileChunks
{
    private readonly FileLayout _layout;
    private readonly Xorbs _xorbs;
    private readonly ChunkEdge[] _starts;

    public FileChunks(FileLayout layout, Xorbs xorbs)
    {
        (_layout, _xorbs, _starts) = (layout, xorbs, new ChunkEdge[layout.Terms.Count]);
        foreach (var (i, term) in layout.Terms.Index())
        {
            _starts[i] = End;
            End = new(End.Number + term.End - term.First, End.Start + term.Length);
        }
    }

    /// <summary>Of the file.</summary>
    public ChunkEdge End { get; }

    public ValueTask<FileChunk> OfByteAsync(long position, CancellationToken cancellationToken) => LastAsync(edge => edge.Start, position, cancellationToken);

    public ValueTask<FileChunk> OfNumberAsync(long number, CancellationToken cancellationToken) => LastAsync(edge => edge.Number, number, cancellationToken);

    /// <summary>By the place of a byte where all of the file is sent chunk by chunk.</summary>
    public ValueTask<FileChunk> OfSentByteAsync(long position, CancellationToken cancellationToken) => LastAsync(edge => edge.Sent, position, cancellationToken);

    /// <summary>The last chunk that begins at this place or before it.</summary>
    private async ValueTask<FileChunk> LastAsync(Func<ChunkEdge, long> place, long wanted, CancellationToken cancellationToken)
    {
        var number = Last(0, _starts.Length, i => place(_starts[i]) <= wanted);
        var (term, start) = (_layout.Terms[number], _starts[number]);
        var index = (await _xorbs.FindAsync(term.Xorb, cancellationToken) ?? throw new FileNotFoundException($"xorb {term.Xorb} of file {_layout.Hash} is not in the database")).Index;
        var chunk = Last(term.First, term.End, i => place(Edge(index, term, start, i)) <= wanted);
        return new(Edge(index, term, start, chunk), Edge(index, term, start, chunk + 1));
    }

    private static ChunkEdge Edge(XorbIndex index, Term term, ChunkEdge start, int chunk) =>
        new(start.Number + chunk - term.First, start.Start + index.UnpackedStart(chunk) - index.UnpackedStart(term.First));

    /// <summary>The last of which this is so; of the first it always is.</summary>
    private static int Last(int first, int end, Func<int, bool> isSo)
    {
        while (end - first > 1)
        {
            var middle = (first + end) / 2;
            (first, end) = isSo(middle) ? (middle, end) : (first, middle);
        }

        return first;
    }
}
