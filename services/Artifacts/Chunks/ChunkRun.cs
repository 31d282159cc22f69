using System.Buffers;
using Microsoft.Extensions.ObjectPool;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Successive chunks of a file as they are stored, read at once.</summary>
internal sealed class ChunkRun(StoredXorb xorb, int first, int end, long start, byte[] buffer, ChunkChecks checks) : IDisposable
{
    private static readonly ObjectPool<ChunkDecoder> Decoders = new DefaultObjectPool<ChunkDecoder>(new DecoderPolicy());
    private readonly XorbIndex _index = xorb.Index;

    public int First => first;

    /// <summary>Behind the last one.</summary>
    public int End => end;

    public Memory<byte> Stored => buffer.AsMemory(0, _index.Start(end) - _index.Start(first));

    /// <summary>Where in the file a chunk begins.</summary>
    public long StartOf(int number) => start + _index.UnpackedStart(number) - _index.UnpackedStart(first);

    public int LengthOf(int number) => _index.Chunks[number].Length;

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
        var stored = buffer.AsSpan(_index.Start(number) - _index.Start(first), _index.StoredLength(number));
        var decoder = Decoders.Get();
        var fault = decoder.Decode(stored, destination, out var header);
        Decoders.Return(decoder);
        if (fault is not null || header.Length != destination.Length)
        {
            throw checks.Damaged(xorb, number, fault?.Message ?? $"it has {header.Length} bytes where {destination.Length} were stored");
        }

        if (checks.IsDue())
        {
            checks.Verify(xorb, number, destination);
        }
    }

    private sealed class DecoderPolicy : PooledObjectPolicy<ChunkDecoder>
    {
        public override ChunkDecoder Create() => new(atRest: true);

        public override bool Return(ChunkDecoder obj) => true;
    }
}
