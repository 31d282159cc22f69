using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ModelGarden.Formats.Tests.Pickles;

namespace ModelGarden.Formats.Tests;

public sealed class PackedTests
{
    private static readonly byte[] Pickle = PickleTests.Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R.");

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Text_IsClean(string format)
    {
        Checks.AssertClean(Checks.Examine("a", Pack(format, "hello"u8.ToArray())), format == "gzip" ? FileFormat.Gzip : FileFormat.Zlib);
        Checks.AssertClean(Checks.Examine("a", Pack(format, new byte[3_000_000])), format == "gzip" ? FileFormat.Gzip : FileFormat.Zlib);
    }

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("gzip", true)]
    [InlineData("zlib", false)]
    [InlineData("zlib", true)]
    public void Pickle_IsExamined(string format, bool forwardOnly)
    {
        var bytes = Pack(format, Pickle);
        using Stream stream = forwardOnly ? new ForwardOnlyStream(bytes, 3) : new MemoryStream(bytes);

        Checks.AssertMalicious(FileExaminer.Examine("model.joblib", stream, bytes.Length, TestContext.Current.CancellationToken), "pickle.import");
    }

    [Fact]
    public void Members_BehindOneAnother_AreOneFile()
    {
        // The pickle's bytes in two stretches: neither is one by itself.
        byte[] bytes = [.. Pack("gzip", Pickle[..9]), .. Pack("gzip", Pickle[9..])];

        Checks.AssertMalicious(Checks.Examine("a.gz", bytes), "pickle.import");
    }

    [Fact]
    public void ManyMembers_AreReadToTheLast()
    {
        byte[] bytes = [.. Enumerable.Range(0, 3000).SelectMany(n => Pack("gzip", [(byte)'a', (byte)'\n'])), .. Pack("gzip", "import os"u8.ToArray())];

        Checks.AssertClean(Checks.Examine("a.gz", bytes), FileFormat.Gzip);
        Checks.AssertSuspicious(Checks.Examine("a.gz", bytes[..^1]), "gzip.damaged");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Bytes_BehindTheEnd_AreLookedInto(string format)
    {
        byte[] bytes = [.. Pack(format, "hello"u8.ToArray()), .. Pickle];

        Checks.AssertMalicious(Checks.Examine("a", bytes), "pickle.import");
        Assert.Contains(Checks.Examine("a", bytes).Findings, finding => finding.Rule == $"{format}.trailing");
        Checks.AssertClean(Checks.Examine("a.gz", [.. Pack("gzip", [1, 2]), .. new byte[9000]]), FileFormat.Gzip);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void File_CutAtAnyByte_IsSuspicious(string format)
    {
        var bytes = Pack(format, [.. Enumerable.Range(0, 4000).Select(n => (byte)(n * n))]);
        for (var length = 2; length < bytes.Length; length++)
        {
            Checks.AssertSuspicious(Checks.Examine("a", bytes[..length]), $"{format}.damaged");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Checksum_Wrong_IsSuspiciousAndTheContentExamined(string format)
    {
        var bytes = Pack(format, Pickle);
        bytes[^1] ^= 1;

        Assert.Contains(Checks.Examine("a", bytes).Findings, finding => finding.Rule == $"{format}.damaged");
        Checks.AssertMalicious(Checks.Examine("a", bytes), "pickle.import");
    }

    [Theory]
    [InlineData("../../evil.sh")]
    [InlineData("/etc/cron.d/evil")]
    [InlineData("folder/evil")]
    public void HeaderName_Outside_IsSuspicious(string name)
    {
        Checks.AssertSuspicious(Checks.Examine("a.gz", Header(8, [.. System.Text.Encoding.ASCII.GetBytes(name), 0])), "gzip.name");
        Checks.AssertClean(Checks.Examine("a.gz", Header(8, [.. "model.bin"u8, 0])), FileFormat.Gzip);
    }

    [Fact]
    public void HeaderExtra_IsSuspicious()
    {
        Checks.AssertSuspicious(Checks.Examine("a.gz", Header(4, [4, 0, 1, 2, 3, 4])), "gzip.extra");
        Checks.AssertClean(Checks.Examine("a.gz", Header(4, [6, 0, .. "BC"u8, 2, 0, 27, 0])), FileFormat.Gzip);
    }

    [Theory]
    [InlineData(0x20, new byte[0])]
    [InlineData(16, new byte[] { 65, 66 })]
    public void Header_Unknown_IsSuspicious(int flags, byte[] more) => Checks.AssertSuspicious(Checks.Examine("a.gz", Header((byte)flags, [.. more, .. new byte[5000].Select(_ => (byte)'x')])), "gzip.damaged");

    [Fact]
    public void HeaderComment_AndChecksum_ArePassedOver() => Checks.AssertMalicious(Checks.Examine("a.gz", Header(16 | 2, [.. "made by hand"u8, 0, 1, 2], Pickle)), "pickle.import");

    [Fact]
    public void Tar_InGzip_IsGoneThrough()
    {
        var zip = ZipTests.Zip(("x/data.txt", Pickle));
        var tar = TarTests.Tar(TarEntryFormat.Pax, writer =>
        {
            TarTests.Add(writer, TarEntryFormat.Pax, "notes.txt", content: "hello"u8.ToArray());
            TarTests.Add(writer, TarEntryFormat.Pax, "inner.zip", content: zip);
        });

        Checks.AssertMalicious(Checks.Examine("a.tgz", Pack("gzip", tar)), "pickle.import");
    }

    [Fact]
    public void Content_TooLargeForMemory_IsReadTwice()
    {
        // A tar of 40 MB whose last member is a zip: found only by unpacking all of it.
        var tar = TarTests.Tar(TarEntryFormat.Pax, writer =>
        {
            TarTests.Add(writer, TarEntryFormat.Pax, "weights", content: new byte[40_000_000]);
            TarTests.Add(writer, TarEntryFormat.Pax, "inner.zip", content: ZipTests.Zip(("x", Pickle)));
        });
        var bytes = Pack("gzip", tar);

        Checks.AssertMalicious(Checks.Examine("a.tar.gz", bytes), "pickle.import");
        using var forward = new ForwardOnlyStream(bytes, 5000);
        Checks.AssertSuspicious(FileExaminer.Examine("a.tar.gz", forward, bytes.Length, TestContext.Current.CancellationToken), "archive.nested");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Content_ThatIsAZipAtItsEnd_IsLookedInto(string format)
    {
        byte[] inner = [0xFF, 1, 2, 3, .. ZipTests.Zip(("x", Pickle))];

        Checks.AssertSuspicious(Checks.Examine("weights", Pack(format, inner)), "zip.hidden");
    }

    [Theory]
    [InlineData(0, "pickle.import")]
    [InlineData(3_000_000, "archive.nested")]
    public void LargeContent_ThatIsAPickleToo_IsRefused(int name, string rule)
    {
        // Too long to be held: it is read forward, in a gzip and in a zip.
        var long1 = PickleAssembler.Make(pickle => pickle.Unicode(new string('x', name)).Import("random", "_os.system").ShortText("echo").Tuple1().Reduce().Stop());
        var bytes = MisreadTests.Safetensors([.. long1, .. new byte[40_000_000]]);
        var packed = Checks.Examine("weights.gz", Pack("gzip", bytes));
        var zipped = Checks.Examine("weights.zip", ZipTests.Zip(("weights", bytes)));

        Assert.All((Examination[])[packed, zipped], examination => Assert.True(
            examination.Verdict != Verdict.Clean && examination.Findings.Any(finding => finding.Rule == rule), string.Join("; ", examination.Findings)));
    }

    /// <summary>Tensors in a zip are ordinary, however many: they are clean.</summary>
    [Fact]
    public void LargeContent_OfTensors_IsClean()
    {
        var random = new byte[40_000_000];
        new Random(3).NextBytes(random);

        Checks.AssertClean(Checks.Examine("weights.zip", ZipTests.Zip(("model.safetensors", MisreadTests.Safetensors(random)), ("notes.txt", [.. Enumerable.Repeat((byte)'T', 40_000_000).Select((letter, at) => at % 80 == 79 ? (byte)'\n' : letter)]))), FileFormat.Zip);
        Checks.AssertClean(Checks.Examine("model.safetensors.gz", Pack("gzip", MisreadTests.Safetensors(random))), FileFormat.Gzip);
    }

    [Theory]
    [InlineData(65_515, 0)]
    [InlineData(65_535, 0)]
    [InlineData(65_535, 1)]
    public void LargeContent_ThatIsAZipWithALongCommentAtItsEnd_IsSuspicious(int comment, int behind)
    {
        byte[] inner = [0xFF, .. new byte[34_000_000], .. ZipTests.Commented(ZipTests.Zip(("x", Pickle)), comment, behind)];

        Checks.AssertSuspicious(Checks.Examine("weights", Pack("gzip", inner)), "archive.nested");
    }

    [Theory]
    [InlineData("0x{0:x}", "")]
    [InlineData("{0:x}", "")]
    [InlineData("  0X{0:X}", " ")]
    public void JoblibsOldPackedPickle_IsLookedInto(string length, string more)
    {
        var number = string.Format(CultureInfo.InvariantCulture, length, Pickle.Length);
        byte[] bytes = [.. Encoding.ASCII.GetBytes("ZF" + number.PadRight(19) + more), .. Pack("zlib", Pickle)];

        Checks.AssertMalicious(Checks.Examine("weights", bytes), "pickle.import");
        Checks.AssertMalicious(Checks.Examine("weights", ZipTests.Zip(("a", bytes))), "pickle.import");
        Assert.Equal(Verdict.Clean, Checks.Examine("weights", "ZF is the name of a company that makes gear boxes."u8.ToArray()).Verdict);
    }

    [Fact]
    public void Nested_TooDeep_IsSuspicious()
    {
        var bytes = Pickle;
        for (var depth = 0; depth < 8; depth++)
        {
            bytes = Pack("gzip", bytes);
        }

        Checks.AssertSuspicious(Checks.Examine("a.gz", bytes), "examination.limit");
    }

    [Fact]
    public void Bomb_IsSuspiciousAndNotHeld()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var n = 0; n < 300; n++)
            {
                gzip.Write(zeros);
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Checks.AssertSuspicious(Checks.Examine("a.gz", packed.ToArray()), "archive.ratio");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    internal static byte[] Pack(string format, byte[] content)
    {
        using var packed = new MemoryStream();
        using (Stream stream = format == "gzip" ? new GZipStream(packed, CompressionLevel.Optimal, true) : new ZLibStream(packed, CompressionLevel.Optimal, true))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Header(byte flags, byte[] more, byte[]? content = null)
    {
        var plain = Pack("gzip", content ?? "hello"u8.ToArray());
        return [0x1F, 0x8B, 8, flags, .. plain[4..10], .. more, .. plain[10..]];
    }
}
