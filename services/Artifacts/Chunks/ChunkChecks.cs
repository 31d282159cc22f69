using ModelGarden.Artifacts.Objects;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Verifies chunks as they are read: all of them from a store at the other end of a network, one in 32 from this machine's disk, whose own checks and the scrub do
/// the rest.
/// </summary>
internal sealed partial class ChunkChecks(IObjectStore objects, XorbFaults faults, ArtifactsMetrics metrics, ILogger<ChunkChecks> logger)
{
    private const uint Sample = 32;
    private uint _reads;

    /// <summary>Whether the chunk that is read next is one to be verified.</summary>
    public bool IsDue() => objects.IsRemote || Interlocked.Increment(ref _reads) % Sample is 0;

    /// <summary>Throws when the bytes of a chunk are not the ones that were stored.</summary>
    public void Verify(StoredXorb xorb, int number, ReadOnlySpan<byte> bytes)
    {
        if (XetHashes.OfChunk(bytes) != xorb.Index.Chunks[number].Hash)
        {
            throw Damaged(xorb, number, "its bytes have another hash");
        }
    }

    /// <summary>To be thrown: a chunk that cannot be read.</summary>
    public IOException Damaged(StoredXorb xorb, int number, string how)
    {
        metrics.FoundDamaged();
        LogDamaged(number, xorb.Hash.ToString(), xorb.Object.Value, how);
        faults.Report(xorb, $"chunk {number}: {how}");
        return new InvalidChunkException($"chunk {number} of xorb {xorb.Hash} is damaged: {how}");
    }

    [LoggerMessage(541, LogLevel.Critical, "chunk {Number} of xorb {Xorb} (object {Object}) is damaged: {How}")]
    private partial void LogDamaged(int number, string xorb, string @object, string how);
}

/// <summary>Stored bytes are not what they were.</summary>
internal sealed class InvalidChunkException(string message) : IOException(message);
