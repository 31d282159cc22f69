using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Stores a file that comes in blocks: cut into chunks, of which only those are written that are in no xorb yet. What was written stays when the file is broken
/// off, so that it need not be written again; what nobody comes back for is collected.
/// </summary>
internal sealed class FileWriter(Xorbs xorbs, XorbWriters writers, string tenant, TimeProvider clock) : IAsyncDisposable
{
    private readonly ChunkSplitter _splitter = new();
    private readonly LayoutBuilder _layout = new();
    private readonly List<ReadOnlyMemory<byte>> _chunks = [];
    private readonly List<XetHash> _hashes = [];
    private XorbWriter? _open;
    private XorbWriter? _committing;

    // Still asked for chunks: what a block's chunks were looked up for in the database did not know of it.
    private XorbWriter? _committed;
    private Task _commit = Task.CompletedTask;
    private Run _run;
    private long _touched = clock.GetTimestamp();

    /// <summary>Takes the next block; it is free again when this is done.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        _chunks.Clear();
        _splitter.Split(block, _chunks);
        await StoreAsync(cancellationToken);
    }

    /// <summary>What the file is made of, when all of it is on the disk.</summary>
    public async Task<FileLayout> FinishAsync(CancellationToken cancellationToken)
    {
        _chunks.Clear();
        if (_splitter.Rest is { IsEmpty: false } rest)
        {
            _chunks.Add(rest);
        }

        await StoreAsync(cancellationToken);
        await CloseAsync(cancellationToken);
        await _commit;
        return _layout.Build();
    }

    public async ValueTask DisposeAsync()
    {
        // How it ended was said where it was waited for, or is overtaken by what ends us.
        await _commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var writer in new[] { _open, _committing })
        {
            if (writer is not null)
            {
                await writer.DisposeAsync();
            }
        }

        _splitter.Dispose();
    }

    private async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        await KeepAsync(cancellationToken);
        Hash();
        if (_run.Xorb is { } xorbOfRun && !await xorbs.TouchAsync(xorbOfRun, cancellationToken))
        {
            _run = default;
        }

        var found = await xorbs.LocateAsync(Unknown(), cancellationToken);
        for (var i = 0; i < _chunks.Count; i++)
        {
            var (hash, length) = (_hashes[i], _chunks[i].Length);
            if (Placed(hash, found) is var (xorb, number))
            {
                _layout.Add(hash, length, xorb, number);
            }
            else
            {
                await AppendAsync(hash, _chunks[i], cancellationToken);
            }
        }
    }

    /// <summary>A file that comes slowly is longer under way than what nobody needs is kept.</summary>
    private async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(_touched) > Chunks.Xorbs.TouchEvery)
        {
            await xorbs.TouchAsync(_layout.Xorbs, cancellationToken);
            _touched = clock.GetTimestamp();
        }
    }

    private void Hash()
    {
        _hashes.Clear();
        foreach (var chunk in _chunks)
        {
            _hashes.Add(XetHashes.OfChunk(chunk.Span));
        }
    }

    /// <summary>Those that neither go on where the file was found to be an old one, nor are in what is being written.</summary>
    private HashSet<XetHash> Unknown()
    {
        var run = _run;
        return [.. _hashes.SkipWhile(hash => run.GoesOnWith(hash)).Where(hash => Written(hash) is null)];
    }

    private (XorbReference Xorb, int Number)? Placed(XetHash hash, IReadOnlyDictionary<XetHash, ChunkPlace> found)
    {
        if (_run.GoesOnWith(hash))
        {
            return (_run.Reference!, _run.Number);
        }

        if (Written(hash) is { } written)
        {
            return written;
        }

        if (!found.TryGetValue(hash, out var place))
        {
            return null;
        }

        _run = new(place);
        return (_run.Reference!, place.Number);
    }

    private (XorbReference Xorb, int Number)? Written(XetHash hash) => _open?.Find(hash) ?? _committing?.Find(hash) ?? _committed?.Find(hash);

    private async ValueTask AppendAsync(XetHash hash, ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        var number = _open?.Append(hash, chunk.Span);
        if (number is null)
        {
            await CloseAsync(cancellationToken);
            _open = await writers.CreateAsync(tenant, cancellationToken);
            number = _open.Append(hash, chunk.Span)!;
        }

        _layout.Add(hash, chunk.Length, _open!.Reference, number.Value);
        await _open.FlushAsync(all: false, cancellationToken);
    }

    /// <summary>One xorb is flushed to the disk while the next one is written.</summary>
    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _commit;
        if (_committing is not null)
        {
            await _committing.DisposeAsync();
        }

        (_committed, _committing, _open) = (_committing, _open, null);
        _commit = _committing?.CommitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>A file that is stored already, in whole or in part: its next chunk is most likely the next one there.</summary>
    private struct Run(ChunkPlace place)
    {
        public StoredXorb? Xorb { get; } = place.Xorb;

        public XorbReference? Reference { get; } = new() { Id = place.Xorb.Id };

        public int Number { get; private set; } = place.Number;

        public bool GoesOnWith(XetHash hash)
        {
            if (Xorb is null || Number + 1 >= Xorb.Index.Count || Xorb.Index.Chunks[Number + 1].Hash != hash)
            {
                return false;
            }

            Number++;
            return true;
        }
    }
}
