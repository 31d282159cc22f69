namespace ModelGarden.Xet.Tests;

public sealed class XorbReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(4096)]
    [InlineData(100_000)]
    [InlineData(int.MaxValue)]
    public void Append_InBlocksOfAnyLength_GivesTheSameIndex(int block)
    {
        var (bytes, expected) = XorbSamples.Mixed(20_000);
        foreach (var footer in new[] { [], XorbFooter.Version0(expected), XorbFooter.Version1(expected), [.. XorbFooter.Tag, 9, 1, 2, 3], [.. XorbFooter.Tag, 9] })
        {
            using var reader = new XorbReader();
            foreach (var part in new byte[][] { [.. bytes, .. footer] }.SelectMany(all => all.Chunk(block)))
            {
                Assert.Null(reader.Append(part));
            }

            var index = reader.Complete(expected.Hash).OrThrow();
            Assert.Equal(expected.ToBytes(), index.ToBytes());
            Assert.Equal(bytes.Length, reader.BodyLength);
        }
    }

    [Fact]
    public void Read_LongestFooterInOneBlock_IsChecked()
    {
        var (bytes, index) = XorbSamples.Build(Enumerable.Range(0, XetLimits.XorbChunks).Select(n => BitConverter.GetBytes(n)));
        var footer = XorbFooter.Version1(index);
        Assert.Equal(XorbFooter.MaximumLength, footer.Length);

        Assert.Null(XorbReader.Read([.. bytes, .. footer], index.Hash).Error);
        AssertRefused("footer is longer", [.. bytes, .. footer, 0], index.Hash);
    }

    [Fact]
    public void Read_FooterThatContradicts_IsRefusedWhereverItDoes()
    {
        var (bytes, index) = XorbSamples.Mixed(300);
        foreach (var footer in new[] { XorbFooter.Version0(index), XorbFooter.Version1(index) })
        {
            for (var at = 8; at < footer.Length; at++)
            {
                byte[] changed = [.. bytes, .. footer];
                changed[bytes.Length + at] ^= 0x40;
                var isNonce = at >= footer.Length - 20 && at < footer.Length - 4;
                Assert.Equal(isNonce ? null : "BAD_XORB", XorbReader.Read(changed, index.Hash).Error?.Reason);
            }

            AssertRefused("footer is wrong", [.. bytes, .. footer[..^1]], index.Hash);
            AssertRefused("footer is wrong", [.. bytes, .. footer, 0], index.Hash);
        }
    }

    [Fact]
    public void Read_XorbCutAnywhere_IsRefused()
    {
        var (bytes, index) = XorbSamples.Mixed(150);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.NotNull(XorbReader.Read(bytes.AsSpan(0, length), index.Hash).Error);
        }
    }

    [Fact]
    public void Read_AnyBitChanged_IsRefusedOrMeansTheSame()
    {
        var (bytes, index) = XorbSamples.Mixed(150);
        var refused = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 4;
            var read = XorbReader.Read(bytes, index.Hash);
            refused += read.Error is null ? 0 : 1;
            Assert.Equal(index.Chunks.ToArray(), read.Error is null ? read.Value.Chunks.ToArray() : index.Chunks.ToArray());
            bytes[at] ^= 4;
        }

        // A match in a run of one byte may come from anywhere in the run.
        Assert.InRange(refused, bytes.Length - 20, bytes.Length);
    }

    [Fact]
    public void Read_AnotherHash_IsRefused()
    {
        var (bytes, index) = XorbSamples.Mixed(100);
        var error = XorbReader.Read(bytes, XetHashes.OfChunk([1])).Error;
        Assert.Equal("XORB_HASH_MISMATCH", error?.Reason);
        Assert.Contains(index.Hash.ToString(), error!.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> BadChunks => new()
    {
        { "version 1 where 0 is expected", XorbSamples.Chunk(1, 0, 1, [1], version: 1) },
        { "scheme is 3", XorbSamples.Chunk(1, 3, 1, [1]) },
        { "scheme is 99", XorbSamples.Chunk(1, 99, 1, [1]) },
        { "uncompressed length is 0", XorbSamples.Chunk(1, 0, 0, [1]) },
        { "uncompressed length is 131073", XorbSamples.Chunk(15, 1, 131_073, new byte[15]) },
        { "payload has 0 bytes", XorbSamples.Chunk(0, 1, 1, []) },
        { "payload has 262145 bytes", XorbSamples.Chunk(262_145, 1, 1, []) },
        { "payload has 2 bytes and it 1", XorbSamples.Chunk(2, 0, 1, [1, 2]) },
        { "does not begin with the magic number", XorbSamples.Chunk(9, 1, 9, new byte[9]) },
        { "does not begin with the magic number", XorbSamples.Chunk(9, 2, 9, new byte[9]) },
        { "it ends 9 bytes into this chunk", XorbSamples.Chunk(2, 0, 2, [1]) },
        { "it ends 7 bytes into this chunk", XorbSamples.Chunk(2, 0, 2, [1])[..7] },
    };

    [Theory]
    [MemberData(nameof(BadChunks))]
    public void Read_BadSecondChunk_IsRefusedWithPlaceAndReason(string reason, byte[] chunk)
    {
        byte[] xorb = [.. XorbSamples.Chunk(3, 0, 3, [1, 2, 3]), .. chunk];
        AssertRefused(reason, xorb, default);
        AssertRefused("chunk 1, byte 11", xorb, default);
    }

    [Fact]
    public void Read_NoChunks_IsRefused()
    {
        AssertRefused("no chunks", [], default);
        AssertRefused("no chunks", [.. XorbFooter.Tag, 1, 0, 0], default);
    }

    [Fact]
    public void Read_TooManyChunks_IsRefused()
    {
        byte[] xorb = [.. Enumerable.Repeat(XorbSamples.Chunk(1, 0, 1, [7]), XetLimits.XorbChunks + 1).SelectMany(chunk => chunk)];
        AssertRefused("more than 8192 chunks", xorb, default);
        Assert.Equal("XORB_HASH_MISMATCH", XorbReader.Read(xorb.AsSpan(0, xorb.Length - 9), default).Error?.Reason);
    }

    [Fact]
    public void Read_LongestIncompressibleXorb_IsTakenAndOneMoreIsNot()
    {
        var chunk = Samples.Random(1, XetLimits.Chunk);
        var physical = XorbSamples.Chunk(chunk.Length, 0, chunk.Length, chunk);
        using var reader = new XorbReader();
        for (var n = 0; n < 512; n++)
        {
            Assert.Null(reader.Append(physical));
        }

        Assert.Contains("longer than 67174400", reader.Append(physical)?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_AfterARefusal_StaysRefused()
    {
        var (bytes, index) = XorbSamples.Mixed(100);
        using var reader = new XorbReader();
        var refusal = reader.Append([9, 9, 9, 9, 9, 9, 9, 9]);
        Assert.NotNull(refusal);
        Assert.Same(refusal, reader.Append(bytes));
        Assert.Same(refusal, reader.Complete(index.Hash).Error);
    }

    [Fact]
    public void Append_ManyChunks_HoldsOneOfThem()
    {
        var chunk = Samples.Floats(1, 100_000);
        var (bytes, _) = XorbSamples.Build([chunk]);
        using var reader = new XorbReader();
        reader.Append(bytes);
        var hashing = Allocated(() => XetHashes.OfChunk(chunk));

        var reading = Allocated(() =>
        {
            Assert.Null(reader.Append(bytes.AsSpan(0, 50_000)));
            Assert.Null(reader.Append(bytes.AsSpan(50_000)));
        });

        Assert.InRange(reading - hashing, 0, 100_000);
    }

    // In a debug build generic hashing allocates: what is measured is what comes on top.
    private static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 100; n++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void AssertRefused(string reason, byte[] xorb, XetHash hash)
    {
        var error = XorbReader.Read(xorb, hash).Error;
        Assert.Equal("BAD_XORB", error?.Reason);
        Assert.Contains(reason, error!.Message, StringComparison.Ordinal);
    }
}
