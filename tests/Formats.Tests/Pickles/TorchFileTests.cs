using System.IO.Compression;
using System.Text;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Checkpoints of torch: what may be in the file beside the pickle, and what hides in the container.</summary>
public sealed class TorchFileTests
{
    private static readonly byte[] Evil = PickleTests.Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R.");

    [Fact]
    public void Zip_OfPlainTensors_IsClean()
    {
        var examination = Checks.Examine("pytorch_model.bin", TorchBuilder.Zip());

        Checks.AssertClean(examination, FileFormat.TorchZip);
        var facts = Assert.IsType<TorchFacts>(examination.Facts);
        Assert.Equal(("zip", 1, 4, "w"), (facts.Layout, facts.TensorCount, facts.Parameters, facts.Tensors[0].Name));
    }

    [Fact]
    public void Legacy_OfPlainTensors_IsClean()
    {
        var examination = Checks.Examine("a.pth", TorchBuilder.Legacy(TorchBuilder.Pickle(TorchBuilder.LegacyTensor)));

        Checks.AssertClean(examination, FileFormat.Pickle);
        Assert.Equal("legacy", Assert.IsType<TorchFacts>(examination.Facts).Layout);
    }

    [Theory]
    [InlineData("m/data/1")]
    [InlineData("m/notes.txt")]
    [InlineData("other/readme")]
    public void Zip_WithAnExtraMember_IsSuspicious(string name) => Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Zip((name, [1, 2, 3]))), "torch.extra-member");

    [Theory]
    [InlineData("m/data/1")]
    [InlineData("m/version2")]
    [InlineData("x/data.pkl")]
    [InlineData("m/DATA.PKL")]
    public void Zip_WithAHiddenPickle_IsMalicious(string name)
    {
        var examination = Checks.Examine("a.pt", TorchBuilder.Zip((name, Evil)));

        Assert.Equal(Verdict.Malicious, examination.Verdict);
        Assert.Contains(examination.Findings, finding => finding.Rule == "torch.extra-pickle");
    }

    [Fact]
    public void Storage_ThatIsAPickle_IsMalicious()
    {
        var storage = new byte[64];
        Evil.CopyTo(storage, 0);
        var pickle = TorchBuilder.Pickle(tensor => tensor.Tensor("ByteStorage", "0", 64, 0, 64, 1));
        var bytes = ZipTests.Zip(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/data/0", storage));

        Assert.Equal(Verdict.Malicious, Checks.Examine("a.pt", bytes).Verdict);
    }

    [Fact]
    public void Storage_OfLegacyThatIsAPickle_IsMalicious()
    {
        byte[] storage = [.. PickleTests.Latin("cos\nsystem\n."), 0, 0, 0, 0];

        Assert.Equal(Verdict.Malicious, Checks.Examine("a.pt", TorchBuilder.Legacy(TorchBuilder.Pickle(TorchBuilder.LegacyTensor), storage: storage)).Verdict);
    }

    [Fact]
    public void Storage_WhoseBytesLookLikeOpcodes_IsClean()
    {
        var pickle = TorchBuilder.Pickle(tensor => tensor.Tensor("ByteStorage", "0", 16, 0, 16, 1));
        foreach (var value in "NK(0c\u0080}")
        {
            var bytes = ZipTests.Zip(CompressionLevel.NoCompression, ("m/data.pkl", pickle), ("m/data/0", [.. Enumerable.Repeat((byte)value, 16)]));

            Checks.AssertClean(Checks.Examine("a.pt", bytes), FileFormat.TorchZip);
        }
    }

    [Fact]
    public void Script_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Zip(("m/code/__torch__.py", "class X: pass"u8.ToArray()))), "torch.script");

    [Theory]
    [InlineData("0", 5, 0, 5, 1, "torch.storage")]
    [InlineData("7", 4, 0, 4, 1, "torch.storage")]
    [InlineData("../0", 4, 0, 4, 1, "pickle.persistent-id")]
    [InlineData("0", 4, 1, 4, 1, "pickle.call")]
    [InlineData("0", 4, 0, 3, 2, "pickle.call")]
    [InlineData("0", 4, 3, 2, -1, "pickle.call")]
    [InlineData("0", 4, -1, 1, 1, "pickle.call")]
    [InlineData("0", 4, 0, -4, 1, "pickle.call")]
    public void Tensor_BeyondItsStorage_IsSuspicious(string key, int elements, int offset, int size, int stride, string rule) =>
        Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor.Tensor("FloatStorage", key, elements, offset, size, stride)))), rule);

    [Theory]
    [InlineData(8, 0x0001, true, "zip.flags")]
    [InlineData(8, 0x0020, true, "zip.flags")]
    [InlineData(8, 0x0040, true, "zip.flags")]
    [InlineData(6, 0x0001, false, "zip.header")]
    [InlineData(8, 8, false, "zip.header")]
    [InlineData(16, 0xBAD, true, "zip.checksum")]
    [InlineData(14, 0xBAD, false, "zip.header")]
    [InlineData(22, 3, false, "zip.header")]
    [InlineData(30, 0x7878, false, "zip.header")]
    public void Zip_WhoseHeadersLie_IsSuspiciousAndLookedIntoAnyway(int field, ushort value, bool inDirectory, string rule)
    {
        Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Patch(TorchBuilder.Zip(), "m/data.pkl", field, value, inDirectory)), rule);

        var evil = Checks.Examine("a.pt", TorchBuilder.Patch(TorchBuilder.Zip(Evil), "m/data.pkl", field, value, inDirectory));
        Assert.Equal(Verdict.Malicious, evil.Verdict);
        Assert.Contains(evil.Findings, finding => finding.Rule == rule);
    }

    [Fact]
    public void Zip_WithTwoMembersOfOneName_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Zip(("m/data/0", TorchBuilder.Storage))), "zip.duplicate");

    [Fact]
    public void Zip_WithBytesBeforeIt_IsLookedIntoAsBoth()
    {
        Checks.AssertSuspicious(Checks.Examine("a.bin", [0xFF, 1, 2, 3, .. TorchBuilder.Zip()]), "zip.hidden");

        // Offsets count from the zip's own beginning, as when someone put two files together: the directory is not where it says.
        Assert.Contains(Checks.Examine("a.pkl", [.. PickleTests.Latin("\u0080\u0002}."), .. TorchBuilder.Zip()]).Findings, finding => finding.Rule == "zip.hidden");
    }

    [Fact]
    public void Pickle_BeforeAZip_IsExaminedAsAPickle() => Assert.Equal(Verdict.Malicious, Checks.Examine("a.zip", [.. Evil, .. TorchBuilder.Zip()]).Verdict);

    [Fact]
    public void Member_InNoDirectory_IsFoundAndExamined()
    {
        var examination = Checks.Examine("a.pt", Unlisted(TorchBuilder.Zip(("m/zzz", Evil)), "m/zzz"));

        Assert.Equal(Verdict.Malicious, examination.Verdict);
        Assert.Contains(examination.Findings, finding => finding.Rule == "zip.gap" && finding.Message.Contains("'m/zzz'", StringComparison.Ordinal));
    }

    [Fact]
    public void Tar_OfBefore02_IsSuspiciousAndItsPicklesAreFollowed()
    {
        Checks.AssertSuspicious(Checks.Examine("a.pt", TorchBuilder.Tar(PickleAssembler.Make(pickle => pickle.Proto(2).EmptyDict().Text("w").PersId("1").SetItem().Stop()))), "torch.tar");
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.pt", TorchBuilder.Tar(Evil)).Verdict);
    }

    [Fact]
    public void Tar_OfBefore02_WithStoragesAndTensors_IsReadToItsEnd()
    {
        var examination = Checks.Examine("a.pt", TorchBuilder.Tar());

        Assert.Equal(["torch.tar", "pickle.import"], examination.Findings.Select(finding => finding.Rule));
        Assert.Equal(1, Assert.IsType<TorchFacts>(examination.Facts).StorageCount);
    }

    [Fact]
    public void Tar_OfTheOldestKind_HasNoMagicNumberAndIsFollowed() => Assert.Equal(Verdict.Malicious, Checks.Examine("model.bin", TorchBuilder.Tar(Evil, magic: "")).Verdict);

    [Fact]
    public void Tar_WithAMemberThatTorchDoesNotWrite_IsGoneThrough()
    {
        var first = TorchBuilder.Tar(PickleAssembler.Make(pickle => pickle.Proto(2).None().Stop()), name: "sys_info");
        var examination = Checks.Examine("a.pt", [.. first[..1024], .. TorchBuilder.Tar(Evil, name: "notes")]);

        Assert.Contains(examination.Findings, finding => finding.Rule == "torch.extra-member");
        Checks.AssertMalicious(examination, "pickle.import");
    }

    [Fact]
    public void Tar_ThatIsAPickleAsWell_IsLookedIntoAsBoth()
    {
        // The header's name is the beginning of a pickle, which takes the rest for bytes.
        var tar = TorchBuilder.Tar(Evil, magic: "", name: "");
        var length = tar.Length - 8;
        byte[] begin = [0x80, 3, (byte)'B', .. BitConverter.GetBytes(length)];
        begin.CopyTo(tar, 0);
        TorchBuilder.TarSum(tar);
        tar[^1] = (byte)'.';

        var examination = Checks.Examine("model.bin", tar);

        Assert.Equal(FileFormat.Pickle, examination.Format);
        Assert.Contains(examination.Findings, finding => finding.Rule == "tar.hidden");
        Checks.AssertMalicious(examination, "pickle.import");
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Member_ThatIsAZipAtItsEnd_IsLookedInto(CompressionLevel level)
    {
        byte[] inner = [0xFF, 1, 2, 3, .. TorchBuilder.Zip(Evil)];
        var examination = Checks.Examine("a.zip", ZipTests.Zip(level, ("weights", inner)));

        Assert.NotEqual(Verdict.Clean, examination.Verdict);
        Assert.Contains(examination.Findings, finding => finding.Rule == "zip.hidden" && finding.Message.Contains("'weights'", StringComparison.Ordinal));
    }

    [Fact]
    public void Lzma_OfWhichJoblibReadsPickles_IsNotTakenForBytes() =>
        Checks.AssertSuspicious(Checks.Examine("model.bin", [0x5D, 0, 0, 0x80, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1]), "archive.not-examined");

    [Fact]
    public void Gguf_ThatIsAPickleAsWell_IsMalicious()
    {
        // BINFLOAT takes the magic number, the version and a byte; a STRING the rest of the header.
        byte[] bytes = [.. "GGUF"u8, 3, 0, 0, 0, 1, (byte)'0', (byte)'V', 0, 0, 0, 0, 0, 0, (byte)'\n', .. Evil[2..]];

        Assert.Equal(Verdict.Malicious, Checks.Examine("model.gguf", bytes).Verdict);
    }

    [Fact]
    public void Hooks_FilledAfterTheTensorWasMade_AreSuspicious() => Checks.AssertSuspicious(
        Checks.Examine("a.pt", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor
            .Global("torch._utils", "_rebuild_tensor_v2").Mark().Storage("FloatStorage", "0", 4).BinInt(0).BinInt(4).Tuple1().BinInt(1).Tuple1()
            .False().OrderedDict().BinPut(9).Tuple().Reduce().BinGet(9).BinInt1(0).Global("torch", "device").SetItem().Tuple2()))),
        "pickle.container");

    [Fact]
    public void Attributes_ThatReplaceTheTensorsData_AreSuspicious() => Checks.AssertSuspicious(
        Checks.Examine("a.pt", TorchBuilder.Zip(TorchBuilder.Pickle(tensor => tensor
            .Global("torch._tensor", "_rebuild_from_type_v2").Mark().Global("torch._utils", "_rebuild_tensor_v2").Global("torch", "Tensor")
            .Mark().Storage("FloatStorage", "0", 4).BinInt(0).BinInt(4).Tuple1().BinInt(1).Tuple1().False().OrderedDict().Tuple()
            .EmptyDict().Text("data").Tensor("FloatStorage", "0", 4, 2, 2, 1).SetItem().Tuple().Reduce()))),
        "pickle.call");

    [Fact]
    public void ByteOrder_ThatIsPacked_IsSuspicious()
    {
        using var stream = new MemoryStream();
        stream.Write(TorchBuilder.Zip());
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var member = zip.CreateEntry("m/byteorder", CompressionLevel.SmallestSize).Open();
            member.Write("big"u8);
        }

        Checks.AssertSuspicious(Checks.Examine("a.pt", stream.ToArray()), "torch.byte-order");
    }

    [Fact]
    public void RebuildingFunctions_AThousandTimesInOneAnother_AreSuspicious()
    {
        var bytes = PickleAssembler.Make(pickle =>
        {
            pickle.Proto(2).Global("torch._tensor", "_rebuild_from_type_v2").BinPut(0).Global("torch", "Tensor").BinPut(1).EmptyTuple().LongBinPut(2).Pop();
            for (var depth = 0u; depth < 350_000; depth++)
            {
                pickle.Mark().BinGet(0).BinGet(1).LongBinGet(2 + depth).None().Tuple().LongBinPut(3 + depth).Pop();
            }

            pickle.BinGet(0).LongBinGet(350_002).Reduce().Stop();
        });

        Checks.AssertSuspicious(Checks.Examine("a.pkl", bytes), "pickle.call");
    }

    [Fact]
    public void Bomb_IsRefused()
    {
        var bytes = ZipTests.Zip(CompressionLevel.Optimal, ("zeros", new byte[120_000_000]));

        Checks.AssertSuspicious(Checks.Examine("a.zip", bytes), "archive.ratio");
    }

    [Fact]
    public void Tensors_AreNotRead()
    {
        const int Elements = 400_000_000;
        var head = TorchBuilder.Legacy(TorchBuilder.Pickle(tensor => tensor
            .Global("torch._utils", "_rebuild_tensor_v2").Mark()
            .Mark().Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").BinInt(Elements).None().Tuple().BinPersId()
            .BinInt(0).BinInt(Elements).Tuple1().BinInt(1).Tuple1().False().OrderedDict().Tuple().Reduce()));
        var beginning = head[..^24].Concat(BitConverter.GetBytes((long)Elements)).ToArray();
        using var stream = new CountingStream(beginning, beginning.Length + (4L * Elements));

        var examination = FileExaminer.Examine("a.pt", stream, stream.Length, TestContext.Current.CancellationToken);

        Checks.AssertClean(examination, FileFormat.Pickle);
        Assert.InRange(stream.BytesRead, 1, 512 * 1024);
    }

    // Takes a member out of the directory and leaves it in the file.
    private static byte[] Unlisted(byte[] zip, string name)
    {
        var bytes = zip.ToList();
        var text = Encoding.ASCII.GetBytes(name);
        var at = zip.AsSpan().LastIndexOf(text) - 46;
        var length = 46 + text.Length;
        bytes.RemoveRange(at, length);
        var end = bytes.Count - 22;
        bytes[end + 8]--;
        bytes[end + 10]--;
        var size = BitConverter.ToInt32(zip, zip.Length - 22 + 12) - length;
        bytes.RemoveRange(end + 12, 4);
        bytes.InsertRange(end + 12, BitConverter.GetBytes(size));
        return [.. bytes];
    }
}
