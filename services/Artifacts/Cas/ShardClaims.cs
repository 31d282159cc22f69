using ModelGarden.Artifacts.Chunks;
using ModelGarden.Kernel;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Compares what a shard says of a xorb with the xorb that is stored, and says where they differ; not what is stored: whoever guesses learns nothing that he did not say himself.</summary>
internal static class ShardClaims
{
    public static Error? Check(ShardXorb claimed, StoredXorb stored)
    {
        if (claimed.Chunks.Count != stored.Index.Count)
        {
            return Lie(claimed, $"it has not {claimed.Chunks.Count} chunks");
        }

        for (var n = 0; n < claimed.Chunks.Count; n++)
        {
            // Where a chunk begins follows from the lengths before it, which the reader has added up.
            var (chunk, known) = (claimed.Chunks[n], stored.Index.Chunks[n]);
            if (chunk.Hash != known.Hash || chunk.Length != known.Length)
            {
                return Lie(claimed, $"its chunk {n} is another one");
            }
        }

        return null;
    }

    public static Error? Check(ShardFile file, int number, StoredXorb stored)
    {
        var (segment, index) = (file.Segments[number], stored.Index);
        if (segment.EndChunk > index.Count || index.UnpackedStart(segment.EndChunk) - index.UnpackedStart(segment.FirstChunk) != segment.Length)
        {
            return Lie(file, $"segment {number} has {segment.Length} bytes in chunks {segment.FirstChunk} to {segment.EndChunk} of xorb {segment.Xorb}, which the xorb has not");
        }

        return XetHashes.OfRange(index.Chunks[segment.FirstChunk..segment.EndChunk]) == file.Verification![number]
            ? null
            : Lie(file, $"the verification hash of segment {number} is not that of its chunks");
    }

    public static Error Lie(ShardFile file, string fault) => CasErrors.BadShard($"file {file.Hash}", fault);

    private static Error Lie(ShardXorb xorb, string fault) => CasErrors.BadShard($"xorb {xorb.Hash}", fault);
}
