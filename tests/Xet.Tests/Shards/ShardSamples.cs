using System.Buffers;
using ModelGarden.Kernel;

namespace ModelGarden.Xet.Tests;

/// <summary>Shards of known content.</summary>
internal static class ShardSamples
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static XetHash Hash(int n) => XetHashes.OfChunk(BitConverter.GetBytes(n));

    /// <summary>Files of several segments, one empty; xorbs of several chunks.</summary>
    public static Shard Sound(bool verified = true, bool claimed = true)
    {
        var xorbs = Enumerable.Range(0, 3).Select(n => XorbSamples.Build(Enumerable.Range(0, 4).Select(seed => Samples.Any(seed + n, 500))).Index).ToArray();
        ShardSegment[] segments = [new(xorbs[0].Hash, 1500, 0, 3), new(xorbs[2].Hash, 1000, 2, 4), new(xorbs[0].Hash, 500, 1, 2)];
        ShardFile[] files =
        [
            new(Hash(1), segments, verified ? [Hash(2), Hash(3), Hash(4)] : null, claimed ? Sha256Digest.Of([1]) : null),
            new(default, [], verified ? [] : null, claimed ? Sha256Digest.Of([]) : null),
            new(Hash(5), segments[..1], verified ? [Hash(6)] : null, claimed ? Sha256Digest.Of([2]) : null),
        ];
        return new(files, [.. xorbs.Select(ShardXorb.Of)]);
    }

    public static byte[] Write(Shard shard)
    {
        var target = new ArrayBufferWriter<byte>();
        ShardWriter.Write(shard, Now, target);
        return target.WrittenSpan.ToArray();
    }
}
