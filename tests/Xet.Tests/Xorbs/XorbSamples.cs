using System.Buffers;

namespace ModelGarden.Xet.Tests;

/// <summary>Xorbs of known content.</summary>
internal static class XorbSamples
{
    /// <summary>A xorb of these chunks, and its index.</summary>
    public static (byte[] Bytes, XorbIndex Index) Build(IEnumerable<byte[]> chunks)
    {
        var target = new ArrayBufferWriter<byte>();
        var builder = new XorbBuilder(target, new());
        foreach (var chunk in chunks)
        {
            Assert.True(builder.TryAppend(new(XetHashes.OfChunk(chunk), chunk.Length), chunk));
        }

        return (target.WrittenSpan.ToArray(), builder.Complete());
    }

    /// <summary>A xorb with a chunk of every kind, about <paramref name="size"/> bytes each.</summary>
    public static (byte[] Bytes, XorbIndex Index) Mixed(int size) => Build(Enumerable.Range(0, 7).Select(seed => Samples.Any(seed, size + seed)));

    /// <summary>A chunk with a header of our making.</summary>
    public static byte[] Chunk(int payloadLength, int scheme, int length, byte[] payload, byte version = 0) =>
    [
        version, (byte)payloadLength, (byte)(payloadLength >> 8), (byte)(payloadLength >> 16), (byte)scheme,
        (byte)length, (byte)(length >> 8), (byte)(length >> 16), .. payload,
    ];
}
