using System.Buffers;
using System.IO.Pipelines;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Reads one stored file, from any place; used by one reader at a time. Chunks are read many at once and decoded where they are needed. Where xorbs are
/// rewritten under a slow reader, it goes on with the new ones.
/// </summary>
internal sealed class FileReader : IByteSource, IDisposable
{
    // Stored bytes of a read. Measured: see README.md.
    private const int ReadSize = 512 << 10;
    private readonly Xorbs _xorbs;
    private readonly IObjectStore _objects;
    private readonly ChunkChecks _checks;
    private readonly Func<CancellationToken, ValueTask<FileLayout?>>? _reload;
    private FileLayout _layout;
    private long[] _starts;
    private (StoredXorb Xorb, IObjectReader Reader)? _open;

    /// <param name="layout">What the file is made of.</param>
    /// <param name="xorbs">Finds its xorbs.</param>
    /// <param name="objects">Holds them.</param>
    /// <param name="checks">Verify what is read.</param>
    /// <param name="reload">The layout as it is now, past any cache; null: the file is not stored yet.</param>
    public FileReader(FileLayout layout, Xorbs xorbs, IObjectStore objects, ChunkChecks checks, Func<CancellationToken, ValueTask<FileLayout?>>? reload)
    {
        (_layout, _starts, _xorbs, _objects, _checks, _reload) = (layout, Starts(layout), xorbs, objects, checks, reload);
    }

    public long Length => _layout.Size;

    public async Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        while (first <= last)
        {
            using var run = await ReadAsync(first, last, cancellationToken);
            first = Write(run, first, last, writer);
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
            {
                // The client has gone: the server aborts the request by itself.
                return;
            }
        }
    }

    /// <summary>The chunks from the one that holds <paramref name="position"/> on, as many as one read brings and <paramref name="last"/> needs.</summary>
    public async ValueTask<ChunkRun> ReadAsync(long position, long last, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOnceAsync(position, last, cancellationToken);
        }
        catch (FileNotFoundException) when (_reload is not null)
        {
            _layout = await _reload(cancellationToken) ?? throw new FileNotFoundException($"file {_layout.Hash} was deleted while it was read");
            _starts = Starts(_layout);
            return await ReadOnceAsync(position, last, cancellationToken);
        }
    }

    public Stream OpenStream() => new FileReaderStream(this);

    public void Dispose() => _open?.Reader.Dispose();

    private async ValueTask<ChunkRun> ReadOnceAsync(long position, long last, CancellationToken cancellationToken)
    {
        var term = TermOf(position);
        var xorb = await OpenAsync(_layout.Terms[term].Xorb, cancellationToken);
        var index = xorb.Xorb.Index;
        var first = index.ChunkAt(index.UnpackedStart(_layout.Terms[term].First) + (int)(position - _starts[term]));
        var start = _starts[term] + index.UnpackedStart(first) - index.UnpackedStart(_layout.Terms[term].First);
        var end = first + 1;
        for (; end < _layout.Terms[term].End && index.Start(end + 1) - index.Start(first) <= ReadSize && start + index.UnpackedStart(end) - index.UnpackedStart(first) <= last; end++)
        {
        }

        var stored = ArrayPool<byte>.Shared.Rent(index.Start(end) - index.Start(first));
        var run = new ChunkRun(xorb.Xorb, first, end, start, stored, _checks);
        try
        {
            return await xorb.Reader.FillAsync(run.Stored, index.Start(first), cancellationToken) ? run : throw new IOException("a stored xorb is shorter than it was when it was stored");
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private static long Write(ChunkRun run, long first, long last, PipeWriter writer)
    {
        for (var number = run.First; number < run.End && first <= last; number++)
        {
            var (start, length) = (run.StartOf(number), run.LengthOf(number));
            var skip = (int)(first - start);
            var take = (int)Math.Min(length - skip, last - first + 1);
            var memory = writer.GetSpan(take);
            run.Decode(number, skip, memory[..take]);
            writer.Advance(take);
            first += take;
        }

        return first;
    }

    private static long[] Starts(FileLayout layout)
    {
        var starts = new long[layout.Terms.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + layout.Terms[i - 1].Length;
        }

        return starts;
    }

    private int TermOf(long position)
    {
        var found = Array.BinarySearch(_starts, position);
        return found >= 0 ? found : ~found - 1;
    }

    private async ValueTask<(StoredXorb Xorb, IObjectReader Reader)> OpenAsync(long id, CancellationToken cancellationToken)
    {
        if (_open is { } open && open.Xorb.Id == id)
        {
            return open;
        }

        var xorb = await _xorbs.FindAsync(id, cancellationToken) ?? throw new FileNotFoundException($"xorb {id} of a stored file is not in the database");
        var reader = await _objects.OpenAsync(xorb.Object, cancellationToken) ?? throw _xorbs.Missing(xorb);
        _open?.Reader.Dispose();
        _open = (xorb, reader);
        return _open.Value;
    }
}
