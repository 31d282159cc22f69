using System.Buffers;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Cuts a file that comes in blocks into its chunks. Only a chunk that spans blocks is copied.</summary>
internal sealed class ChunkSplitter : IDisposable
{
    private readonly GearChunker _chunker = new();

    // Two, for a completed chunk is still in use when the next one begins to be carried.
    private byte[] _carry = ArrayPool<byte>.Shared.Rent(GearChunker.MaximumLength);
    private byte[] _completed = ArrayPool<byte>.Shared.Rent(GearChunker.MaximumLength);
    private int _carried;

    /// <summary>The file's last chunk, when all blocks have come; empty: there is none.</summary>
    public ReadOnlyMemory<byte> Rest => _carry.AsMemory(0, _carried);

    /// <summary>Adds the chunks that end in this block; they are good as long as the block, and until the next one comes.</summary>
    public void Split(ReadOnlyMemory<byte> block, List<ReadOnlyMemory<byte>> chunks)
    {
        while (!block.IsEmpty)
        {
            var length = _chunker.Scan(block.Span, out var ended);
            if (ended && _carried is 0)
            {
                chunks.Add(block[..length]);
            }
            else
            {
                Carry(block[..length]);
                if (ended)
                {
                    chunks.Add(Complete());
                }
            }

            block = block[length..];
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_carry);
        ArrayPool<byte>.Shared.Return(_completed);
    }

    private void Carry(ReadOnlyMemory<byte> bytes)
    {
        bytes.CopyTo(_carry.AsMemory(_carried));
        _carried += bytes.Length;
    }

    private ReadOnlyMemory<byte> Complete()
    {
        (_carry, _completed) = (_completed, _carry);
        var chunk = _completed.AsMemory(0, _carried);
        _carried = 0;
        return chunk;
    }
}
