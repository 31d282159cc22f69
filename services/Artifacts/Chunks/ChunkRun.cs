using System.Buffers;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Successive chunks of a file as they are stored, read at once.</summary>
internal sealed class ChunkRun(StoredXorb xorb, int first, int end, long start, byte[] buffer, ChunkChecks checks) : IDisposable
{
    private readonly XorbIndex _index = xorb.Index;

    public int First => first;

    /// <summary>Behind the last one.</summary>
    public int End => end;

    public Memory<byte> Stored => buffer.AsMemory(0, (int)(_index.StoredEndOf(end - 1) - _index.StoredStartOf(first)));

    /// <summary>Where in the file a chunk begins.</summary>
    public long StartOf(int number) => start + _index.StartOf(number) - _index.StartOf(first);

    public int LengthOf(int number) => _index.LengthOf(number);

    /// <summary>A part of a chunk's own bytes.</summary>
    public void Decode(int number, int skip, Span<byte> destination)
    {
        if (skip is 0 && destination.Length == LengthOf(number))
        {
            Decode(number, destination);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(LengthOf(number));
        var whole = rented.AsSpan(0, LengthOf(number));
        Decode(number, whole);
        whole.Slice(skip, destination.Length).CopyTo(destination);
        ArrayPool<byte>.Shared.Return(rented);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private void Decode(int number, Span<byte> destination)
    {
        var from = (int)(_index.StoredStartOf(number) - _index.StoredStartOf(first));
        var to = (int)(_index.StoredEndOf(number) - _index.StoredStartOf(first));
        if (ChunkDecoder.Decode(buffer.AsSpan(from..to), destination).Error is { } error)
        {
            throw checks.Damaged(xorb, number, error.Message);
        }

        checks.Check(xorb, number, destination);
    }
}
