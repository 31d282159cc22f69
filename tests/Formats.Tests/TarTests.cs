using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using ModelGarden.Formats.Tests.Pickles;

namespace ModelGarden.Formats.Tests;

public sealed class TarTests
{
    private static readonly byte[] Pickle = PickleTests.Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R.");

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void PlainMembers_AreClean(TarEntryFormat format)
    {
        var examination = Checks.Examine("a.tar", Tar(format, writer =>
        {
            Add(writer, format, "./", TarEntryType.Directory);
            Add(writer, format, "./a/b.txt", content: "hello"u8.ToArray());
            Add(writer, format, "c.json", content: "{}"u8.ToArray());
            Add(writer, format, "empty");
        }));

        Checks.AssertClean(examination, FileFormat.Tar);
        var facts = Assert.IsType<ArchiveFacts>(examination.Facts);
        Assert.Equal((4, 7), (facts.MemberCount, facts.UnpackedSize));
        Assert.Equal(["./", "./a/b.txt", "c.json", "empty"], facts.Members);
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void LongNames_AreRead(TarEntryFormat format)
    {
        var name = string.Join('/', Enumerable.Repeat(new string('n', 100), 4));
        var examination = Checks.Examine("a.tar", Tar(format, writer => Add(writer, format, name, content: Pickle)));

        Checks.AssertMalicious(examination, "pickle.import");
        Assert.Equal(name[..256], Assert.IsType<ArchiveFacts>(examination.Facts).Members[0].TrimEnd('…'));
    }

    [Theory]
    [InlineData("model.txt", false)]
    [InlineData("model.txt", true)]
    public void PickleMember_WhateverItsName_IsExamined(string name, bool forwardOnly)
    {
        var bytes = Tar(TarEntryFormat.Pax, writer =>
        {
            Add(writer, TarEntryFormat.Pax, "first", content: [1]);
            Add(writer, TarEntryFormat.Pax, name, content: Pickle);
        });
        using Stream stream = forwardOnly ? new ForwardOnlyStream(bytes, 100) : new MemoryStream(bytes);

        var examination = FileExaminer.Examine("a.tar", stream, bytes.Length, TestContext.Current.CancellationToken);

        Assert.StartsWith("in 'model.txt' at byte 2: the pickle imports os.system", Checks.AssertMalicious(examination, "pickle.import").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArchivesInside_AreLookedInto()
    {
        var zip = ZipTests.Zip(("inner.pkl", Pickle));
        var inner = Tar(TarEntryFormat.Ustar, writer => Add(writer, TarEntryFormat.Ustar, "a.zip", content: zip));

        Checks.AssertMalicious(Checks.Examine("a.tar", Tar(TarEntryFormat.Gnu, writer => Add(writer, TarEntryFormat.Gnu, "b.tar", content: inner))), "pickle.import");
    }

    [Fact]
    public void ArchivesInside_TooDeep_AreSuspicious()
    {
        var bytes = Pickle;
        for (var depth = 0; depth < 8; depth++)
        {
            var inner = bytes;
            bytes = Tar(TarEntryFormat.Ustar, writer => Add(writer, TarEntryFormat.Ustar, "in", content: inner));
        }

        Checks.AssertSuspicious(Checks.Examine("a.tar", bytes), "examination.limit");
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a\\b")]
    [InlineData("./../x")]
    public void MemberPath_Outside_IsSuspicious(string name)
    {
        Checks.AssertSuspicious(Checks.Examine("a.tar", One(name, '0', [])), "tar.path");
        Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Extended('x', $"path={name}"), .. One("fine", '0', [])]), "tar.path");
        Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("././@LongLink", 'L', name.Length + 1), .. Padded(Encoding.UTF8.GetBytes(name + "\0")), .. One("fine", '0', [])]), "tar.path");
    }

    [Fact]
    public void Prefix_OfUstar_IsPartOfThePath()
    {
        var header = Header("name", '0', 0);
        "../up"u8.CopyTo(header.AsSpan(345));

        Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Sum(header), .. new byte[1024]]), "tar.path");
    }

    [Theory]
    [InlineData('2', "d/link", "../../x")]
    [InlineData('2', "link", "/etc/passwd")]
    [InlineData('2', "link", "a/../../b")]
    [InlineData('2', "link", "C:\\x")]
    [InlineData('2', "link", "")]
    [InlineData('1', "d/link", "../x")]
    [InlineData('1', "link", "/etc/shadow")]
    public void Link_ThatLeavesTheArchive_IsSuspicious(char type, string name, string target) =>
        Checks.AssertSuspicious(Checks.Examine("a.tar", One(name, type, [], target)), "tar.link");

    [Theory]
    [InlineData('2', "snapshots/main/model", "../../blobs/abc")]
    [InlineData('2', "a", "b")]
    [InlineData('1', "a", "./b/c")]
    public void Link_ThatStaysInside_IsClean(char type, string name, string target) => Checks.AssertClean(Checks.Examine("a.tar", One(name, type, [], target)), FileFormat.Tar);

    [Fact]
    public void LinkToALink_OutOfTheArchive_IsSuspicious() => Checks.AssertSuspicious(
        Checks.Examine("a.tar", [.. Header("d/e/up", '2', 0, "../.."), .. One("out", '2', [], "d/e/up/..")]), "tar.through-link");

    [Fact]
    public void Member_ThroughALink_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("d", '2', 0, "e"), .. One("d/file", '0', [1])]), "tar.through-link");

    [Theory]
    [InlineData('3', "tar.device")]
    [InlineData('4', "tar.device")]
    [InlineData('6', "tar.device")]
    [InlineData('V', "tar.type")]
    [InlineData('M', "tar.type")]
    [InlineData('S', "tar.sparse")]
    public void Member_OfAnOddType_IsSuspicious(char type, string rule) => Checks.AssertSuspicious(Checks.Examine("a.tar", One("dev", type, [])), rule);

    [Fact]
    public void Member_OfAnUnknownType_IsExaminedAllTheSame() => Checks.AssertMalicious(Checks.Examine("a.tar", One("x", 'V', Pickle)), "pickle.import");

    [Fact]
    public void Name_Twice_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("model", '0', 0), .. One("./MODEL", '0', [])]), "tar.duplicate");

    [Theory]
    [InlineData('1')]
    [InlineData('2')]
    [InlineData('5')]
    public void Bytes_OfWhatIsNoFile_AreSuspicious(char type) => Checks.AssertSuspicious(Checks.Examine("a.tar", One("x", type, [1, 2, 3], "y")), "tar.size");

    [Fact]
    public void Size_OfTwoKinds_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Extended('x', "size=1024"), .. Header("x", '0', 0), .. new byte[2048]]), "tar.size");

    [Theory]
    [InlineData("path=a", "path=b")]
    [InlineData("size=x")]
    [InlineData("path=a\0b")]
    public void ExtendedHeader_ThatContradictsItself_IsSuspicious(params string[] records) => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Extended('x', records), .. One("x", '0', [])]), "tar.pax");

    [Fact]
    public void ExtendedHeader_Broken_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("pax", 'x', 5), .. Padded("99 a="u8.ToArray()), .. One("x", '0', [])]), "tar.pax");

    [Fact]
    public void ExtendedHeader_TooLong_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("pax", 'x', 1 << 20), .. new byte[1 << 20], .. One("x", '0', [])]), "tar.pax");

    [Fact]
    public void HeaderForAll_ThatNamesMembers_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Extended('g', "path=a"), .. One("x", '0', [])]), "tar.pax");

    [Fact]
    public void HeaderForAll_WithAComment_IsClean() => Checks.AssertClean(Checks.Examine("a.tar", [.. Extended('g', "comment=abc"), .. One("x", '0', [1])]), FileFormat.Tar);

    [Fact]
    public void Sparse_InExtendedHeader_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Extended('x', "GNU.sparse.major=1"), .. One("x", '0', [1])]), "tar.sparse");

    [Theory]
    [InlineData(-1L, "tar.size")]
    [InlineData(long.MaxValue, "tar.truncated")]
    [InlineData(long.MinValue, "tar.size")]
    public void Size_InBinaryThatLies_IsSuspicious(long size, string rule)
    {
        var header = Header("x", '0', 0);
        header.AsSpan(124, 12).Clear();
        header[124] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), size);

        Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Sum(header), .. new byte[1024]]), rule);
    }

    [Fact]
    public void Header_WithAWrongChecksum_IsSuspicious()
    {
        var second = One("second", '0', []);
        second[0] = (byte)'S';

        Checks.AssertSuspicious(Checks.Examine("a.tar", [.. Header("first", '0', 0), .. second]), "tar.header");
    }

    [Fact]
    public void BytesBehindTheEnd_AreLookedInto()
    {
        byte[] bytes = [.. One("x", '0', [1]), .. Pickle];

        Checks.AssertMalicious(Checks.Examine("a.tar", bytes), "pickle.import");
        Assert.Contains(Checks.Examine("a.tar", bytes).Findings, finding => finding.Rule == "tar.trailing");
    }

    [Fact]
    public void File_CutAtAnyByte_IsSuspicious()
    {
        var bytes = Tar(TarEntryFormat.Pax, writer => Add(writer, TarEntryFormat.Pax, "a.txt", content: new byte[600]));
        for (var length = 513; length < bytes.Length - 512; length += 7)
        {
            Assert.Equal(Verdict.Suspicious, Checks.Examine("a.tar", bytes[..length]).Verdict);
        }
    }

    [Fact]
    public void OtherFormat_ThatIsATarToo_IsSuspicious()
    {
        // A header of safetensors whose metadata holds a tar's size and checksum.
        var text = """{"__metadata__":{"a":"PAD"}}""".Replace("PAD", new string(' ', 600), StringComparison.Ordinal);
        var bytes = SafetensorsTests.Build(text, 0);
        "0000000"u8.CopyTo(bytes.AsSpan(124));
        Checks.AssertSuspicious(Checks.Examine("a.safetensors", Sum(bytes)), "tar.hidden");
    }

    [Fact]
    public void OtherFormat_ThatIsATarToo_IsGoneThroughAsOne()
    {
        var text = """{"__metadata__":{"a":"PAD"}}""".Replace("PAD", new string(' ', 600), StringComparison.Ordinal);
        var bytes = SafetensorsTests.Build(text, 0)[..512];
        Encoding.ASCII.GetBytes(Convert.ToString(Pickle.Length, 8).PadLeft(11, '0')).CopyTo(bytes, 124);

        var examination = Checks.Examine("model.bin", [.. Sum(bytes), .. Padded(Pickle), .. new byte[1024]]);

        Assert.Contains(examination.Findings, finding => finding.Rule == "tar.hidden");
        Checks.AssertMalicious(examination, "pickle.import");
    }

    [Theory]
    [InlineData("0o")]
    [InlineData("+0")]
    [InlineData("_")]
    public void Checksum_AsOnlyPythonReadsIt_MakesATar(string prefix)
    {
        var bytes = One("x", '0', Pickle);
        var sum = Encoding.ASCII.GetString(bytes, 148, 6).TrimStart('0');
        Encoding.ASCII.GetBytes((prefix + sum).PadLeft(8)).CopyTo(bytes, 148);

        Checks.AssertMalicious(Checks.Examine("a", bytes), "pickle.import");
    }

    [Fact]
    public void Checksum_ThatIsNone_MakesATarWhereTheBytesSumToNothing()
    {
        // Python takes blanks for zero, and bytes for signed.
        var bytes = One("x", '0', Pickle);
        bytes.AsSpan(148, 8).Fill((byte)' ');
        var sum = bytes.Take(512).Sum(value => (sbyte)value);
        for (var at = 345; sum != 0; at++)
        {
            var step = Math.Max(-128, -sum);
            bytes[at] = (byte)step;
            sum += step;
        }

        Checks.AssertMalicious(Checks.Examine("a", bytes), "pickle.import");
    }

    [Fact]
    public void NameThatLooksLikeAnImport_IsClean() => Checks.AssertClean(
        Checks.Examine("a.tar", Tar(TarEntryFormat.Ustar, writer => Add(writer, TarEntryFormat.Ustar, "config.txt", content: "hello\nthere\nworld\n"u8.ToArray()))), FileFormat.Tar);

    [Fact]
    public void ManyMembers_StayWithinBounds()
    {
        var header = Header("x", '5', 0);
        var bytes = new byte[512 * 100_010];
        for (var n = 0; n < 100_010; n++)
        {
            header.CopyTo(bytes, n * 512);
        }

        Checks.AssertSuspicious(Checks.Examine("a.tar", bytes), "examination.limit");
    }

    internal static byte[] Tar(TarEntryFormat format, Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    internal static void Add(TarWriter writer, TarEntryFormat format, string name, TarEntryType type = TarEntryType.RegularFile, byte[]? content = null)
    {
        type = format is TarEntryFormat.V7 && type is TarEntryType.RegularFile ? TarEntryType.V7RegularFile : type;
        TarEntry entry = format switch
        {
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            TarEntryFormat.V7 => new V7TarEntry(type, name),
            _ => new PaxTarEntry(type, name),
        };
        if (content is not null)
        {
            entry.DataStream = new MemoryStream(content);
        }

        writer.WriteEntry(entry);
    }

    [Theory]
    [InlineData("ustar  \0")]
    [InlineData("")]
    [InlineData("ustar")]
    public void Prefix_ThatOnlySomeReadersTake_IsSuspicious(string magic)
    {
        var bytes = One("evil", '0', [1, 2, 3]);
        bytes.AsSpan(257, 8).Clear();
        Encoding.ASCII.GetBytes(magic).CopyTo(bytes, 257);
        "../../../tmp"u8.CopyTo(bytes.AsSpan(345));
        Sum(bytes.AsSpan(0, 512).ToArray()).CopyTo(bytes, 0);

        var rule = magic == "ustar" ? "tar.path" : "tar.prefix";
        Checks.AssertSuspicious(Checks.Examine("a.tar", bytes), rule);
    }

    [Fact]
    public void Prefix_ThatIsATimeOfGnu_IsClean()
    {
        var bytes = One("a", '0', [1, 2, 3]);
        "ustar  \0"u8.CopyTo(bytes.AsSpan(257));
        "14567012345\014567012345\0"u8.CopyTo(bytes.AsSpan(345));
        Sum(bytes.AsSpan(0, 512).ToArray()).CopyTo(bytes, 0);

        Checks.AssertClean(Checks.Examine("a.tar", bytes), FileFormat.Tar);
    }

    private static byte[] One(string name, char type, byte[] content, string link = "") => [.. Header(name, type, content.Length, link), .. Padded(content), .. new byte[1024]];

    private static byte[] Header(string name, char type, long size, string link = "")
    {
        var header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        Encoding.ASCII.GetBytes("0000644\0").CopyTo(header, 100);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[156] = (byte)type;
        Encoding.UTF8.GetBytes(link).CopyTo(header, 157);
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        return Sum(header);
    }

    private static byte[] Sum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.Take(512).Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0')).CopyTo(header, 148);
        return header;
    }

    private static byte[] Extended(char type, params string[] records)
    {
        var text = string.Concat(records.Select(record =>
        {
            var length = record.Length + 2;
            while ($"{length} {record}\n".Length != length)
            {
                length++;
            }

            return $"{length} {record}\n";
        }));
        return [.. Header("pax", type, text.Length), .. Padded(Encoding.UTF8.GetBytes(text))];
    }

    private static byte[] Padded(byte[] content) => [.. content, .. new byte[(512 - (content.Length % 512)) % 512]];
}
