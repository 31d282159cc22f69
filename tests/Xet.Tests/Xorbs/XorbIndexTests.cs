using System.Buffers.Binary;

namespace ModelGarden.Xet.Tests;

public sealed class XorbIndexTests
{
    [Fact]
    public void Read_OfToBytes_GivesTheSameIndex()
    {
        var (_, index) = XorbSamples.Mixed(1000);
        var bytes = index.ToBytes();

        var read = XorbIndex.Read(index.Hash, bytes).OrThrow();

        Assert.Equal(8 + (40 * 7), bytes.Length);
        Assert.Equal(index.Chunks.ToArray(), read.Chunks.ToArray());
        Assert.Equal((index.Hash, index.Length, index.UnpackedLength), (read.Hash, read.Length, read.UnpackedLength));
        Assert.Equal(Enumerable.Range(0, 8).Select(index.Start), Enumerable.Range(0, 8).Select(read.Start));
    }

    [Fact]
    public void Read_OfTheVersionBefore_TakesNoChunkForRaw()
    {
        var (_, index) = XorbSamples.Mixed(1000);
        var bytes = index.ToBytes();
        bytes[0] = 1;

        var read = XorbIndex.Read(index.Hash, bytes).OrThrow();

        Assert.Contains(Enumerable.Range(0, index.Count), index.IsRaw);
        Assert.DoesNotContain(Enumerable.Range(0, read.Count), read.IsRaw);
        Assert.Equal(index.Chunks.ToArray(), read.Chunks.ToArray());
    }

    [Fact]
    public void ChunkAt_EveryByte_IsTheChunkThatHoldsIt()
    {
        var (_, index) = XorbSamples.Mixed(100);
        for (var chunk = 0; chunk < index.Count; chunk++)
        {
            for (var at = index.UnpackedStart(chunk); at < index.UnpackedStart(chunk + 1); at++)
            {
                Assert.Equal(chunk, index.ChunkAt(at));
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => index.ChunkAt(index.UnpackedLength));
    }

    [Fact]
    public void Read_DamagedAnywhere_IsRefused()
    {
        var (_, index) = XorbSamples.Mixed(100);
        var bytes = index.ToBytes();
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            Assert.Equal("BAD_XORB_INDEX", XorbIndex.Read(index.Hash, bytes).Error?.Reason);
            bytes[at] ^= 1;
            Assert.NotNull(XorbIndex.Read(index.Hash, bytes.AsSpan(0, at)).Error);
        }
    }

    [Theory]
    [InlineData(0, 10, 3, 20)]
    [InlineData(131_073, 10, 3, 20)]
    [InlineData(3, 8, 3, 20)]
    [InlineData(3, 20, 3, 20)]
    [InlineData(3, 20, 3, -1)]
    [InlineData(-1, 20, 3, 40)]
    [InlineData(3, 20, 3, 67_174_401)]
    public void Read_ImpossibleEntriesWithARightChecksum_AreRefused(int length, int end, int secondLength, int secondEnd)
    {
        var bytes = new byte[88];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(44), end);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(80), secondLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(84), secondEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), XxHash32.Hash(bytes.AsSpan(8)));

        Assert.Contains(" bytes and reaches from ", XorbIndex.Read(default, bytes).Error?.Message, StringComparison.Ordinal);
    }
}
