using System.Buffers;
using System.Buffers.Binary;

namespace ModelGarden.Xet.Tests;

public sealed class ShardReaderTests
{
    // Records of the sound shard: header, file, three segments.
    private const int FirstFile = 48;
    private const int FirstSegment = 96;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Read_OfWrite_GivesTheSameShard(bool verified, bool claimed)
    {
        var shard = ShardSamples.Sound(verified, claimed);
        Assert.Equal(Text(shard), Text(ShardReader.Read(ShardSamples.Write(shard)).OrThrow()));
    }

    [Fact]
    public void Read_ShardCutBeforeItsSecondBookendEnds_IsRefused()
    {
        var bytes = ShardSamples.Write(ShardSamples.Sound());
        for (var length = 0; length < bytes.Length - 200; length++)
        {
            Assert.Equal("BAD_SHARD", ShardReader.Read(bytes.AsSpan(0, length)).Error?.Reason);
        }

        Assert.Null(ShardReader.Read(bytes.AsSpan(0, bytes.Length - 200)).Error);
    }

    [Theory]
    [InlineData(0, 1u, "does not begin with the tag")]
    [InlineData(32, 3u, "its version is 3")]
    [InlineData(FirstFile + 32, 0xE0000000, "flags e0000000")]
    [InlineData(FirstFile + 36, uint.MaxValue, "has 4294967295 segments and is cut off")]
    [InlineData(FirstFile + 36, 0u, "none and a hash of zeros go together")]
    [InlineData(FirstSegment + 36, 0u, "segment 0 has 0 bytes")]
    [InlineData(FirstSegment + 36, uint.MaxValue, "segment 0 has 4294967295 bytes")]
    [InlineData(FirstSegment + 36, 393_217u, "segment 0 has 393217 bytes")]
    [InlineData(FirstSegment + 40, 3u, "in the chunks 3 to 3")]
    [InlineData(FirstSegment + 40, uint.MaxValue, "in the chunks 4294967295 to 3")]
    [InlineData(FirstSegment + 44, 8193u, "in the chunks 0 to 8193")]
    public void Read_FieldOutsideTheRules_IsRefusedWithTheReason(int at, uint value, string reason) => AssertRefused(at, value, reason);

    [Theory]
    [InlineData(36, 0u, "has 0 chunks")]
    [InlineData(36, 8193u, "has 8193 chunks")]
    [InlineData(36, 8000u, "or is cut off")]
    [InlineData(40, 1u, "where its header says 1")]
    [InlineData(48 + 32, 1u, "chunk 0 begins at 1")]
    [InlineData(96 + 32, 0u, "chunk 1 begins at 0")]
    [InlineData(48 + 36, 0u, "with 0 bytes")]
    [InlineData(48 + 36, 131_073u, "with 131073 bytes")]
    public void Read_XorbOutsideTheRules_IsRefusedWithTheReason(int at, uint value, string reason)
    {
        var bytes = ShardSamples.Write(ShardSamples.Sound());
        AssertRefused((int)ShardFooter.Read(bytes).OrThrow().XorbSection + at, value, reason);
    }

    [Fact]
    public void Read_VerificationOnSomeFilesOnly_IsRefused()
    {
        var sound = ShardSamples.Sound();
        var mixed = sound with { Files = [sound.Files[0], sound.Files[2] with { Verification = null }] };
        Assert.Contains("verification hashes, unlike those before it", ShardReader.Read(ShardSamples.Write(mixed)).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongerThanTheLimit_IsRefused() =>
        Assert.Contains("67108864 are allowed", ShardReader.Read(new byte[XetLimits.Shard + 1]).Error?.Message, StringComparison.Ordinal);

    [Fact]
    public void ReadFooter_OutsideTheRules_IsRefused()
    {
        var bytes = ShardSamples.Write(ShardSamples.Sound());
        foreach (var field in new[] { 0, 16, 104, 112, 192 })
        {
            var changed = bytes.ToArray();
            BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(bytes.Length - 200 + field), ulong.MaxValue);
            Assert.Equal("BAD_SHARD", ShardFooter.Read(changed).Error?.Reason);
        }

        Assert.Equal("BAD_SHARD", ShardFooter.Read(bytes.AsSpan(0, 250)).Error?.Reason);
    }

    [Fact]
    public void WriteDedup_ThatHasExpired_IsABug() => Assert.Throws<ArgumentOutOfRangeException>(() =>
        ShardWriter.WriteDedup([], default, ShardSamples.Now, ShardSamples.Now, new ArrayBufferWriter<byte>()));

    [Fact]
    public void WriteDedup_WithoutAKey_LeavesHashesPlain()
    {
        var (shard, target) = (ShardSamples.Sound(), new ArrayBufferWriter<byte>());
        ShardWriter.WriteDedup(shard.Xorbs, default, ShardSamples.Now, ShardSamples.Now.AddDays(1), target);
        Assert.Equal(Text(shard with { Files = [] }), Text(ShardReader.Read(target.WrittenSpan).OrThrow()));
    }

    private static void AssertRefused(int at, uint value, string reason)
    {
        var bytes = ShardSamples.Write(ShardSamples.Sound());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
        var error = ShardReader.Read(bytes).Error;
        Assert.Equal("BAD_SHARD", error?.Reason);
        Assert.Contains(reason, error!.Message, StringComparison.Ordinal);
    }

    private static string Text(Shard shard) => string.Join('\n', shard.Files.Select(file =>
        $"{file.Hash} {file.Sha256} {string.Join(',', file.Segments)} {(file.Verification is null ? "-" : string.Join(',', file.Verification))}"))
        + string.Join('\n', shard.Xorbs.Select(xorb => $"{xorb.Hash} {xorb.SerializedLength} {string.Join(',', xorb.Chunks)}"));
}
