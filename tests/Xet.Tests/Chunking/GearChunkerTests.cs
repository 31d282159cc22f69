using FsCheck;
using FsCheck.Fluent;

namespace ModelGarden.Xet.Tests;

/// <summary>The fast scan against the specification's rule, byte for byte, however the input comes.</summary>
public sealed class GearChunkerTests
{
    private const string Trigger =
        "74648d1d7dcd5e6c4a714b1d23f5c603daf83caabd8fbd4eb2c207583e564824fc6dfcdd2905bc5981a607a65f39be3c38a87003ccf908185793b8251dcd5c61";

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(4096)]
    [InlineData(8127)]
    [InlineData(8192)]
    [InlineData(131_072)]
    [InlineData(1_000_000)]
    public void Scan_InPieces_CutsAsTheRuleSays(int piece)
    {
        var bytes = Bytes.SplitMix64(3, 2_000_003);

        Assert.Equal(Cutting.ByTheRule(bytes), Cutting.Lengths(bytes, () => piece));
    }

    [Fact]
    public void Scan_AnyBytesInAnyPieces_CutsAsTheRuleSays() => Prop.ForAll(
        Gen.Choose(0, 400_000).ToArbitrary(),
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        (size, seed) =>
        {
            var random = new Random(seed);
            var bytes = Blocks(random, size);
            return Cutting.ByTheRule(bytes).SequenceEqual(Cutting.Lengths(bytes, () => random.Next(1, random.Next(2, 200_000))));
        }).QuickCheckThrowOnFailure();

    // Every place of a stretch is once the place of the cut, and every one around the minimum.
    [Fact]
    public void Scan_CutAtAnyPlace_IsFound()
    {
        var (trigger, bytes) = (Convert.FromHexString(Trigger), new byte[30_000]);
        for (var end = GearChunker.MinimumLength - 70; end < GearChunker.MinimumLength + GearScan.Length + 200; end++)
        {
            trigger.CopyTo(bytes, end - trigger.Length);

            var expected = end < GearChunker.MinimumLength ? bytes.Length : end;
            Assert.Equal(expected, Cutting.Lengths(bytes)[0]);
            bytes.AsSpan(end - trigger.Length, trigger.Length).Clear();
        }
    }

    [Fact]
    public void Scan_Lengths_StayWithinTheLimits()
    {
        var lengths = Cutting.Lengths(Bytes.SplitMix64(11, 20_000_000));

        Assert.All(lengths.SkipLast(1), length => Assert.InRange(length, GearChunker.MinimumLength, GearChunker.MaximumLength));
        Assert.Equal(20_000_000, lengths.Sum());
    }

    [Fact]
    public void Scan_AfterAnInsertion_FindsTheOldCutsAgain()
    {
        var bytes = Bytes.SplitMix64(12, 3_000_000);

        var (before, after) = (Ends(bytes), Ends([.. bytes.AsSpan(0, 100), 1, 2, 3, .. bytes.AsSpan(100)]));

        Assert.True(before.Intersect(after.Select(end => end - 3)).Count() >= before.Count - 3);
    }

    [Fact]
    public void Reset_InAChunk_BeginsAnew()
    {
        var bytes = Bytes.SplitMix64(13, 500_000);
        var chunker = new GearChunker();
        chunker.Scan(bytes.AsSpan(77_777, 9_000), out _);

        chunker.Reset();

        Assert.Equal(0, chunker.Length);
        Assert.Equal(Cutting.ByTheRule(bytes)[0], chunker.Scan(bytes, out var boundary));
        Assert.True(boundary);
    }

    [Fact]
    public void Scan_NoBytes_ChangesNothing()
    {
        var chunker = new GearChunker();

        Assert.Equal(0, chunker.Scan([], out var boundary));
        Assert.False(boundary);
    }

    // Constant stretches between random ones: chunks of the greatest length, and hashes that stand still.
    private static byte[] Blocks(Random random, int size)
    {
        var bytes = new byte[size];
        for (var start = 0; start < size;)
        {
            var block = bytes.AsSpan(start, Math.Min(size - start, random.Next(1, 100_000)));
            if (random.Next(3) is 0)
            {
                block.Fill((byte)random.Next(256));
            }
            else
            {
                random.NextBytes(block);
            }

            start += block.Length;
        }

        return bytes;
    }

    private static List<int> Ends(byte[] bytes)
    {
        var end = 0;
        return [.. Cutting.Lengths(bytes).Select(length => end += length)];
    }
}
