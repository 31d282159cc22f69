namespace ModelGarden.Xet.Tests;

public sealed class ChunkEncoderTests
{
    private const int Size = 65_536 + 3;

    public static TheoryData<EncodingLevel> Levels => [EncodingLevel.None, EncodingLevel.Fast, EncodingLevel.Balanced, EncodingLevel.Small, EncodingLevel.Planes];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Encode_AnyChunk_DecodesToItAndIsNeverLongerThanStored(EncodingLevel level)
    {
        var (encoder, decoder) = (new ChunkEncoder(level), new ChunkDecoder(atRest: true));
        var (target, output) = (new byte[ChunkEncoder.MaximumLength(XetLimits.Chunk)], new byte[XetLimits.Chunk]);
        for (var seed = 0; seed < 120; seed++)
        {
            var chunk = Samples.Any(seed, seed < 50 ? seed + 1 : 1 + (seed * 7919 * 13 % XetLimits.Chunk));
            var written = encoder.Encode(chunk, target).PhysicalLength;

            Assert.InRange(written, ChunkHeader.Size + 1, ChunkHeader.Size + chunk.Length);
            Assert.Null(decoder.Decode(target.AsSpan(0, written), output, out var header));
            Assert.Equal((written - ChunkHeader.Size, chunk.Length), (header.PayloadLength, header.Length));
            Assert.Equal(chunk, output[..chunk.Length]);
        }
    }

    [Theory]
    [InlineData(EncodingLevel.Balanced, "random", ChunkScheme.None, 1.0)]
    [InlineData(EncodingLevel.Balanced, "text", ChunkScheme.Lz4, 0.4)]
    [InlineData(EncodingLevel.Balanced, "floats", ChunkScheme.ByteGroupedLz4, 0.95)]
    [InlineData(EncodingLevel.Balanced, "widened floats", ChunkScheme.ByteGroupedLz4, 0.46)]
    [InlineData(EncodingLevel.Balanced, "zeros", ChunkScheme.Lz4, 0.01)]
    [InlineData(EncodingLevel.Balanced, "repeated noise", ChunkScheme.Lz4, 0.2)]
    [InlineData(EncodingLevel.Planes, "random", ChunkScheme.None, 1.0)]
    [InlineData(EncodingLevel.Planes, "text", ChunkScheme.Lz4, 0.4)]
    [InlineData(EncodingLevel.Planes, "floats", ChunkScheme.Planes, 0.9)]
    [InlineData(EncodingLevel.Planes, "widened floats", ChunkScheme.Planes, 0.4)]
    [InlineData(EncodingLevel.Planes, "zeros", ChunkScheme.Planes, 0.001)]
    [InlineData(EncodingLevel.Planes, "repeated noise", ChunkScheme.Lz4, 0.2)]
    public void Encode_KindOfData_TakesTheSchemeThatServesIt(EncodingLevel level, string kind, ChunkScheme scheme, double ratio)
    {
        var chunk = kind switch
        {
            "random" => Samples.Random(1, Size),
            "text" => Samples.Text(1, Size),
            "floats" => Samples.Floats(1, Size),
            "widened floats" => Samples.WidenedFloats(1, Size),
            "zeros" => new byte[Size],
            _ => [.. Enumerable.Repeat(Samples.Random(2, 8192), 8).SelectMany(bytes => bytes)],
        };
        var (encoder, target) = (new ChunkEncoder(level), new byte[ChunkEncoder.MaximumLength(Size)]);

        // More often than it tests again.
        for (var round = 0; round < 70; round++)
        {
            var written = encoder.Encode(chunk, target).PhysicalLength;
            Assert.Null(ChunkHeader.Read(target, out var header, atRest: true));
            Assert.Equal(scheme, header.Scheme);
            Assert.InRange(written, 1, ChunkHeader.Size + (chunk.Length * ratio));
        }
    }

    [Fact]
    public void Encode_StreamThatChanges_FollowsIt()
    {
        var (encoder, target) = (new ChunkEncoder(), new byte[ChunkEncoder.MaximumLength(Size)]);
        foreach (var (chunk, scheme) in new[]
        {
            (Samples.Floats(1, Size), ChunkScheme.ByteGroupedLz4), (Samples.Text(1, Size), ChunkScheme.Lz4),
            (Samples.Random(1, Size), ChunkScheme.None), (Samples.Floats(2, Size), ChunkScheme.ByteGroupedLz4),
        })
        {
            encoder.Encode(chunk, target);
            Assert.Null(ChunkHeader.Read(target, out var header));
            Assert.Equal(scheme, header.Scheme);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Encode_AndDecode_AllocateNothing(EncodingLevel level)
    {
        var (encoder, decoder) = (new ChunkEncoder(level), new ChunkDecoder(atRest: true));
        var (target, output) = (new byte[ChunkEncoder.MaximumLength(Size)], new byte[Size]);
        byte[][] chunks = [Samples.Floats(1, Size), Samples.Text(1, Size), Samples.Random(1, Size), Samples.WidenedFloats(1, Size)];
        Round(encoder, decoder, chunks, target, output);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10; round++)
        {
            Round(encoder, decoder, chunks, target, output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Planes_OfAStranger_AreRefused()
    {
        var target = new byte[ChunkEncoder.MaximumLength(Size)];
        var written = new ChunkEncoder(EncodingLevel.Planes).Encode(Samples.Floats(1, Size), target).PhysicalLength;

        Assert.Contains("its scheme is 128", new ChunkDecoder().Decode(target.AsSpan(0, written), new byte[Size], out _)?.Message, StringComparison.Ordinal);
        Assert.Contains("its scheme is 128", XorbReader.Read(target.AsSpan(0, written), default).Error?.Message, StringComparison.Ordinal);
    }

    private static void Round(ChunkEncoder encoder, ChunkDecoder decoder, byte[][] chunks, byte[] target, byte[] output)
    {
        foreach (var chunk in chunks)
        {
            var written = encoder.Encode(chunk, target).PhysicalLength;
            if (decoder.Decode(target.AsSpan(0, written), output, out _) is not null || !output.AsSpan().SequenceEqual(chunk))
            {
                throw new InvalidOperationException("the chunk came back as another");
            }
        }
    }
}
