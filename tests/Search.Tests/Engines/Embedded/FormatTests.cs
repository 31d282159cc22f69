using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Matching;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Engines.Embedded.Terms;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>What a segment is made of, one by one, and a segment whose bytes are not what they have to be.</summary>
public sealed class FormatTests
{
    private readonly Random _random = new(5);

    [Fact]
    public void BlockPacking_EveryWidthAndLength_ComesOutAsItWentIn()
    {
        foreach (var count in (int[])[1, 2, 7, 64, 127, 128])
        {
            for (var bits = 0; bits <= 32; bits++)
            {
                uint[] numbers = [.. Enumerable.Range(0, count).Select(_ => (uint)(_random.NextInt64(1L << 32) & ((1L << bits) - 1)))];
                var (packed, unpacked) = (new byte[BlockPacking.LengthOf(count, bits)], new uint[count]);
                BlockPacking.Pack(numbers, bits, packed);
                BlockPacking.Unpack(packed, bits, unpacked);

                Assert.Equal(numbers, unpacked);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(100)]
    public void BlockPacking_Gaps_BecomeRows(int count)
    {
        int[] rows = [.. Enumerable.Range(0, count).Select(i => (i * 3) + _random.Next(3))];
        uint[] gaps = [.. rows.Select((row, i) => (uint)(row - (i > 0 ? rows[i - 1] : -1) - 1))];
        BlockPacking.Accumulate(gaps, uint.MaxValue);

        Assert.Equal(rows, gaps.Select(row => (int)row));
    }

    [Fact]
    public void PackedInts_OfAnySize_ComeOutAsTheyWentIn()
    {
        for (var bits = 0; bits <= 56; bits++)
        {
            long[] numbers = [.. Enumerable.Range(0, 77).Select(_ => _random.NextInt64(1L << bits))];
            var packed = PackedInts.Pack<long>(numbers);
            Assert.True(PackedInts.IsSane(packed, numbers.Length));
            for (var i = 0; i < numbers.Length; i++)
            {
                Assert.Equal(numbers[i], new PackedInts(packed)[i]);
            }
        }
    }

    [Fact]
    public void TermDictionary_ManyKeys_EachIsFoundAndNoOther()
    {
        var writer = new TermDictionaryWriter();
        string[] keys = [.. Enumerable.Range(0, 500).Select(_ => string.Concat(Enumerable.Range(0, _random.Next(1, 9)).Select(_ => "abü"[_random.Next(3)]))).Append(new string('x', 3000)).Distinct().Order(StringComparer.Ordinal)];
        foreach (var key in keys)
        {
            writer.Add(TermKey.Of(TermSpace.Word, key));
        }

        var dictionary = new TermDictionary(writer.Texts.ToArray(), System.Runtime.InteropServices.MemoryMarshal.AsBytes(writer.Blocks), writer.Count);
        foreach (var (i, key) in keys.Index())
        {
            Assert.Equal(i, dictionary.Find(TermKey.Of(TermSpace.Word, key)));
            Assert.Equal(-1, dictionary.Find(TermKey.Of(TermSpace.Word, key + "c")));
            Assert.Equal(TermKey.Of(TermSpace.Word, key), dictionary.KeyAt(i));
        }

        var (first, end) = dictionary.BeginningWith(TermKey.Of(TermSpace.Word, "ab"));
        Assert.Equal(keys.Count(key => key.StartsWith("ab", StringComparison.Ordinal)), end - first);
        Assert.Equal(0, dictionary.FirstNotLess([]));
        Assert.Equal(keys.Length, dictionary.FirstNotLess([0xFF]));
    }

    [Fact]
    public void RangeColumn_AnyBounds_KeepsWhatLiesWithin()
    {
        long?[] numbers = [.. Enumerable.Range(0, 300).Select(_ => _random.Next(4) is 0 ? (long?)null : _random.Next(60) - 5)];
        var (values, slices) = RangeColumn.Write(numbers);
        var column = new RangeColumn(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(values), System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(slices), numbers.Length);
        foreach (var (minimum, maximum) in (ReadOnlySpan<(long?, long?)>)[(null, 7), (3, null), (3, 40), (9, 9), (40, 3), (long.MinValue, long.MaxValue), (61, null), (null, -100)])
        {
            var (set, less, equal) = (new ulong[Bits.WordsFor(numbers.Length)], new ulong[Bits.WordsFor(numbers.Length)], new ulong[Bits.WordsFor(numbers.Length)]);
            for (var row = 0; row < numbers.Length; row++)
            {
                Bits.Add(set, row);
            }

            column.Keep(set, minimum, maximum, less, equal);
            for (var row = 0; row < numbers.Length; row++)
            {
                Assert.Equal(numbers[row] is { } number && (minimum is null || number >= minimum) && (maximum is null || number <= maximum), Bits.Has(set, row));
                Assert.Equal(numbers[row], column[row]);
            }
        }
    }

    [Fact]
    public void Segment_WithAnyByteChanged_IsRefusedOrReadAsFarAsItGoes()
    {
        var (garden, builder, failed) = (new RandomGarden(23), new SegmentBuilder(), 0);
        for (var i = 0; i < 300; i++)
        {
            var state = garden.Repository(i);
            builder.Put(state.Id, builder.Build(state));
        }

        using var stream = new MemoryStream();
        builder.Write(stream);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = stream.ToArray();
            bytes[_random.Next(bytes.Length)] ^= (byte)(1 + _random.Next(255));
            try
            {
                // Checksums of sections are those of files: here they do not protect what reads them.
                var snapshot = new Snapshot([new SegmentView(Segment.InMemory(bytes))]);
                new QueryRun(snapshot, QueryReader.Read(garden.Query()).OrThrow(), garden.Viewer(), new Work(1L << 40, CancellationToken.None)).Run();
                new NameCompletion(snapshot, garden.Viewer()).Find("l", 5);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or ArgumentException or IndexOutOfRangeException or OverflowException)
            {
                failed++;
            }
        }

        Assert.True(failed > 20, $"only {failed} could not be read");
    }
}
