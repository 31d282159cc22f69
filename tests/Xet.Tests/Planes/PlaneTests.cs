namespace ModelGarden.Xet.Tests;

public sealed class PlaneTests
{
    private const int Size = 65_536 + 3;
    private readonly PlaneEncoder _encoder = new();
    private readonly PlaneDecoder _decoder = new();

    [Fact]
    public void Encode_AnyChunk_DecodesToItOrSavesNothing()
    {
        var encoded = 0;
        for (var seed = 0; seed < 240; seed++)
        {
            var chunk = Samples.Any(seed, seed < 50 ? seed + 1 : 1 + (seed * 7919 * 13 % XetLimits.Chunk));
            var target = new byte[chunk.Length];
            var length = _encoder.Encode(chunk, target);
            if (length != 0)
            {
                encoded++;
                Assert.InRange(length, 1, chunk.Length - 1);
                Assert.Equal(chunk, Decode(target[..length], chunk.Length));
            }
        }

        Assert.InRange(encoded, 120, 240);
    }

    [Theory]
    [InlineData("floats", 0.86)]
    [InlineData("widened floats", 0.36)]
    [InlineData("zeros", 0.001)]
    public void Encode_Weights_ComesNearTheirEntropy(string kind, double ratio)
    {
        var chunk = kind switch { "floats" => Samples.Floats(1, Size), "widened floats" => Samples.WidenedFloats(1, Size), _ => new byte[Size] };
        var length = _encoder.Encode(chunk, new byte[Size]);
        Assert.InRange(length, 1, (int)(Size * ratio));
    }

    [Fact]
    public void Encode_Noise_SavesNothing() => Assert.Equal(0, _encoder.Encode(Samples.Random(1, Size), new byte[Size]));

    [Fact]
    public void Encode_IntoTooLittle_SaysSo()
    {
        var (chunk, target) = (Samples.Floats(1, 3000), new byte[3000]);
        var whole = _encoder.Encode(chunk, target);
        Assert.NotEqual(0, whole);
        for (var room = 0; room < 3000; room++)
        {
            Array.Fill(target, (byte)0xA5);
            var length = _encoder.Encode(chunk, target.AsSpan(0, room));
            Assert.True(length <= room);
            Assert.Equal(-1, target.AsSpan(room).IndexOfAnyExcept((byte)0xA5));
            Assert.True(length == 0 || Decode(target[..length], 3000).AsSpan().SequenceEqual(chunk));
        }
    }

    // Fibonacci's numbers make the longest codes there are.
    [Fact]
    public void Encode_CountsThatAskForLongCodes_KeepsThemShort()
    {
        var plane = new List<byte>();
        for (var (value, a, b) = (0, 1, 1); value < 20; value++)
        {
            plane.AddRange(Enumerable.Repeat((byte)value, a));
            (a, b) = (b, a + b);
        }

        byte[] chunk = [.. plane.SelectMany(value => new byte[] { value, 0, 0, 0 })];
        var target = new byte[chunk.Length];
        var length = _encoder.Encode(chunk, target);
        Assert.InRange(length, 1, chunk.Length / 4 / 2);
        Assert.Equal(chunk, Decode(target[..length], chunk.Length));
    }

    [Fact]
    public void Decode_CutOrContinuedAnywhere_IsRefused()
    {
        var (chunk, target) = (Samples.WidenedFloats(1, 2000), new byte[2000]);
        var length = _encoder.Encode(chunk, target);
        for (var cut = 0; cut < length; cut++)
        {
            Assert.Equal("BAD_PLANES", _decoder.Decode(target.AsSpan(0, cut), chunk)?.Reason);
        }

        Assert.NotNull(_decoder.Decode(target.AsSpan(0, length + 1), chunk));
        Assert.NotNull(_decoder.Decode(target.AsSpan(0, length), new byte[2004]));
        Assert.NotNull(_decoder.Decode(target.AsSpan(0, length), new byte[1996]));
    }

    [Fact]
    public void EncodeAndDecode_AllocateNothing()
    {
        byte[][] chunks = [Samples.Floats(1, Size), Samples.Text(1, Size), Samples.Random(1, Size), Samples.WidenedFloats(1, Size)];
        var (target, output) = (new byte[Size], new byte[Size]);
        Round(chunks, target, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round(chunks, target, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Round(byte[][] chunks, byte[] target, byte[] output)
    {
        foreach (var chunk in chunks)
        {
            var length = _encoder.Encode(chunk, target);
            if (length != 0 && _decoder.Decode(target.AsSpan(0, length), output) is not null)
            {
                throw new InvalidOperationException("what was encoded is refused");
            }
        }
    }

    private byte[] Decode(byte[] encoded, int length)
    {
        var guarded = new byte[length + 128];
        Array.Fill(guarded, (byte)0xA5);
        Assert.Null(_decoder.Decode(encoded, guarded.AsSpan(64, length)));
        Assert.Equal(-1, guarded.AsSpan(0, 64).IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(-1, guarded.AsSpan(64 + length).IndexOfAnyExcept((byte)0xA5));
        return guarded[64..(64 + length)];
    }
}
