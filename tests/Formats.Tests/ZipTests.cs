using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelGarden.Formats.Tests.Pickles;

namespace ModelGarden.Formats.Tests;

public sealed class ZipTests
{
    private static readonly byte[] Pickle = PickleTests.Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R.");

    [Fact]
    public void PlainMembers_AreClean()
    {
        var examination = Checks.Examine("a.zip", Zip(("a/b.txt", "hello"u8.ToArray()), ("c.json", "{}"u8.ToArray()), ("empty", [])));

        Checks.AssertClean(examination, FileFormat.Zip);
        var facts = Assert.IsType<ArchiveFacts>(examination.Facts);
        Assert.Equal((3, 7), (facts.MemberCount, facts.UnpackedSize));
        Assert.Equal(["a/b.txt", "c.json", "empty"], facts.Members);
    }

    [Fact]
    public void Empty_IsClean() => Checks.AssertClean(Checks.Examine("a.zip", [0x50, 0x4B, 5, 6, .. new byte[18]]), FileFormat.Zip);

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void PickleMember_WhateverItsName_IsExamined(CompressionLevel level)
    {
        var examination = Checks.Examine("a.zip", Zip(level, ("first", [1]), ("innocent.txt", Pickle)));

        Assert.Equal((Verdict.Malicious, FileFormat.Zip), (examination.Verdict, examination.Format));
        Assert.Contains(examination.Findings, finding => finding is { Rule: "pickle.import", Offset: > 0 } && finding.Message.StartsWith("in 'innocent.txt' at byte 2: the pickle imports os.system", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void NestedZip_IsExamined(CompressionLevel level)
    {
        Checks.AssertClean(Checks.Examine("a.zip", Zip(level, ("inner.zip", Zip(level, ("x", [1]))))), FileFormat.Zip);

        var examination = Checks.Examine("a.zip", Zip(level, ("b.zip", Zip(level, ("c.zip", Zip(level, ("data", Pickle)))))));
        Assert.Equal(Verdict.Malicious, examination.Verdict);
        Assert.Contains(examination.Findings, finding => finding.Message.Contains("'b.zip > c.zip > data'", StringComparison.Ordinal));
    }

    [Fact]
    public void NestedZips_WithoutEnd_AreSuspicious()
    {
        var zip = Zip(("x", [1]));
        for (var depth = 0; depth < 10; depth++)
        {
            zip = Zip(("inner", zip));
        }

        Checks.AssertSuspicious(Checks.Examine("a.zip", zip), "examination.limit");
    }

    [Fact]
    public void OtherArchive_AsAMember_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.zip", Zip(("inner", [0x28, 0xB5, 0x2F, 0xFD, 0]))), "archive.not-examined");

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\b")]
    [InlineData("a/../../b")]
    public void MemberPath_Outside_IsSuspicious(string name) => Checks.AssertSuspicious(Checks.Examine("a.zip", Zip((name, [1]))), "zip.member-path");

    [Fact]
    public void Directory_Cut_IsSuspicious()
    {
        var bytes = Zip(("a/b.txt", "hello"u8.ToArray()), ("c", [1]));
        for (var length = 4; length < bytes.Length; length++)
        {
            Assert.True(Checks.Examine("a.zip", bytes[..length]).Verdict == Verdict.Suspicious, $"cut at {length}");
        }
    }

    [Fact]
    public void BytesBehindTheEnd_AreSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.zip", [.. Zip(("a", [1])), 0]), "zip.trailing");

    [Fact]
    public void Encrypted_OrOddlyPacked_IsSuspicious()
    {
        Checks.AssertSuspicious(Checks.Examine("a.zip", Patch(8, 1)), "zip.flags");
        Checks.AssertSuspicious(Checks.Examine("a.zip", Patch(10, 12)), "zip.member-not-examined");
    }

    [Theory]
    [InlineData(42, 0x7FFF_FFFFu, "zip.member-damaged")]
    [InlineData(42, 3u, "zip.member-damaged")]
    [InlineData(20, 0x7FFF_FFFFu, "zip.member-damaged")]
    public void Directory_ThatLies_IsSuspicious(int field, uint value, string rule) => Checks.AssertSuspicious(Checks.Examine("a.zip", Patch(field, value, 4)), rule);

    [Theory]
    [InlineData(12, "zip.directory")]
    [InlineData(16, "zip.directory")]
    public void EndRecord_ThatLies_IsSuspicious(int field, string rule)
    {
        var bytes = Zip(("a", [1]));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 22 + field), 0x7FFF_FFFF);

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), rule);
    }

    [Theory]
    [InlineData(20_001, "zip.too-many-members")]
    [InlineData(2, "zip.directory")]
    public void MemberCount_ThatLies_IsSuspicious(ushort count, string rule)
    {
        var bytes = Zip(("a", [1]));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 22 + 8), count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 22 + 10), count);

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), rule);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1L)]
    [InlineData(0L)]
    public void LargeEndRecord_AtAPlaceThatIsNone_IsSuspicious(long place)
    {
        var bytes = Zip(("a", [1]));
        byte[] locator = [0x50, 0x4B, 6, 7, 0, 0, 0, 0, .. BitConverter.GetBytes(place), 1, 0, 0, 0];

        Checks.AssertSuspicious(Checks.Examine("a.zip", [.. bytes[..^22], .. locator, .. bytes[^22..]]), "zip.directory");
    }

    [Fact]
    public void LargeEndRecord_ThatIsNotTheOneBeforeItsLocator_IsSuspicious()
    {
        // The locator names the first record; Python takes the second, which stands right before the locator and names another directory.
        var bytes = Zip(("a", [1]));
        var (size, offset) = (BitConverter.ToUInt32(bytes, bytes.Length - 10), BitConverter.ToUInt32(bytes, bytes.Length - 6));
        byte[] Record(long count) => [0x50, 0x4B, 6, 6, 44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, .. new byte[8], .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(count), .. BitConverter.GetBytes((long)size), .. BitConverter.GetBytes((long)offset)];
        byte[] Locator() => [0x50, 0x4B, 6, 7, 0, 0, 0, 0, .. BitConverter.GetBytes((long)(bytes.Length - 22)), 1, 0, 0, 0];

        Checks.AssertClean(Checks.Examine("a.zip", [.. bytes[..^22], .. Record(1), .. Locator(), .. bytes[^22..]]), FileFormat.Zip);
        Checks.AssertSuspicious(Checks.Examine("a.zip", [.. bytes[..^22], .. Record(1), .. Record(0), .. Locator(), .. bytes[^22..]]), "zip.directory");
    }

    [Fact]
    public void Deflate_Damaged_IsSuspicious()
    {
        var bytes = Zip(CompressionLevel.Optimal, ("a", new byte[5000]));
        bytes.AsSpan(31, 8).Fill(0xFF);

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), "zip.member-damaged");
    }

    [Fact]
    public void Bomb_IsNotUnpacked()
    {
        var bytes = Zip(CompressionLevel.Optimal, ("zeros", new byte[50_000_000]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var examination = Checks.Examine("a.zip", bytes);

        Checks.AssertClean(examination, FileFormat.Zip);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Bomb_ThatWouldBeHundredsOfTimesAsLong_IsSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("a.zip", Zip(CompressionLevel.SmallestSize, ("zeros", new byte[105_000_000]))), "archive.ratio");

    [Fact]
    public void NestedZip_TooLargeForMemory_IsSuspicious()
    {
        var inner = Zip(CompressionLevel.NoCompression, ("zeros", new byte[34_000_000]));

        Checks.AssertSuspicious(Checks.Examine("a.zip", Zip(CompressionLevel.Optimal, ("inner.zip", inner))), "archive.nested");
    }

    [Fact]
    public void NestedZip_TooLargeForMemoryAndBehindSomethingElse_IsSuspicious()
    {
        byte[] inner = [0xFF, .. Zip(CompressionLevel.NoCompression, ("zeros", new byte[34_000_000]))];

        Checks.AssertSuspicious(Checks.Examine("a.zip", Zip(CompressionLevel.Optimal, ("weights", inner))), "archive.nested");
    }

    [Fact]
    public void PackedMember_ShorterThanTheDirectorySays_IsSuspicious()
    {
        var bytes = Zip(CompressionLevel.Optimal, ("name", new byte[100_000]));
        foreach (var at in new[] { 22, bytes.AsSpan().IndexOf("PK\u0001\u0002"u8) + 24 })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), 100_001);
        }

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), "file.truncated");
    }

    [Fact]
    public void NestedZip_TooDeep_IsSuspicious()
    {
        var bytes = Pickle;
        for (var depth = 0; depth < 8; depth++)
        {
            bytes = Zip(("in", bytes));
        }

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), "examination.limit");
    }

    [Theory]
    [InlineData("a.tar")]
    [InlineData("a.gz")]
    public void ArchiveInside_OfAnotherKind_IsExamined(string name)
    {
        var inner = name == "a.gz" ? PackedTests.Pack("gzip", Pickle) : TarTests.Tar(System.Formats.Tar.TarEntryFormat.Pax, writer => TarTests.Add(writer, System.Formats.Tar.TarEntryFormat.Pax, "x", content: Pickle));

        Checks.AssertMalicious(Checks.Examine("a.zip", Zip(CompressionLevel.NoCompression, (name, inner))), "pickle.import");
        Checks.AssertMalicious(Checks.Examine("a.zip", Zip(CompressionLevel.Optimal, (name, inner))), "pickle.import");
    }

    [Fact]
    public void ForwardOnlyStream_SaysThatMembersWereNotSeen()
    {
        var bytes = Zip(("archive/data.pkl", Pickle));
        using var stream = new ForwardOnlyStream(bytes, 100);

        var examination = FileExaminer.Examine("a.pt", stream, bytes.Length, TestContext.Current.CancellationToken);

        Assert.Equal(FileFormat.TorchZip, examination.Format);
        Checks.AssertSuspicious(examination, "zip.member-not-examined");
    }

    [Theory]
    [InlineData("zstd", new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0 })]
    [InlineData("zstd", new byte[] { 0x51, 0x2A, 0x4D, 0x18, 0 })]
    [InlineData("7z", new byte[] { 0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0 })]
    [InlineData("xz", new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0 })]
    [InlineData("bzip2", new byte[] { 0x42, 0x5A, 0x68, 0x39, 0x31 })]
    [InlineData("lz4", new byte[] { 0x04, 0x22, 0x4D, 0x18, 0 })]
    [InlineData("rar", new byte[] { 0x52, 0x61, 0x72, 0x21, 0x1A, 0x07, 0 })]
    [InlineData("lzma", new byte[] { 0x5D, 0, 0, 0x80, 0, 0xFF })]
    public void OtherArchive_IsNotExaminedAndSaysSo(string kind, byte[] bytes) =>
        Assert.Contains($"a {kind} file, which cannot be looked into", Checks.AssertSuspicious(Checks.Examine("data.bin", bytes), "archive.not-examined").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0xA1FF)]
    [InlineData(0x21FF)]
    public void Member_ThatIsALinkOrDevice_IsSuspicious(int mode) => Checks.AssertSuspicious(Checks.Examine("a.zip", Patch(38, (uint)mode << 16, 4)), "zip.link");

    [Theory]
    [InlineData(65_514, 0)]
    [InlineData(65_515, 0)]
    [InlineData(65_535, 0)]
    [InlineData(65_535, 1)]
    [InlineData(0, 1)]
    public void ZipAtTheEnd_WithLongComments_IsLookedInto(int comment, int behind)
    {
        var zip = Zip(("config.json", """{"class_name": "Lambda"}"""u8.ToArray()));
        byte[] bytes = [0x89, .. "HDF\r\n\u001A\n"u8, .. new byte[1000], .. Commented(zip, comment, behind)];

        Checks.AssertSuspicious(Checks.Examine("x.keras", bytes), "zip.hidden");
    }

    [Fact]
    public void ZipAtTheEnd_WhoseEntryHasALongComment_IsLookedInto()
    {
        // Behind the entry lie so many bytes that it is not among the last that a reader looks at; a byte follows the end record.
        var zip = Zip(("a", Pickle)).ToList();
        var entry = CollectionsMarshal.AsSpan(zip).IndexOf("PK\u0001\u0002"u8);
        var end = zip.Count - 22;
        (zip[entry + 32], zip[entry + 33]) = (0xFF, 0xFF);
        var size = BitConverter.GetBytes(BitConverter.ToInt32([.. zip], end + 12) + 65_535);
        size.CopyTo(CollectionsMarshal.AsSpan(zip)[(end + 12)..]);
        zip.InsertRange(end, Enumerable.Repeat((byte)'x', 65_535));

        Checks.AssertSuspicious(Checks.Examine("weights", [0xFF, .. zip, 0]), "zip.hidden");
    }

    [Fact]
    public void MarkOfAnEndRecord_InTheEndOfATensor_IsNoZip()
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        "PK\u0005\u0006\0\0\0\0\u0001\0\u0001\0"u8.CopyTo(bytes.AsSpan(60_000));
        bytes.AsSpan(60_012, 4).Fill(0xEE);

        Checks.AssertClean(Checks.Examine("weights", bytes), FileFormat.Binary);
    }

    /// <summary>A zip with a comment behind its end record, and bytes behind that.</summary>
    internal static byte[] Commented(byte[] zip, int comment, int behind)
    {
        byte[] bytes = [.. zip, .. Enumerable.Repeat((byte)'x', comment + behind)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(zip.Length - 2), (ushort)comment);
        return bytes;
    }

    /// <summary>Found by fuzzing: each had two megabytes to itself, for the beginning of what did not come.</summary>
    [Fact]
    public void Members_ThatClaimToBeLong_TakeMemoryForWhatThereIs()
    {
        var names = Enumerable.Range(0, 40).Select(number => $"{number:d2}.npy").ToArray();
        var zip = Zip([.. names.Select(name => (name, PickleTests.Numpy("'<f4'", [0, 0, 0x80, 0x3F])))]);
        foreach (var name in names)
        {
            // The upper half of its length: 64 MiB more.
            zip = TorchBuilder.Patch(zip, name, 26, 0x0400, inDirectory: true);
        }

        Checks.AssertSuspicious(Checks.Examine("a.npz", zip), "zip.header");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Checks.Examine("a.npz", zip);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    internal static byte[] Zip(params (string Name, byte[] Content)[] members) => Zip(CompressionLevel.Fastest, members);

    internal static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] members)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in members)
            {
                var entry = zip.CreateEntry(name, level);
                // Not the time of the run: its bytes stand in the headers, and may be line feeds or opcodes.
                entry.LastWriteTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var member = entry.Open();
                member.Write(content);
            }
        }

        return stream.ToArray();
    }

    // Changes a field of the only entry in a directory.
    private static byte[] Patch(int field, uint value, int width = 2)
    {
        var bytes = Zip(("name", [1, 2, 3]));
        var entry = bytes.AsSpan(bytes.AsSpan().IndexOf("PK\u0001\u0002"u8) + field);
        if (width == 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entry, value);
        }

        return bytes;
    }
}
