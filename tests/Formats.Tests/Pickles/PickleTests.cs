using System.Text;

namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>What is recognised as a pickle whatever its name, what is clean, and what is malicious.</summary>
public sealed class PickleTests
{
    private static readonly string[] Names = ["a.pkl", "pytorch_model.bin", "README.md", "tensors", "notes.txt", "model.safetensors"];

    /// <summary>A command run in each of pickle's ways.</summary>
    public static TheoryData<byte[]> Payloads =>
    [
        Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R."),
        Latin("\u0080\u0004\u0095\u0013\0\0\0\0\0\0\0\u008c\u0002os\u0094\u008c\u0006system\u0094\u0093\u0094."),
        Latin("cos\nsystem\n(S'echo'\ntR."),
        Latin("cos\r\nsystem\r\n(S'echo'\r\ntR."),
        Latin("(S'echo'\nios\nsystem\n."),
        Latin("(cos\nsystem\nS'echo'\no."),
        Latin("N0N0N0cos\nsystem\n(Vecho\ntR."),
        Latin("I1\n0cbuiltins\neval\n(S'1'\ntR."),
        Latin("}\u0080\u0002cos\nsystem\n]R."),

        // Numbers as Python reads them and nobody writes them.
        Latin("I0x1\n0cos\nsystem\n(S'echo'\ntR."),
        Latin("I1\0nothing that counts\n0cos\nsystem\n(S'echo'\ntR."),
        Latin("FNaN\0a\n0cos\nsystem\n(S'echo'\ntR."),
        Latin("L 1_0\n0cos\nsystem\n(S'echo'\ntR."),
        Latin("Np 1_0\n0cos\nsystem\n(S'echo'\ntR."),
        Latin("\u0080\u0002I0x1\n0cos\nsystem\n(S'echo'\ntR."),

        // Behind the STOP of a pickle that does nothing.
        Latin("I1\n.cos\nsystem\n(S'echo'\ntR."),
        Latin("N.].(lp0\n.cos\nsystem\n(S'echo'\ntR."),

        // Broken behind the payload: it has run by then.
        Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R\u00ff\u00ff\u00ff"),
        Latin("cos\nsystem\n(S'echo'\ntR\u00ff\u00ff"),

        // A payload behind more harmless opcodes, or a longer line, than are looked at to recognise it.
        Latin(string.Concat(Enumerable.Repeat("N0", 50_000)) + "cos\nsystem\n(S'echo'\ntR."),
        Latin($"\u0080\u0004B\u00a0\u0086\u0001\0{new string('x', 100_000)}0cos\nsystem\n(S'echo'\ntR."),
    ];

