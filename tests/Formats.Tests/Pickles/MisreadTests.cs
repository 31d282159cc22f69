using System.IO.Compression;
using System.Text;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Pickles inside files of other formats, which a loader of pickles runs all the same.</summary>
public sealed class MisreadTests
{
    private static readonly Dictionary<string, (string Rule, Action<PickleAssembler> Write)> Evasions = new()
    {
        ["an attribute of an attribute"] = ("pickle.import", pickle => Echo(pickle.Proto(4).Import("random", "_os.system"))),
        ["an attribute that nobody has listed"] = ("pickle.import-name", pickle => Echo(pickle.Proto(4).Import("torch", "nn.gadget"))),
        ["a name in another script"] = ("pickle.import-name", pickle => Echo(pickle.Proto(4).Import("größe", "x"))),
        ["a long name"] = ("pickle.import-name", pickle => Echo(pickle.Proto(4).Text("torch").Text(string.Concat(Enumerable.Repeat("nn.", 400)) + "x").StackGlobal())),
        ["a name of more than is kept"] = ("pickle.computed-name", pickle => Echo(pickle.Proto(4).Text("random").Text(string.Concat(Enumerable.Repeat("path.os.", 9000)) + "system").StackGlobal())),
        ["a name in a long line"] = ("pickle.computed-name", pickle => Echo(pickle.Proto(4).Text("random").Unicode(string.Concat(Enumerable.Repeat("path.os.", 9000)) + "system").StackGlobal())),
        ["a computed name"] = ("pickle.computed-name", pickle => Echo(Computed(Computed(pickle, "os"), "system").StackGlobal())),
        ["a name from a persistent id"] = ("pickle.computed-name", pickle => Echo(pickle.Proto(4).Text("module").Text("os").Tuple2().BinPersId().Text("system").StackGlobal())),
        ["an extension"] = ("pickle.extension", pickle => Echo(pickle.Ext1(7))),
        ["an unknown function"] = ("pickle.call", pickle => Echo(pickle.Global("gadget", "run"))),
        ["a changed class"] = ("pickle.build", pickle => pickle.Global("collections", "OrderedDict").EmptyDict().Build().Stop()),
        ["noise that is harmless"] = ("pickle.import", pickle => System(Repeat(pickle, 200, all => all.Global("builtins", "set").EmptyDict().Build().Pop()))),
        ["noise of faults"] = ("pickle.import", pickle => System(Repeat(pickle, 2000, all => all.BinGet(200).Pop().Pop()))),
        ["more imports than are kept"] = ("pickle.import", pickle => System(Enumerable.Range(0, 10_100).Aggregate(pickle, (all, number) => all.Global("ä\u0001", $"f{number}").Pop()))),
        ["a stack that is higher than kept"] = ("pickle.import", pickle => System(pickle.Raw([.. Enumerable.Repeat((byte)'N', 1_200_000)]))),
        ["a stack of several values"] = ("pickle.import", pickle => System(pickle.Raw([.. Enumerable.Range(0, 1_200_000).Select(at => (byte)(at % 2 == 0 ? 'N' : ')'))]))),
        ["names below what is kept of a stack"] = ("pickle.computed-name", pickle => Echo(Repeat(pickle.Proto(4).Text("os").Text("system").Raw([.. Enumerable.Repeat((byte)'N', 70_000)]), 70_000, all => all.Pop()).StackGlobal())),
        ["more marks than are kept"] = ("pickle.import", pickle => System(pickle.Raw([.. Enumerable.Repeat((byte)'(', 100_000)]))),
        ["names below forgotten marks"] = ("pickle.computed-name", pickle => Echo(Repeat(pickle.Proto(4).Text("os").Text("system").Raw([.. Enumerable.Repeat((byte)'(', 100_000)]), 100_000, all => all.PopMark()).StackGlobal())),
        ["a memo with holes"] = ("pickle.import", pickle => Echo(pickle.Proto(4).Text("os").LongBinPut(500_000).Text("system").LongBinPut(600_000).Pop().Pop().LongBinGet(500_000).LongBinGet(600_000).StackGlobal())),
        ["a memo of far too many"] = ("pickle.computed-name", pickle => Echo(Enumerable.Range(0, 70_000).Aggregate(pickle.None(), (all, number) => all.LongBinPut(0x1000_0000 + (uint)number)).Text("os").LongBinPut(0x2000_0000).Text("system").LongBinPut(0x2000_0001).LongBinGet(0x2000_0000).LongBinGet(0x2000_0001).StackGlobal())),
        ["a memo by stretched numbers"] = ("pickle.computed-name", pickle => Echo(pickle.Text("os").Put(new string(' ', 2000) + "7").Text("system").Put("8").Pop().Pop().Get("7").Get("8").StackGlobal())),
        ["behind a stretched number"] = ("pickle.import", pickle => System(pickle.Int(new string(' ', 100_000) + "1").Pop())),
        ["behind a long line"] = ("pickle.import", pickle => System(pickle.Unicode(new string('x', 100_000)).Pop())),
        ["in an array of joblib"] = ("pickle.joblib", pickle => pickle.Global("joblib.numpy_pickle", "NumpyArrayWrapper").EmptyTuple().NewObj().EmptyDict().Build().Stop()),
    };

