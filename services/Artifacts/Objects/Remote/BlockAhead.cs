using System.Buffers;

namespace ModelGarden.Artifacts.Objects.Remote;

/// <summary>A block of an object that is being read before anyone has asked for it.</summary>
internal sealed class BlockAhead
{
    private readonly byte[] _bytes;
    private readonly Task _filled;

    public BlockAhead(IObjectReader source, long start, int length, CancellationToken ending)
    {
        (Start, Length) = (start, length);
        _bytes = ArrayPool<byte>.Shared.Rent(length);
        _filled = FillAsync(source, ending);
    }

    public long Start { get; }

    public int Length { get; }

    public long End => Start + Length;

    public async ValueTask<int> CopyAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        await _filled.WaitAsync(cancellationToken);
        var copied = (int)Math.Min(buffer.Length, End - offset);
        _bytes.AsMemory((int)(offset - Start), copied).CopyTo(buffer);
        return copied;
    }

    /// <summary>Gives the memory back once nothing is read into it any more.</summary>
    public async Task ReleaseAsync(ReadAheadBudget budget)
    {
        // Who needed the block has seen its failure; who did not, does not care.
        await _filled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ArrayPool<byte>.Shared.Return(_bytes);
        budget.Give(Length);
    }

    private async Task FillAsync(IObjectReader source, CancellationToken ending)
    {
        for (var filled = 0; filled < Length;)
        {
            var read = await source.ReadAsync(_bytes.AsMemory(filled, Length - filled), Start + filled, ending);
            filled += read > 0 ? read : throw new ObjectStoreException(StoreFault.Gone, "an object became shorter while it was read");
        }
    }
}
