namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>
/// Reads ahead of reads that follow on one another: up to three blocks at once, each twice as long as the one before up to 8 MiB, so that reading a
/// header does not fetch a file. Other reads go straight to the source. Disposes the source.
/// </summary>
internal sealed class PrefetchingReader(IObjectReader source, ReadAheadBudget budget) : IObjectReader
{
    public const int LargestBlock = 8 << 20;
    private const int SmallestBlock = 256 << 10;
    private const int MostBlocks = 3;
    private readonly Queue<BlockAhead> _ahead = new();
    private readonly CancellationTokenSource _ending = new();
    private long _next = -1;
    private long _end;
    private int _size = SmallestBlock;
    private int _busy;

    public long Length => source.Length;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        // One at a time: of those who read at once, at most one reads in sequence here.
        if (buffer.Length is 0 || offset >= Length || Interlocked.Exchange(ref _busy, 1) is 1)
        {
            return await source.ReadAsync(buffer, offset, cancellationToken);
        }

        try
        {
            return await ReadInTurnAsync(buffer, offset, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    public Stream OpenStream() => ReaderStream.Open(new PrefetchingReader(new Borrowed(source), budget));

    public void Dispose()
    {
        _ending.Cancel();
        Forget();
        source.Dispose();
        _ending.Dispose();
    }

    private async ValueTask<int> ReadInTurnAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (offset == _next)
        {
            Extend(offset);
        }
        else
        {
            Forget();
        }

        var read = _ahead.TryPeek(out var block)
            ? await CopyAsync(block, buffer, offset, cancellationToken)
            : await source.ReadAsync(buffer, offset, cancellationToken);
        _next = offset + read;
        return read;
    }

    private async ValueTask<int> CopyAsync(BlockAhead block, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            var copied = await block.CopyAsync(buffer, offset, cancellationToken);
            if (offset + copied == block.End)
            {
                _ = _ahead.Dequeue().ReleaseAsync(budget);
            }

            return copied;
        }
        catch (IOException)
        {
            // The next try asks anew.
            Forget();
            throw;
        }
    }

    private void Extend(long offset)
    {
        _end = _ahead.Count is 0 ? offset : _end;
        while (_ahead.Count < MostBlocks && _end < Length)
        {
            var length = (int)Math.Min(_size, Length - _end);
            if (!budget.TryTake(length))
            {
                return;
            }

            _ahead.Enqueue(new(source, _end, length, _ending.Token));
            _end += length;
            _size = Math.Min(_size * 2, LargestBlock);
        }
    }

    private void Forget()
    {
        while (_ahead.TryDequeue(out var block))
        {
            _ = block.ReleaseAsync(budget);
        }

        (_next, _size) = (-1, SmallestBlock);
    }

    /// <summary>The source of another reader, which disposes it.</summary>
    private sealed class Borrowed(IObjectReader source) : IObjectReader
    {
        public long Length => source.Length;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) => source.ReadAsync(buffer, offset, cancellationToken);

        public Stream OpenStream() => source.OpenStream();

        public void Dispose()
        {
        }
    }
}
