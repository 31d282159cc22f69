using System.Buffers;
using System.IO.Pipelines;
using ModelGarden.Artifacts.Downloads;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

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
    private readonly OpenXorbs _objects;
    private readonly ChunkChecks _checks;
    private readonly Func<CancellationToken, ValueTask<FileLayout?>>? _reload;
    private FileLayout _layout;
    private long[] _starts;
    private (StoredXorb Xorb, IObjectReader Reader)? _open;

    /// <param name="layout">What the file is made of.</param>
    /// <param name="xorbs">Finds its xorbs.</param>
    /// <param name="objects">Opens them.</param>
    /// <param name="checks">Verify what is read.</param>
    /// <param name="reload">The layout as it is now, past any cache; null: the file is not stored yet.</param>
    public FileReader(FileLayout layout, Xorbs xorbs, OpenXorbs objects, ChunkChecks checks, Func<CancellationToken, ValueTask<FileLayout?>>? reload)
    {
        (_layout, _starts, _xorbs, _objects, _checks, _reload) = (layout, Starts(layout), xorbs, objects, checks, reload);
    }

    public long Length => _layout.Size;

    public async Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        while (first <= last)
        {
            first = await CopySomeAsync(first, last, writer, cancellationToken);
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
            {
                // The client has gone: the server aborts the request by itself.
                return;
            }
        }
    }

    private async ValueTask<long> CopySomeAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        if (!_objects.IsRemote && await FindAsync(first, cancellationToken) is var found && found.Xorb.Index.IsRaw(found.Number))
        {
            return await CopyRawAsync(found, first, last, writer, cancellationToken);
        }

        using var run = await ReadAsync(first, last, cancellationToken);
        return Write(run, first, last, writer);
    }

    /// <summary>Chunks that are stored as they are go to their reader without a detour, and no more of them is read than was asked for.</summary>
    private async ValueTask<long> CopyRawAsync(Found found, long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        var position = first;
        for (var number = found.Number; number < found.End && position <= last && position - first < ReadSize && found.Xorb.Index.IsRaw(number); number++)
        {
            var skip = (int)(position - found.StartOf(number));
            var take = (int)Math.Min(found.Xorb.Index.Chunks[number].Length - skip, last - position + 1);
            await ReadRawAsync(found, number, skip, writer.GetMemory(take)[..take], cancellationToken);
            writer.Advance(take);
            position += take;
        }

        return position;
    }

    private async ValueTask ReadRawAsync(Found found, int number, int skip, Memory<byte> target, CancellationToken cancellationToken)
    {
        var payload = found.Xorb.Index.Start(number) + ChunkHeader.Size;
        if (!_checks.IsDue())
        {
            await FillAsync(found, number, target, payload + skip, cancellationToken);
            return;
        }

        var whole = ArrayPool<byte>.Shared.Rent(XetLimits.Chunk);
        var chunk = whole.AsMemory(0, found.Xorb.Index.Chunks[number].Length);
        try
        {
            await FillAsync(found, number, chunk, payload, cancellationToken);
            _checks.Verify(found.Xorb, number, chunk.Span);
            chunk.Slice(skip, target.Length).CopyTo(target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private async ValueTask FillAsync(Found found, int number, Memory<byte> target, long offset, CancellationToken cancellationToken)
    {
        if (!await found.Reader.FillAsync(target, offset, cancellationToken))
        {
            throw _checks.Damaged(found.Xorb, number, "the object ends before it, or before chunks that were read with it");
        }
    }

    /// <summary>The chunks from the one that holds <paramref name="position"/> on, as many as one read brings and <paramref name="last"/> needs.</summary>
    public async ValueTask<ChunkRun> ReadAsync(long position, long last, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(await FindAsync(position, cancellationToken), last, cancellationToken);
        }
        catch (ObjectStoreException exception) when (exception.Fault is StoreFault.Gone && _reload is not null)
        {
            // A folder's object can be read to its end once it is open, a remote store's cannot.
            await ReloadAsync(_reload, cancellationToken);
            return await ReadAsync(await FindOnceAsync(position, cancellationToken), last, cancellationToken);
        }
    }

    private async ValueTask<ChunkRun> ReadAsync(Found found, long last, CancellationToken cancellationToken)
    {
        var (index, first) = (found.Xorb.Index, found.Number);
        var end = first + 1;
        for (; end < found.End && index.Start(end + 1) - index.Start(first) <= ReadSize && found.StartOf(end) <= last; end++)
        {
        }

        var stored = ArrayPool<byte>.Shared.Rent(index.Start(end) - index.Start(first));
        var run = new ChunkRun(found.Xorb, first, end, found.Start, stored, _checks);
        try
        {
            await FillAsync(found, first, run.Stored, index.Start(first), cancellationToken);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    public Stream OpenStream() => new FileReaderStream(this);

    public void Dispose()
    {
        _open?.Reader.Dispose();
        _open = null;
    }

    /// <summary>Where the chunk is that holds a byte, as the file is made now.</summary>
    private async ValueTask<Found> FindAsync(long position, CancellationToken cancellationToken)
    {
        try
        {
            return await FindOnceAsync(position, cancellationToken);
        }
        catch (FileNotFoundException) when (_reload is not null)
        {
            await ReloadAsync(_reload, cancellationToken);
            return await FindOnceAsync(position, cancellationToken);
        }
    }

    private async ValueTask ReloadAsync(Func<CancellationToken, ValueTask<FileLayout?>> reload, CancellationToken cancellationToken)
    {
        Dispose();
        _xorbs.Forget(_layout.Xorbs);
        _layout = await reload(cancellationToken) ?? throw new FileNotFoundException($"file {_layout.Hash} was deleted while it was read");
        _starts = Starts(_layout);
    }

    private async ValueTask<Found> FindOnceAsync(long position, CancellationToken cancellationToken)
    {
        var number = TermOf(position);
        var term = _layout.Terms[number];
        var (xorb, reader) = await OpenAsync(term.Xorb, cancellationToken);
        var origin = xorb.Index.UnpackedStart(term.First);
        var chunk = xorb.Index.ChunkAt(origin + (int)(position - _starts[number]));
        return new(xorb, reader, chunk, term.End, _starts[number] + xorb.Index.UnpackedStart(chunk) - origin);
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

    /// <param name="Xorb">Which xorb has the chunk.</param>
    /// <param name="Reader">Reads it.</param>
    /// <param name="Number">Of the chunk in it.</param>
    /// <param name="End">Behind the last one there that follows on it in the file too.</param>
    /// <param name="Start">Of the chunk in the file.</param>
    private readonly record struct Found(StoredXorb Xorb, IObjectReader Reader, int Number, int End, long Start)
    {
        public long StartOf(int number) => Start + Xorb.Index.UnpackedStart(number) - Xorb.Index.UnpackedStart(Number);
    }
}