    public static TheoryData<byte[]> Plain =>
    [
        Latin("\u0080\u0003}q\0."),
        Latin("\u0080\u0002\u008a\u000al\u00fc\u009cF\u00f9 j\u00a8P\u0018."),
        PickleAssembler.Make(pickle => pickle.Proto(2).OrderedDict().BinPut(0).Mark().Text("a").BinInt1(1).SetItems().EmptyDict().Text("_metadata").OrderedDict().SetItem().Build().Stop()),
        PickleAssembler.Make(pickle => pickle.Proto(4).EmptyList().Memoize().Mark().None().True().BinFloat(1.5).Int("5").Float("1e5").EmptySet().Mark().BinInt1(1).AddItems().Mark().BinInt1(2).FrozenSet().Appends().Stop()),
        PickleAssembler.Make(pickle => pickle.Proto(2).Global("__builtin__", "set").EmptyList().Tuple1().Reduce().Stop()),
        PickleAssembler.Make(pickle => pickle.Proto(2).Global("_codecs", "encode").Text("abc").Text("latin1").Tuple2().Reduce().Stop()),
        Latin("\u0080\u0002cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\u0002f8K\0K\u0001\u0087R(K\u0003U\u0001<NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tbU\u000812345678\u0086R."),
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Payload_UnderAnyName_IsMalicious(byte[] bytes)
    {
        foreach (var name in Names)
        {
            var examination = Checks.Examine(name, bytes);

            Assert.Equal((Verdict.Malicious, FileFormat.Pickle), (examination.Verdict, examination.Format));
            Assert.Contains(examination.Findings, finding => finding is { Rule: "pickle.import", Severity: FindingSeverity.Malicious, Offset: not null });
        }
    }

    [Theory]
    [MemberData(nameof(Plain))]
    public void PlainValues_AreClean(byte[] bytes) => Checks.AssertClean(Checks.Examine("a.pkl", bytes), FileFormat.Pickle);

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("nt", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "execfile")]
    [InlineData("builtins", "getattr")]
    [InlineData("builtins", "__import__")]
    [InlineData("runpy", "_run_code")]
    [InlineData("pty", "spawn")]
    [InlineData("socket", "create_connection")]
    [InlineData("ctypes", "CDLL")]
    [InlineData("importlib", "import_module")]
    [InlineData("shutil", "rmtree")]
    [InlineData("pickle", "loads")]
    [InlineData("torch", "load")]
    [InlineData("torch.serialization", "load")]
    [InlineData("torch.jit", "load")]
    [InlineData("numpy", "load")]
    [InlineData("numpy.testing._private.utils", "runstring")]
    [InlineData("operator", "attrgetter")]
    [InlineData("functools", "partial")]
    [InlineData("pip", "main")]
    [InlineData("pkgutil", "resolve_name")]
    [InlineData("timeit", "timeit")]
    [InlineData("cProfile", "run")]
    [InlineData("pydoc", "pipepager")]
    [InlineData("imaplib", "IMAP4_stream")]
    [InlineData("uuid", "_get_command_stdout")]
    [InlineData("torch.utils._config_module", "ConfigModule.load_config")]
    [InlineData("torch._inductor.codecache", "compile_file")]
    [InlineData("idlelib.pyshell", "ModifiedInterpreter.runcode")]
    [InlineData("torch.fx.graph_module", "reduce_graph_module")]
    [InlineData("types", "CodeType")]
    public void Import_OfWhatRunsOrLoadsOrReaches_IsMalicious(string module, string name)
    {
        var examination = Checks.Examine("a.pkl", PickleAssembler.Make(pickle => pickle.Proto(2).Global(module, name).Text("x").Tuple1().Reduce().Stop()));

        Assert.Equal(Verdict.Malicious, examination.Verdict);
        var import = Assert.Single(examination.Findings, finding => finding.Rule == "pickle.import");
        Assert.Equal(2, import.Offset);
        Assert.Contains($"{module}.{name}", import.Message, StringComparison.Ordinal);
        Assert.Contains(examination.Findings, finding => finding.Rule == "pickle.call" && finding.Message.Contains("('x')", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("torch.nn.modules.linear", "Linear")]
    [InlineData("sklearn.linear_model._base", "LinearRegression")]
    [InlineData("__main__", "Config")]
    [InlineData("uuid", "UUID")]
    [InlineData("torch.storage", "_load_from_bytes")]
    public void Import_OfWhatIsNotKnown_IsSuspicious(string module, string name) =>
        Checks.AssertSuspicious(Checks.Examine("a.pkl", PickleAssembler.Make(pickle => pickle.Proto(2).Global(module, name).Stop())), "pickle.import");

    [Theory]
    [InlineData("cat\ndog\nbird\n")]
    [InlineData("class Foo:\n    pass\n")]
    [InlineData("import os\n")]
    [InlineData("Very well.\n")]
    [InlineData("I am text.\n")]
    [InlineData("Know thyself.")]
    [InlineData("(a) first\n(b) second")]
    [InlineData("12345\n67890\n")]
    [InlineData("NNNNNNNN")]
    [InlineData("]")]
    [InlineData(".")]
    [InlineData("I1\n.")]
    [InlineData("from setuptools import setup\n")]
    [InlineData("color: red\nsize: 2\n")]
    public void Text_IsNotTakenForAPickle(string text) => Checks.AssertClean(Checks.Examine("notes.txt", Encoding.UTF8.GetBytes(text)), FileFormat.Text);

    [Fact]
    public void Name_OfAPickle_WithOtherContent_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("model.pkl", [0xDE, 0xAD, 0xBE, 0xEF]), "pickle.opcode");

    [Fact]
    public void Numbers_OfManyBytesInProtocolZero_AreAPickle()
    {
        // However the head of the file happens to be cut.
        for (var pad = 0; pad < 8; pad++)
        {
            var text = "(lp0\n" + $"I{new string('1', pad + 1)}\na" + string.Concat(Enumerable.Range(0, 20_000).Select(number => $"I{number}\na")) + ".";

            Checks.AssertClean(Checks.Examine("a.pkl", Latin(text)), FileFormat.Pickle);
        }
    }

    [Theory]
    [InlineData("'|O'")]
    [InlineData("'O'")]
    [InlineData("'O8'")]
    [InlineData("[('a', '<f4'), ('b', '|O')]")]
    public void NumpyArray_OfObjects_IsExaminedAsAPickle(string type)
    {
        Checks.AssertClean(Checks.Examine("a.npy", Numpy(type, Latin("\u0080\u0003}q\0."))), FileFormat.Numpy);
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.npy", Numpy(type, Latin("cos\nsystem\n(S'echo'\ntR."))).Verdict);
    }

    [Theory]
    [InlineData("'\\x4f'")]
    [InlineData("'object'")]
    [InlineData("'f4', 'descr': 'O'")]
    [InlineData("'<f4', 'fortran_order': False, 'shape': (1,), 'des' 'cr': '|O'")]
    [InlineData("[('a', \"|O\")]")]
    [InlineData("[('a' ,'|O')]")]
    [InlineData("[('a', [('b', '<f4')], (2,)), ('c', '|O')]")]
    public void NumpyArray_WhoseTypeIsSpelledOddly_IsLookedIntoAnyway(string type)
    {
        Checks.AssertSuspicious(Checks.Examine("a.npy", Numpy(type, [0, 0, 0, 0])), "numpy.header");
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.npy", Numpy(type, Latin("cos\nsystem\n(S'echo'\ntR."))).Verdict);
    }

    [Fact]
    public void NumpyArray_OfNumbers_IsClean()
    {
        Checks.AssertClean(Checks.Examine("a.npy", Numpy("'<f4'", [0, 0, 0, 0])), FileFormat.Numpy);
        Checks.AssertClean(Checks.Examine("a.npy", Numpy("[('a', '<i2'), ('', '|V1'), ('b', '<f4', (2, 3))]", new byte[27])), FileFormat.Numpy);
        Checks.AssertClean(Checks.Examine("a.npy", [.. Numpy("'<U2'", new byte[8]), .. Numpy("'|b1'", [1])]), FileFormat.Numpy);
    }

    [Fact]
    public void NumpyArray_WithSomethingBehindIt_IsLookedIntoWhole()
    {
        var numbers = Numpy("'<f4'", [0, 0, 0, 0]);

        Checks.AssertSuspicious(Checks.Examine("a.npy", [.. numbers, 1, 2]), "numpy.trailing");
        Checks.AssertSuspicious(Checks.Examine("a.npy", numbers[..^1]), "file.truncated");
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.npy", [.. numbers, .. Numpy("'|O'", Latin("cos\nsystem\n(S'echo'\ntR."))]).Verdict);
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.npy", [.. numbers, .. Latin("cos\nsystem\n(S'echo'\ntR.")]).Verdict);
    }

    internal static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    internal static byte[] Numpy(string type, byte[] data)
    {
        var header = $"{{'descr': {type}, 'fortran_order': False, 'shape': (1,), }}\n";
        return [.. Latin("\u0093NUMPY\u0001\0"), (byte)header.Length, 0, .. Latin(header), .. data];
    }
}