    public static TheoryData<string> EvasionNames => [.. Evasions.Keys];

    public static TheoryData<string> TextEvasionNames => [.. Evasions.Where(evasion => evasion.Value.Rule is "pickle.computed-name" or "pickle.extension" or "pickle.call" || evasion.Key is "a long name").Select(evasion => evasion.Key)];

    [Theory]
    [MemberData(nameof(EvasionNames))]
    public void Safetensors_ThatIsAPickleToo_IsRefused(string name)
    {
        var (rule, write) = Evasions[name];
        var examination = Checks.Examine("pytorch_model.bin", Safetensors(PickleAssembler.Make(write)));

        Assert.Equal(FileFormat.Safetensors, examination.Format);
        Assert.True(examination.Findings.Any(finding => finding.Rule == rule && finding.Message.StartsWith("bytes that should", StringComparison.Ordinal)), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
    }

    [Theory]
    [MemberData(nameof(TextEvasionNames))]
    public void Zip_ThatIsAPickleToo_IsRefused(string name)
    {
        // For a loader of pickles the first line is an id; what stands behind the first line feed, in a member, are opcodes.
        var (rule, write) = Evasions[name];
        var zip = Enumerable.Range(1, 100).Select(length => ZipTests.Zip(CompressionLevel.NoCompression, (new string('a', length), [.. "\n"u8, .. PickleAssembler.Make(write)])))
            .First(bytes => bytes.AsSpan().IndexOf((byte)'\n') > 30);
        var examination = Checks.Examine("a.zip", zip);

        Assert.Equal(FileFormat.Zip, examination.Format);
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
        Assert.Contains(examination.Findings, finding => finding.Rule == rule && finding.Message.StartsWith("bytes that should", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("changes\nversion\nReally")]
    [InlineData("config.yaml\nmodel.bin\nNbers")]
    [InlineData("cab\nde\nRest\n0.1.2\n")]
    public void Zip_OfTextThatNamesModulesByAccident_IsClean(string text)
    {
        var zip = Enumerable.Range(1, 100).Select(length => ZipTests.Zip(CompressionLevel.NoCompression, (new string('a', length), [.. "\n"u8, .. Encoding.UTF8.GetBytes(text)])))
            .First(bytes => bytes.AsSpan().IndexOf((byte)'\n') > 30);

        Checks.AssertClean(Checks.Examine("a.zip", zip), FileFormat.Zip);
    }

    [Theory]
    [MemberData(nameof(PickleTrickTests.PayloadNames), MemberType = typeof(PickleTrickTests))]
    public void Safetensors_WithAPayloadAsItsTensors_IsRefused(string name)
    {
        var examination = Checks.Examine("pytorch_model.bin", Safetensors(PickleTrickTests.Payload(name)));

        Assert.Equal(FileFormat.Safetensors, examination.Format);
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
    }

    [Fact]
    public void JoblibArray_WhoseBytesUseNamesOfThePickle_IsRefused()
    {
        var bytes = PickleAssembler.Make(pickle => PickleTrickTests.JoblibArray(pickle.Proto(3).EmptyDict().Text("os").BinPut(0).Text("system").BinPut(1).SetItem(), 7)
            .Raw((byte)'h', 0, (byte)'h', 1, 0x93, (byte)')', (byte)'R').Stop());

        var below = PickleAssembler.Make(pickle => PickleTrickTests.JoblibArray(pickle.Proto(3).Text("os").Text("system").Mark(), 4)
            .Raw((byte)'1', 0x93, (byte)')', (byte)'R').Tuple().Tuple3().Stop());

        Checks.AssertMalicious(Checks.Examine("a.joblib", bytes), "pickle.import");
        Checks.AssertMalicious(Checks.Examine("a.joblib", below), "pickle.import");
    }

    [Theory]
    [InlineData(0x2E)]
    [InlineData(0x88)]
    [InlineData((byte)'N')]
    [InlineData((byte)'(')]
    [InlineData(0x80)]
    [InlineData(0x93)]
    [InlineData((byte)'R')]
    [InlineData((byte)'b')]
    [InlineData(0x82)]
    public void Safetensors_OfOneByteAgainAndAgain_IsClean(byte value)
    {
        var tensor = new byte[60_000_000];
        tensor.AsSpan().Fill(value);
        if (value is not (0x88 or (byte)'N' or (byte)'('))
        {
            tensor = tensor[..1_000_000];
        }

        Checks.AssertClean(Checks.Examine("model.safetensors", Safetensors(tensor)), FileFormat.Safetensors);
    }

    [Fact]
    public void Safetensors_OfRandomBytes_AreClean()
    {
        var random = new Random(7);
        for (var count = 0; count < 20_000; count++)
        {
            // Opcodes alone, which is the worst that chance can do.
            var tensor = new byte[200];
            random.NextBytes(tensor);
            for (var at = 0; at < tensor.Length && count % 2 == 0; at++)
            {
                tensor[at] = Opcodes[tensor[at] % Opcodes.Length];
            }

            var examination = Checks.Examine("model.safetensors", Safetensors(tensor));
            Assert.True(examination.Verdict == Verdict.Clean, $"{Convert.ToHexString(tensor)}: {string.Join("; ", examination.Findings)}");
        }
    }

    [Fact]
    public void Safetensors_WithMoreOpcodesThanAreFollowed_IsRefused()
    {
        var tensor = new byte[51_000_000];
        for (var at = 0; at < tensor.Length; at += 2)
        {
            (tensor[at], tensor[at + 1]) = ((byte)'N', (byte)'0');
        }

        Checks.AssertSuspicious(Checks.Examine("model.safetensors", Safetensors(tensor)), "examination.limit");
    }

    private static ReadOnlySpan<byte> Opcodes => "(.012FIJKLMNPQRSTUVXabcdehijlopqrstu}])"u8;

    /// <summary>A sound file whose length begins with the letter V: for a loader of pickles all up to the header's line feed is text, and opcodes follow.</summary>
    internal static byte[] Safetensors(byte[] tensor)
    {
        for (var padding = 0; padding < 512; padding++)
        {
            var header = Encoding.ASCII.GetBytes($$"""{"__metadata__":{"a":"{{new string('x', padding)}}"},"w":{"dtype":"U8","shape":[{{tensor.Length}}],"data_offsets":[0,{{tensor.Length}}]}""" + "\n}");
            if ((header.Length & 0xFF) == 'V')
            {
                return [.. BitConverter.GetBytes((long)header.Length), .. header, .. tensor];
            }
        }

        throw new InvalidOperationException("no padding fits");
    }

    private static PickleAssembler Echo(PickleAssembler pickle) => pickle.Text("echo").Tuple1().Reduce().Stop();

    private static PickleAssembler System(PickleAssembler pickle) => Echo(pickle.Global("os", "system"));

    private static PickleAssembler Computed(PickleAssembler pickle, string text) => pickle.Global("builtins", "str").Text(text).Tuple1().Reduce();

    private static PickleAssembler Repeat(PickleAssembler pickle, int count, Action<PickleAssembler> write)
    {
        for (var index = 0; index < count; index++)
        {
            write(pickle);
        }

        return pickle;
    }
}
