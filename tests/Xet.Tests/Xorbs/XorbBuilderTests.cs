using System.Buffers;

namespace ModelGarden.Xet.Tests;

public sealed class XorbBuilderTests
{
    [Fact]
    public void Complete_SeveralXorbsInARow_AreEachReadAgain()
    {
        var target = new ArrayBufferWriter<byte>();
        var builder = new XorbBuilder(target, new());
        for (var seed = 0; seed < 12; seed++)
        {
            target.ResetWrittenCount();
            foreach (var size in new[] { 1, 100, 65_536, 131_072 })
            {
                var chunk = Samples.Any(seed, size);
                Assert.True(builder.TryAppend(new(XetHashes.OfChunk(chunk), chunk.Length), chunk));
            }

            var index = builder.Complete();

            Assert.Equal(index.ToBytes(), XorbReader.Read(target.WrittenSpan, index.Hash).OrThrow().ToBytes());
            Assert.Equal((4, 196_709, 0, 0), (index.Count, index.UnpackedLength, builder.Count, builder.Length));
        }
    }

    [Fact]
    public void TryAppend_BeyondTheLimitOfBytes_WritesNothing()
    {
        var target = new ArrayBufferWriter<byte>(XetLimits.XorbWritten);
        var builder = new XorbBuilder(target, new(EncodingLevel.None));
        var chunk = Samples.Random(1, XetLimits.Chunk);
        var named = new Chunk(XetHashes.OfChunk(chunk), chunk.Length);
        var count = 0;
        while (builder.TryAppend(named, chunk))
        {
            count++;
        }

        Assert.Equal((511, 511 * (XetLimits.Chunk + 8)), (count, target.WrittenCount));
        Assert.Equal(target.WrittenCount, builder.Complete().Length);
        Assert.True(builder.TryAppend(named, chunk));
    }

    [Fact]
    public void TryAppend_BeyondTheLimitOfChunks_WritesNothing()
    {
        var builder = new XorbBuilder(new ArrayBufferWriter<byte>(), new());
        for (var n = 0; n < XetLimits.XorbChunks; n++)
        {
            Assert.True(builder.TryAppend(new(XetHashes.OfChunk([1]), 1), [1]));
        }

        Assert.False(builder.TryAppend(new(XetHashes.OfChunk([1]), 1), [1]));
        Assert.Equal(XetLimits.XorbChunks, builder.Complete().Count);
    }

    [Fact]
    public void TryAppendEncoded_ChunksOfAnotherXorb_MovesThemAsTheyStand()
    {
        var (bytes, index) = XorbSamples.Mixed(5000);
        var target = new ArrayBufferWriter<byte>();
        var builder = new XorbBuilder(target, new());
        foreach (var n in new[] { 5, 2, 3 })
        {
            Assert.True(builder.TryAppendEncoded(index.Chunks[n], bytes.AsSpan(index.Start(n)..index.Start(n + 1))));
        }

        var moved = builder.Complete();

        Assert.Equal([index.Chunks[5], index.Chunks[2], index.Chunks[3]], moved.Chunks.ToArray());
        Assert.Null(XorbReader.Read(target.WrittenSpan, moved.Hash).Error);
        Assert.Throws<ArgumentException>(() => builder.TryAppendEncoded(index.Chunks[1], bytes));
    }

    [Fact]
    public void TryAppendEncoded_ChunksInPlanes_AreMovedAndEveryIndexKnowsWhichChunksAreRaw()
    {
        var (source, target) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var (builder, copy) = (new XorbBuilder(source, new(EncodingLevel.Planes)), new XorbBuilder(target, new()));
        foreach (var chunk in new[] { Samples.Random(1, 20_000), Samples.Floats(1, 20_000) })
        {
            Assert.True(builder.TryAppend(new(XetHashes.OfChunk(chunk), chunk.Length), chunk));
        }

        var index = builder.Complete();
        foreach (var n in new[] { 1, 0 })
        {
            Assert.True(copy.TryAppendEncoded(index.Chunks[n], source.WrittenSpan[index.Start(n)..index.Start(n + 1)]));
        }

        var moved = copy.Complete();
        var read = XorbIndex.Read(moved.Hash, moved.ToBytes()).OrThrow();
        Assert.Equal((true, false), (index.IsRaw(0), index.IsRaw(1)));
        Assert.Equal((false, true), (read.IsRaw(0), read.IsRaw(1)));
        Assert.Equal((20_000, 20_000), (read.Chunks[0].Length, read.Chunks[1].Length));
        Assert.NotNull(XorbReader.Read(target.WrittenSpan, moved.Hash).Error);
    }

    [Fact]
    public void Complete_WithoutAChunk_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => new XorbBuilder(new ArrayBufferWriter<byte>(), new()).Complete());
}
