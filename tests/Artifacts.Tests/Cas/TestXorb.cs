using System.Buffers;
using System.Buffers.Binary;
using ModelGarden.Xet;

namespace ModelGarden.Artifacts.Tests.Cas;

/// <summary>A xorb as a client makes it.</summary>
internal sealed record TestXorb(byte[] Body, XorbIndex Index, IReadOnlyList<byte[]> Chunks)
{
    public XetHash Hash => Index.Hash;

    public string Path => $"/v1/xorbs/default/{Hash}";

    public static TestXorb Of(params IReadOnlyList<byte[]> chunks) => Of(EncodingLevel.Balanced, chunks);

    public static TestXorb Of(EncodingLevel level, IReadOnlyList<byte[]> chunks)
    {
        var target = new ArrayBufferWriter<byte>();
        var builder = new XorbBuilder(target, new(level));
        foreach (var chunk in chunks)
        {
            Assert.True(builder.TryAppend(new(XetHashes.OfChunk(chunk), chunk.Length), chunk));
        }

        return new(target.WrittenSpan.ToArray(), builder.Complete(), chunks);
    }

    /// <summary>A xorb of a whole file, cut as the format says.</summary>
    public static TestXorb OfFile(byte[] file)
    {
        var (chunker, chunks) = (new GearChunker(), new List<byte[]>());
        for (var start = 0; start < file.Length;)
        {
            chunker.Reset();
            var length = chunker.Scan(file.AsSpan(start), out _);
            chunks.Add(file[start..(start + length)]);
            start += length;
        }

        return Of([.. chunks]);
    }

    /// <summary>A xorb of so many chunks of so many bytes, every second one compressible.</summary>
    public static TestXorb Any(int seed, int count = 4, int length = 3000) => Of(
        [.. Enumerable.Range(0, count).Select(n => n % 2 is 0 ? ArtifactsGarden.Bytes(length + n, (seed * 1000) + n) : [.. Enumerable.Repeat((byte)(seed + n), length), (byte)seed])]);

    /// <summary>What its chunks take when they are sent as they are.</summary>
    public long SentLength => Chunks.Sum(chunk => (long)ChunkHeader.Size + chunk.Length);

    /// <summary>A footer as clients once sent it (version 0).</summary>
    public byte[] Footer()
    {
        var footer = new ArrayBufferWriter<byte>();
        footer.Write("XETBLOB\0"u8);
        footer.Write(Hash.ToArray());
        Word(footer, Index.Count);
        for (var n = 1; n <= Index.Count; n++)
        {
            Word(footer, Index.Start(n));
        }

        foreach (var chunk in Index.Chunks)
        {
            footer.Write(chunk.Hash.ToArray());
        }

        footer.Write(new byte[16]);
        Word(footer, footer.WrittenCount);
        return footer.WrittenSpan.ToArray();
    }

    private static void Word(ArrayBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(4), value);
        target.Advance(4);
    }
}
