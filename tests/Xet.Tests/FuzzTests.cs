using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ModelGarden.Testing;

namespace ModelGarden.Xet.Tests;

/// <summary>
/// Whatever the bytes, reading ends soon, allocates in proportion, throws nothing and writes nowhere else. A moment with fixed seeds;
/// <c>XET_FUZZ_SECONDS=60</c> fuzzes each format that long with new ones.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 3000;
    private const byte Guard = 0xA5;
    private const int Buffers = 4 * 1024 * 1024;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    [Fact]
    public void Lz4Frame_Mutated_DecodesWithinItsTarget()
    {
        byte[][] seeds =
        [
            .. XetVectors.Lz4["frames"]!.AsArray().Select(frame => XetVectors.Hex(frame!["hex"])),
            .. Enumerable.Range(0, 12).Select(seed => Encoded(seed, 300)), .. Enumerable.Range(0, 6).Select(seed => Encoded(seed, 3000)),
        ];
        var guarded = new byte[70_128];
        Run("lz4 frame", seed =>
        {
            var length = seed % 3 == 0 ? 70_000 : seed % 3 == 1 ? 300 : 3000;
            Array.Fill(guarded, Guard);
            var target = guarded.AsSpan(64, length);
            Lz4Frame.Decode(Rehashed(Mutated(seeds, seed), seed), target);
            Assert.Equal(-1, guarded.AsSpan(0, 64).IndexOfAnyExcept(Guard));
            Assert.Equal(-1, guarded.AsSpan(64 + length).IndexOfAnyExcept(Guard));
        });
    }

    [Fact]
    public void Lz4Block_Mutated_DecodesWithinItsTarget()
    {
        var encoder = new Lz4Encoder();
        var seeds = Enumerable.Range(0, 40).Select(seed => Block(encoder, Samples.Any(seed, 20 << (seed % 8)), (Lz4Effort)(1 + (seed % 3)))).ToArray();
        var guarded = new byte[8192 + 128];
        Run("lz4 block", seed =>
        {
            var length = 1 + (seed & 8191);
            Array.Fill(guarded, Guard);
            var written = length / 3;
            Lz4Block.Decode(Mutated(seeds, seed), guarded.AsSpan(64, length), written / 2, ref written);
            Assert.InRange(written, length / 3, length);
            Assert.Equal(-1, guarded.AsSpan(0, 64 + (length / 3)).IndexOfAnyExcept(Guard));
            Assert.Equal(-1, guarded.AsSpan(64 + length).IndexOfAnyExcept(Guard));
        });
    }

    [Fact]
    public void Encoder_AnyData_ComesBack()
    {
        var (encoders, decoder) = (Enum.GetValues<EncodingLevel>().Select(level => new ChunkEncoder(level)).ToArray(), new ChunkDecoder(atRest: true));
        var (target, output) = (new byte[ChunkEncoder.MaximumLength(XetLimits.Chunk)], new byte[XetLimits.Chunk]);
        Run("encoder", seed =>
        {
            var chunk = new Mutator(seed).Mutate(Samples.Any(seed & 0xFFFF, 1 + (seed & 0xFFF)));
            chunk = chunk.Length == 0 ? [1] : chunk;
            var written = encoders[(seed & int.MaxValue) % encoders.Length].Encode(chunk, target).PhysicalLength;
            Assert.Null(decoder.Decode(target.AsSpan(0, written), output, out _));
            Assert.True(chunk.AsSpan().SequenceEqual(output.AsSpan(0, chunk.Length)), $"seed {seed} came back as something else");
        });
    }

    [Fact]
    public void Planes_Mutated_DecodesWithinItsTarget()
    {
        var (encoder, decoder) = (new PlaneEncoder(), new PlaneDecoder());
        var seeds = Enumerable.Range(0, 24).Select(seed => Planes(encoder, Samples.Any(seed, 1200 + seed))).Where(bytes => bytes.Length > 0).ToArray();
        var guarded = new byte[1300 + 128];
        Run("planes", seed =>
        {
            var length = seed % 4 == 0 ? seed & 1023 : 1200 + ((seed & int.MaxValue) % 24);
            Array.Fill(guarded, Guard);
            decoder.Decode(Mutated(seeds, seed), guarded.AsSpan(64, length));
            Assert.Equal(-1, guarded.AsSpan(0, 64).IndexOfAnyExcept(Guard));
            Assert.Equal(-1, guarded.AsSpan(64 + length).IndexOfAnyExcept(Guard));
        });
    }

    [Fact]
    public void Xorb_Mutated_IsRefusedOrMeansTheSameInAnyBlocks()
    {
        var xorbs = Enumerable.Range(0, 8).Select(n => XorbSamples.Mixed(20 << n)).ToArray();
        byte[][] seeds = [.. xorbs.Select(xorb => xorb.Bytes), .. xorbs.Select(xorb => (byte[])[.. xorb.Bytes, .. XorbFooter.Version1(xorb.Index)]), .. xorbs.Select(xorb => (byte[])[.. xorb.Bytes, .. XorbFooter.Version0(xorb.Index)])];
        Run("xorb", seed =>
        {
            var bytes = Mutated(seeds, seed);
            var expected = xorbs[(seed & int.MaxValue) % seeds.Length % xorbs.Length].Index;
            var whole = XorbReader.Read(bytes, expected.Hash);
            using var reader = new XorbReader();
            foreach (var block in bytes.Chunk(1 + (seed & 1023)))
            {
                reader.Append(block);
            }

            var streamed = reader.Complete(expected.Hash);
            Assert.Equal(whole.Error?.Reason, streamed.Error?.Reason);
            Assert.Equal(whole.Error is null ? whole.Value.ToBytes() : null, streamed.Error is null ? streamed.Value.ToBytes() : null);
            Assert.Equal(expected.Chunks.ToArray(), whole.Error is null ? whole.Value.Chunks.ToArray() : expected.Chunks.ToArray());
        });
    }

    [Fact]
    public void Index_Mutated_IsRefusedOrKeepsItsRules()
    {
        var indexes = Enumerable.Range(0, 4).Select(n => XorbSamples.Mixed(100 + n).Index).ToArray();
        Run("index", seed =>
        {
            var bytes = Mutated([.. indexes.Select(index => index.ToBytes())], seed);
            if (bytes.Length > 8 && seed % 4 != 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), XxHash32.Hash(bytes.AsSpan(8)));
            }

            var read = XorbIndex.Read(indexes[0].Hash, bytes);
            Assert.True(read.Error is not null || IsOld(bytes) || read.Value.ToBytes().AsSpan().SequenceEqual(bytes));
        });
    }

    [Fact]
    public void Shard_Mutated_IsRefusedOrKeepsItsRules()
    {
        byte[][] seeds =
        [
            ShardSamples.Write(ShardSamples.Sound()), ShardSamples.Write(ShardSamples.Sound(verified: false)), ShardSamples.Write(ShardSamples.Sound(claimed: false)),
            XetVectors.Hex(XetVectors.All["serialized"]!["hello_world_keyed_dedup_shard_hex"]), XetVectors.Hex(XetVectors.All["serialized"]!["empty_file_shard_js_hex"]),
        ];
        Run("shard", seed =>
        {
            var bytes = Mutated(seeds, seed);
            ShardFooter.Read(bytes);
            var read = ShardReader.Read(bytes);
            if (read.Error is null)
            {
                Assert.Null(ShardReader.Read(ShardSamples.Write(read.Value)).Error);
                Assert.All(read.Value.Files, file => Assert.InRange(file.Length, 0, long.MaxValue));
            }
        });
    }

    // Of before chunks were known to be stored as they are: it is written as the new one.
    private static bool IsOld(byte[] index) => BinaryPrimitives.ReadUInt32LittleEndian(index) is 1;

    private static byte[] Mutated(byte[][] seeds, int seed) => new Mutator(seed).Mutate(seeds[(seed & int.MaxValue) % seeds.Length]);

    // Half of the time the header's checksum is made right again, so that what lies behind it is reached.
    private static byte[] Rehashed(byte[] frame, int seed)
    {
        if (frame.Length > 7 && seed % 2 == 0)
        {
            frame[6] = (byte)(XxHash32.Hash(frame.AsSpan(4, 2)) >> 8);
        }

        return frame;
    }

    private static byte[] Encoded(int seed, int size)
    {
        var (frame, chunk) = (new byte[size + 100], Samples.Any(seed, size));
        return frame[..Lz4Frame.Encode(chunk, frame, new(), [new(size, (Lz4Effort)(seed % 4))])];
    }

    private static byte[] Planes(PlaneEncoder encoder, byte[] chunk)
    {
        var target = new byte[chunk.Length];
        return target[..encoder.Encode(chunk, target)];
    }

    private static byte[] Block(Lz4Encoder encoder, byte[] source, Lz4Effort effort)
    {
        var block = new byte[source.Length + 100];
        return block[..encoder.Encode(source, block, [new(source.Length, effort)])];
    }

    private void Run(string what, Action<int> round)
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("XET_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        var first = seconds == 0 ? 0 : Environment.TickCount;
        var watch = Stopwatch.StartNew();
        var rounds = 0;
        while (seconds == 0 ? rounds < Rounds : watch.Elapsed.TotalSeconds < seconds)
        {
            WithinBounds(unchecked(first + rounds++), round);
        }

        output.WriteLine($"{what}: {rounds} rounds in {watch.Elapsed.TotalSeconds:F1} s from seed {first}");
    }

    private static void WithinBounds(int seed, Action<int> round)
    {
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        try
        {
            round(seed);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed} broke it", exception);
        }

        Assert.True(watch.Elapsed < Slow, $"seed {seed} took {watch.Elapsed}");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < Buffers, $"seed {seed} allocated {allocated} bytes");
    }
}
