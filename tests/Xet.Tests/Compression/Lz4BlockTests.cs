namespace ModelGarden.Xet.Tests;

public sealed class Lz4BlockTests
{
    private const byte Guard = 0xA5;

    public static TheoryData<Lz4Effort> Efforts => [Lz4Effort.None, Lz4Effort.Fast, Lz4Effort.Lazy, Lz4Effort.Thorough];

    [Fact]
    public void Decode_MatchOfEveryOffsetAndLength_RepeatsWhatIsBehindIt()
    {
        for (var offset = 1; offset <= 40; offset++)
        {
            for (var length = 4; length <= 120; length++)
            {
                var literals = Samples.Random(offset, 40);
                var expected = new List<byte>(literals);
                for (var n = 0; n < length; n++)
                {
                    expected.Add(expected[^offset]);
                }

                Assert.Equal([.. expected, 1, 2, 3, 4, 5], Decode(Block(literals, offset, length), 40 + length + 5));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Efforts))]
    public void Encode_AnyData_DecodesToIt(Lz4Effort effort)
    {
        var encoder = new Lz4Encoder();
        for (var seed = 0; seed < 60; seed++)
        {
            var source = Samples.Any(seed, seed < 30 ? seed : 1 << (seed % 19));
            Assert.Equal(source, Decode(Encode(encoder, source, effort), source.Length));
        }
    }

    [Fact]
    public void Encode_AfterOtherData_GivesTheSameBlock()
    {
        var (used, source) = (new Lz4Encoder(), Samples.Text(1, 50_000));
        foreach (var effort in new[] { Lz4Effort.Fast, Lz4Effort.Lazy, Lz4Effort.Thorough })
        {
            Encode(used, Samples.Text(2, 60_000), effort);
            Assert.Equal(Encode(new(), source, effort), Encode(used, source, effort));
        }
    }

    [Theory]
    [MemberData(nameof(Efforts))]
    public void Encode_IntoTooLittle_SaysSoAndWritesNothingBehind(Lz4Effort effort)
    {
        var (encoder, source) = (new Lz4Encoder(), Samples.Text(7, 3000));
        var whole = Encode(encoder, source, effort);
        for (var room = 0; room < whole.Length; room++)
        {
            var target = new byte[whole.Length + 64];
            Array.Fill(target, Guard);

            Assert.Equal(0, encoder.Encode(source, target.AsSpan(0, room), [new(source.Length, effort)]));
            Assert.Equal(-1, target.AsSpan(room).IndexOfAnyExcept(Guard));
        }
    }

    [Fact]
    public void Encode_ZerosLongerThanTheWindow_TakesLittle()
    {
        var source = new byte[Lz4Encoder.MaximumSource];
        foreach (var effort in new[] { Lz4Effort.Fast, Lz4Effort.Lazy, Lz4Effort.Thorough })
        {
            var block = Encode(new(), source, effort);
            Assert.InRange(block.Length, 1, 1100);
            Assert.Equal(source, Decode(block, source.Length));
        }
    }

    [Fact]
    public void Encode_SeveralRegions_FindsMatchesInEach()
    {
        byte[] source = [.. Samples.Text(1, 9000), .. Samples.Random(2, 9000), .. Samples.Text(3, 9000)];

        var block = Encode(new(), source, [new(9000, Lz4Effort.Lazy), new(18_000, Lz4Effort.None), new(27_000, Lz4Effort.Thorough)]);

        Assert.Equal(source, Decode(block, source.Length));
        Assert.InRange(block.Length, 9000, 16_000);
    }

    [Fact]
    public void Decode_BlockCutAnywhere_IsRefused()
    {
        var source = Samples.Text(3, 2000);
        var block = Encode(new(), source, Lz4Effort.Fast);
        for (var length = 0; length < block.Length; length++)
        {
            var written = 0;
            var error = Lz4Block.Decode(block.AsSpan(0, length), new byte[source.Length], 0, ref written);
            Assert.True(error is { Reason: "BAD_LZ4" } || written < source.Length, $"cut at {length}");
        }
    }

    [Fact]
    public void Decode_IntoTooLittle_IsRefusedAndWritesNothingBehind()
    {
        var source = Samples.Text(3, 1000);
        var block = Encode(new(), source, Lz4Effort.Lazy);
        for (var room = 0; room < source.Length; room++)
        {
            var (target, written) = (new byte[source.Length + 64], 0);
            Array.Fill(target, Guard);

            Assert.NotNull(Lz4Block.Decode(block, target.AsSpan(0, room), 0, ref written));
            Assert.Equal(-1, target.AsSpan(room).IndexOfAnyExcept(Guard));
        }
    }

    [Theory]
    [InlineData("14610000", "a match of 8 bytes from 0 back")]
    [InlineData("14610200", "a match of 8 bytes from 2 back")]
    [InlineData("146101", "an offset is cut off")]
    [InlineData("1f610100ffff", "a length of a match does not end")]
    [InlineData("f0ff", "a length of literals does not end")]
    [InlineData("5061", "5 literals are too many")]
    [InlineData("14610100", "it does not end with literals")]
    [InlineData("", "it does not end with literals")]
    public void Decode_DamagedBlock_IsRefusedWithTheReason(string hex, string reason)
    {
        var written = 0;
        Assert.Contains(reason, Lz4Block.Decode(Convert.FromHexString(hex), new byte[100], 0, ref written)?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_MatchBeforeItsHistory_IsRefused()
    {
        var (output, written) = (new byte[100], 50);
        Assert.Contains("60 back", Lz4Block.Decode(Block(new byte[20], 60, 4), output, 20, ref written)?.Message, StringComparison.Ordinal);
        Assert.Null(Lz4Block.Decode(Block(new byte[20], 60, 4), output, 10, ref written));
    }

    private static byte[] Encode(Lz4Encoder encoder, byte[] source, Lz4Effort effort) => Encode(encoder, source, [new(source.Length, effort)]);

    private static byte[] Encode(Lz4Encoder encoder, byte[] source, Lz4Region[] plan)
    {
        var target = new byte[source.Length + (source.Length / 255) + 16];
        var length = encoder.Encode(source, target, plan);
        Assert.NotEqual(0, length);
        return target[..length];
    }

    // Behind and before what may be written stand guards.
    private static byte[] Decode(byte[] block, int length)
    {
        var (guarded, written) = (new byte[length + 128], 0);
        Array.Fill(guarded, Guard);
        Assert.Null(Lz4Block.Decode(block, guarded.AsSpan(64, length), 0, ref written));
        Assert.Equal(length, written);
        Assert.Equal(-1, guarded.AsSpan(0, 64).IndexOfAnyExcept(Guard));
        Assert.Equal(-1, guarded.AsSpan(64 + length).IndexOfAnyExcept(Guard));
        return guarded[64..(64 + length)];
    }

    // Literals, a match, five literals.
    private static byte[] Block(byte[] literals, int offset, int length) =>
    [
        (byte)(0xF0 | Math.Min(length - 4, 15)), (byte)(literals.Length - 15), .. literals,
        (byte)offset, (byte)(offset >> 8), .. length - 4 >= 15 ? new[] { (byte)(length - 19) } : [],
        0x50, 1, 2, 3, 4, 5,
    ];
}
