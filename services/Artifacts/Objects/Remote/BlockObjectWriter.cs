namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>
/// Writes an object that fits one block in one request, and a longer one block by block, one on its way while the next one fills: at most two are in memory.
/// What differs between stores are the five requests.
/// </summary>
internal abstract class BlockObjectWriter : IObjectWriter
{
    /// <summary>Amazon's smallest is 5 MiB, and larger ones cost memory.</summary>
    public const int SmallestBlock = 8 << 20;
    private const int LargestBlock = 64 << 20;
    private const int BlocksOfOneSize = 1000;
    private const int MostBlocks = 10_000;
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _ending = new();
    private BlockBuffer _filling = new(SmallestBlock);
    private Task _sending = Task.CompletedTask;
    private int _blocks;
    private bool _begun;
    private bool _committed;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (bytes.Length > 0)
        {
            if (_filling.Room is 0)
            {
                // Only now, when more has come: an object of exactly one block still goes in one request.
                await SendAsync(cancellationToken);
            }

            var taken = Math.Min(bytes.Length, _filling.Room);
            _filling.Append(bytes.Span[..taken]);
            bytes = bytes[taken..];
        }
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_blocks is 0)
        {
            await PutWholeAsync(_filling, cancellationToken);
        }
        else
        {
            await SendAsync(cancellationToken);
            await _sending.WaitAsync(cancellationToken);
            await FinishAsync(cancellationToken);
        }

        _committed = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_begun && !_committed)
        {
            await AbortInTimeAsync();
        }

        if (_committed)
        {
            _filling.Return();
        }

        _ending.Dispose();
    }

    protected abstract Task PutWholeAsync(BlockBuffer bytes, CancellationToken cancellationToken);

    /// <summary>Before the first of several blocks.</summary>
    protected abstract Task BeginAsync(CancellationToken cancellationToken);

    /// <param name="number">From 1 on, one at a time.</param>
    /// <param name="bytes">The block.</param>
    /// <param name="cancellationToken">Cancelled when the writer is disposed.</param>
    protected abstract Task PutBlockAsync(int number, BlockBuffer bytes, CancellationToken cancellationToken);

    protected abstract Task FinishAsync(CancellationToken cancellationToken);

    /// <summary>Throws away what has been sent; what it leaves, a sweep takes.</summary>
    protected abstract Task AbortAsync(CancellationToken cancellationToken);

    /// <summary>Grows with the object, since stores limit the number of blocks: 10,000 hold 504 GiB.</summary>
    private static int SizeOf(int number) => (int)Math.Min(LargestBlock, (long)SmallestBlock << Math.Min((number - 1) / BlocksOfOneSize, 8));

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_blocks is MostBlocks)
        {
            throw new ObjectStoreException(StoreFault.Failed, "the object is longer than the 504 GiB that remote object stores take");
        }

        if (!_begun)
        {
            await BeginAsync(cancellationToken);
            _begun = true;
        }

        await _sending.WaitAsync(cancellationToken);
        _sending = SendAsync(++_blocks, _filling);
        _filling = new(SizeOf(_blocks + 1));
    }

    private async Task SendAsync(int number, BlockBuffer bytes)
    {
        await PutBlockAsync(number, bytes, _ending.Token);

        // Not when it failed: the request may not have noticed yet, and would send what somebody else puts there.
        bytes.Return();
    }

    private async Task AbortInTimeAsync()
    {
        using var patience = new CancellationTokenSource(AbortPatience);
        try
        {
            await AbortAsync(patience.Token);
        }
        catch (Exception exception) when (exception is ObjectStoreException or OperationCanceledException)
        {
            // Whoever disposes has a better reason to tell; the sweep takes what is left.
        }
    }
}
