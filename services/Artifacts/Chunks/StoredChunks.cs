using System.Buffers;
using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>Reads a xorb's chunks as they are stored, and verifies each. Holds one at a time.</summary>
internal sealed class StoredChunks(StoredXorb xorb, IObjectReader reader) : IDisposable
{
    private readonly byte[] _stored = ArrayPool<byte>.Shared.Rent(ChunkHeader.Size + XetLimits.Payload);
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(XetLimits.Chunk);
    private readonly ChunkDecoder _decoder = new(atRest: true);

    /// <summary>Header and payload of the chunk that was read last.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>What is wrong with it; empty: nothing.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>False: it is damaged.</summary>
    public async ValueTask<bool> ReadAsync(int number, CancellationToken cancellationToken)
    {
        var stored = _stored.AsMemory(0, xorb.Index.StoredLength(number));
        Current = stored;
        try
        {
            Fault = await reader.FillAsync(stored, xorb.Index.Start(number), cancellationToken) ? FaultOf(xorb.Index.Chunks[number], stored.Span) ?? "" : "the object ends before it";
        }
        catch (IOException exception) when (exception is not ObjectStoreException)
        {
            // A disk that cannot read it: the next one may be as good as ever.
            Fault = exception.Message;
        }

        return Fault.Length is 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_stored);
        ArrayPool<byte>.Shared.Return(_bytes);
    }

    private string? FaultOf(Chunk chunk, ReadOnlySpan<byte> stored)
    {
        var bytes = _bytes.AsSpan(0, chunk.Length);
        return _decoder.Decode(stored, bytes, out var header) is { } fault ? fault.Message
            : header.Length != chunk.Length || XetHashes.OfChunk(bytes) != chunk.Hash ? "its bytes have another hash"
            : null;
    }
}
