using System.Buffers.Binary;
using System.Text;

namespace ModelGarden.Xet.Tests;

public sealed class Lz4FrameTests
{
    private static readonly byte[] Fox = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the quick brown fox ", 3500)));

    public static TheoryData<string> Frames => [.. XetVectors.Lz4["frames"]!.AsArray().Select(frame => (string)frame!["name"]!)];

    [Theory]
    [MemberData(nameof(Frames))]
    public void Decode_FrameOfTheReferenceProgram_GivesTheContent(string name)
    {
        var output = new byte[Fox.Length];
        Assert.Null(Lz4Frame.Decode(Frame(name), output));
        Assert.Equal(Fox, output);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Decode_ForAnotherLength_IsRefused(string name)
    {
        Assert.NotNull(Lz4Frame.Decode(Frame(name), new byte[Fox.Length - 1]));
        Assert.NotNull(Lz4Frame.Decode(Frame(name), new byte[Fox.Length + 1]));
        Assert.NotNull(Lz4Frame.Decode(Frame(name), []));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Decode_FrameCutOrContinuedAnywhere_IsRefused(string name)
    {
        var (frame, output) = (Frame(name), new byte[Fox.Length]);
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.NotNull(Lz4Frame.Decode(frame.AsSpan(0, length), output));
        }

        Assert.NotNull(Lz4Frame.Decode([.. frame, 0], output));
    }

    [Theory]
    [InlineData("content checksum")]
    [InlineData("block checksums")]
    public void Decode_AnyByteOfACheckedFrameChanged_IsRefused(string name)
    {
        var (frame, output) = (Frame(name), new byte[Fox.Length]);
        for (var at = 0; at < frame.Length; at++)
        {
            frame[at] ^= 0x10;
            Assert.NotNull(Lz4Frame.Decode(frame, output));
            frame[at] ^= 0x10;
        }
    }

    [Theory]
    [InlineData(0x61, 0x40, "dictionary")]
    [InlineData(0x62, 0x40, "reserved")]
    [InlineData(0x60, 0xC0, "reserved")]
    [InlineData(0x60, 0x41, "reserved")]
    [InlineData(0x60, 0x30, "block size code is 3")]
    [InlineData(0xA0, 0x40, "version is 2")]
    [InlineData(0x20, 0x40, "version is 0")]
    public void Decode_HeaderOutsideTheRules_IsRefusedWithTheReason(int flags, int limits, string reason)
    {
        byte[] header = [(byte)flags, (byte)limits];
        byte[] frame = [4, 0x22, 0x4d, 0x18, .. header, (byte)(XxHash32.Hash(header) >> 8), .. Stored([1]), 0, 0, 0, 0];
        Assert.Contains(reason, Lz4Frame.Decode(frame, new byte[1])?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_WrongHeaderChecksum_IsRefused() =>
        Assert.Contains("checksum", Lz4Frame.Decode([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x83, .. Stored([1]), 0, 0, 0, 0], new byte[1])?.Message, StringComparison.Ordinal);

    [Fact]
    public void Decode_StoredBlocks_AreCopied()
    {
        var output = new byte[5];
        Assert.Null(Lz4Frame.Decode([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, .. Stored([1, 2, 3]), .. Stored([4, 5]), 0, 0, 0, 0], output));
        Assert.Equal([1, 2, 3, 4, 5], output);
        Assert.NotNull(Lz4Frame.Decode([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, .. Stored([1, 2, 3]), .. Stored([4, 5]), 0, 0, 0, 0], new byte[4]));
    }

    [Fact]
    public void Decode_IndependentBlockThatReachesBack_IsRefusedAndALinkedOneIsNot()
    {
        byte[] blocks = [.. Stored([9, 9, 9, 9]), 5, 0, 0, 0, 0x00, 4, 0, 0x10, 7, 0, 0, 0, 0];
        var output = new byte[9];
        Assert.Contains("4 back", Lz4Frame.Decode([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, .. blocks], output)?.Message, StringComparison.Ordinal);
        Assert.Null(Lz4Frame.Decode([4, 0x22, 0x4d, 0x18, 0x40, 0x40, (byte)(XxHash32.Hash([0x40, 0x40]) >> 8), .. blocks], output));
        Assert.Equal([9, 9, 9, 9, 9, 9, 9, 9, 7], output);
    }

    [Fact]
    public void Decode_BlockThatDecodesToMoreThanItsLimit_IsRefused()
    {
        var (frame, zeros) = (new byte[2000], new byte[100_000]);
        var length = Lz4Frame.Encode(zeros, frame, new(), [new(zeros.Length, Lz4Effort.Fast)]);
        Assert.Null(Lz4Frame.Decode(frame.AsSpan(0, length), zeros));
        (frame[5], frame[6]) = (0x40, 0x82);
        Assert.NotNull(Lz4Frame.Decode(frame.AsSpan(0, length), zeros));
    }

    [Theory]
    [InlineData(65_536, "604082")]
    [InlineData(65_537, "6050fb")]
    public void Encode_Chunk_WritesThePlainHeader(int size, string header)
    {
        var (frame, chunk) = (new byte[size], Samples.Text(1, size));
        var length = Lz4Frame.Encode(chunk, frame, new(), [new(size, Lz4Effort.Lazy)]);
        Assert.Equal("04224d18" + header, Convert.ToHexStringLower(frame[..7]));
        var output = new byte[size];
        Assert.Null(Lz4Frame.Decode(frame.AsSpan(0, length), output));
        Assert.Equal(chunk, output);
    }

    [Fact]
    public void Encode_IntoTooLittle_SaysSo()
    {
        var chunk = Samples.Random(1, 100);
        for (var room = 0; room < 100 + Lz4Frame.Overhead; room++)
        {
            Assert.Equal(0, Lz4Frame.Encode(chunk, new byte[room], new(), [new(100, Lz4Effort.Fast)]));
        }
    }

    private static byte[] Frame(string name) => XetVectors.Hex(XetVectors.Lz4["frames"]!.AsArray().Single(frame => (string?)frame!["name"] == name)!["hex"]);

    private static byte[] Stored(byte[] bytes)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, (uint)bytes.Length | 0x80000000);
        return [.. size, .. bytes];
    }
}
