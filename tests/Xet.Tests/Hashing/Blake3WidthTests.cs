using System.Runtime.InteropServices;

namespace ModelGarden.Xet.Tests;

/// <summary>However many blocks are compressed side by side, the hash is the one of the book.</summary>
public sealed class Blake3WidthTests
{
    private static readonly byte[] Key = Bytes.SplitMix64(42, Blake3.KeyLength);
    private static readonly byte[] Input = Bytes.SplitMix64(43, 1_300_000);

    // What this processor can do; LesserProcessorTests run all this on lesser ones.
    private static readonly Blake3Width[] Widths = [.. Enum.GetValues<Blake3Width>().Where(width => width <= Blake3Rows.Widest)];

    [Fact]
    public void HashKeyed_EveryLengthUpToSomeThousands_IsByTheBook() => AssertAll(Enumerable.Range(0, 2500));

    [Fact]
    public void HashKeyed_EveryNumberOfChunks_IsByTheBook() =>
        AssertAll(Enumerable.Range(1, 140).SelectMany(chunks => (int[])[chunks * 1024, chunks * 1024 + 65]));

    [Fact]
    public void HashKeyed_ManyPieces_IsByTheBook() =>
        AssertAll(Enumerable.Range(1, 9).SelectMany(piece => (int[])[piece * 131_072, piece * 131_072 + 1]));

    [Fact]
    public void HashKeyed_RandomLengths_IsByTheBook()
    {
        var random = new Random(7);
        AssertAll(Enumerable.Range(0, 30).Select(_ => random.Next(Input.Length)));
    }

    [Fact]
    public void HashKeyed_AnyLength_AllocatesNothing()
    {
        var hash = new byte[Blake3.HashLength];
        var lengths = (int[])[0, 65, 1024, 1025, 65_536, 61_234, 131_073, Input.Length];
        HashAll();

        var before = GC.GetAllocatedBytesForCurrentThread();
        HashAll();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void HashAll()
        {
            foreach (var length in lengths)
            {
                Blake3.HashKeyed(Key, Input.AsSpan(0, length), hash);
            }
        }
    }

    private static void AssertAll(IEnumerable<int> lengths)
    {
        var key = MemoryMarshal.Cast<byte, uint>(Key);
        var hash = new byte[Blake3.HashLength];
        foreach (var length in lengths)
        {
            // Not always from the same place: nothing may depend on how the input lies.
            var input = Input.AsSpan(length % Math.Min(37, Input.Length - length + 1), length);
            var expected = Blake3ByTheBook.Hash(key, Blake3Block.Keyed, input);
            foreach (var width in Widths)
            {
                Blake3.HashKeyed(Key, input, hash, width);
                Assert.True(hash.AsSpan().SequenceEqual(expected), $"{width} of {length} bytes");
            }
        }
    }
}
