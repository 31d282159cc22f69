using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Tests.Pickles;

namespace ModelGarden.Formats.Tests;

/// <summary>Bounds that no test's bytes can reach in a reasonable time: exceeding one is a verdict.</summary>
public sealed class LimitTests
{
    public static TheoryData<string, byte[], string> Slow => new()
    {
        { "a.pkl", Opcodes(300_000), "examination.time" },
        { "notes.txt", [.. Enumerable.Repeat((byte)'a', 3_000_000)], "examination.time" },
        { "a.zip", ZipTests.Zip(("a", [1, 2, 3])), "examination.limit" },
        { "a.gz", PackedTests.Pack("gzip", [.. Enumerable.Repeat((byte)'a', 3_000_000)]), "examination.limit" },
        { "a.safetensors", MisreadTests.Safetensors(Opcodes(300_000)), "examination.time" },
    };

    [Theory]
    [MemberData(nameof(Slow))]
    public void Examination_OfMoreThanTenMinutes_IsRefused(string name, byte[] bytes, string rule)
    {
        using var stream = new MemoryStream(bytes);

        Checks.AssertSuspicious(FileExaminer.Examine(name, stream, bytes.Length, new Walk(new SlowClock(), TestContext.Current.CancellationToken)), rule);
    }

    [Fact]
    public void Pickle_OfMoreOpcodesThanAreFollowed_IsRefused()
    {
        var bytes = Opcodes(600_000);
        using var stream = new MemoryStream(bytes);
        using var reader = new ByteReader(stream, bytes.Length, TestContext.Current.CancellationToken);

        new PickleMachine(reader, new(), new(new Walk(TestContext.Current.CancellationToken)) { MaximumOpcodes = 300_000 }).Run();

        Assert.Equal("pickle.too-long", reader.Failure?.Rule);
    }

    // Values that are made and dropped again.
    private static byte[] Opcodes(int count) => [0x80, 2, .. Enumerable.Range(0, count / 2).SelectMany(_ => "N0"u8.ToArray()), (byte)'N', (byte)'.'];

    /// <summary>Twenty minutes pass between any two looks at it.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private long _minutes;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 60 * (_minutes += 20);
    }
}
