namespace ModelGarden.Formats.Tests.Pickles;

/// <summary>Every trick by which a pickle hides what it does, each refused for its reason.</summary>
public sealed class PickleTrickTests
{
    private static readonly Dictionary<string, (string Rule, Action<PickleAssembler> Write)> Tricks = new()
    {
        // Broken streams.
        ["truncated in an opcode"] = ("file.truncated", pickle => pickle.Proto(2).EmptyDict().Raw((byte)'X', 10, 0, 0, 0)),
        ["no STOP"] = ("pickle.no-stop", pickle => pickle.Proto(2).EmptyDict().BinPut(0)),
        ["no opcode"] = ("pickle.opcode", pickle => pickle.Proto(2).EmptyDict().Raw(0xFF).Stop()),
        ["empty stack"] = ("pickle.stack", pickle => pickle.Proto(2).None().Append().Stop()),
        ["below a mark"] = ("pickle.stack", pickle => pickle.Proto(2).EmptyDict().Mark().SetItem().Stop()),
        ["no mark"] = ("pickle.stack", pickle => pickle.Proto(2).EmptyList().Appends().Stop()),
        ["left over"] = ("pickle.leftover", pickle => pickle.Proto(2).EmptyDict().EmptyDict().Stop()),
        ["bytes after STOP"] = ("pickle.trailing", pickle => pickle.Proto(2).EmptyDict().Stop().Raw(0xFF, 0xFE)),
        ["odd number"] = ("pickle.number", pickle => pickle.Proto(2).Int("0x10").Stop()),

        // The memo.
        ["memo of nothing"] = ("pickle.memo", pickle => pickle.Proto(2).EmptyDict().BinPut(0).BinGet(1).BinGet(0).SetItem().Stop()),
        ["memo replaced"] = ("pickle.memo", pickle => pickle.Proto(2).Text("collections").BinPut(0).Text("torch").BinPut(0).Tuple2().Stop()),
        ["memo by text replaced"] = ("pickle.memo", pickle => pickle.EmptyList().Put("0").None().Put("0").Append().Stop()),
        ["MEMOIZE beside PUT"] = ("pickle.memo", pickle => pickle.Proto(4).EmptyList().LongBinPut(1).None().Memoize().Append().Stop()),
        ["memo far ahead"] = ("pickle.memo", pickle => pickle.Proto(2).EmptyDict().LongBinPut(0x7FFF_FFFF).Stop()),
        ["memo of more than is kept"] = ("pickle.memo-limit", pickle => pickle.Proto(2).EmptyDict().LongBinPut(5_000_000).Stop()),
        ["memo below zero"] = ("pickle.memo", pickle => pickle.EmptyDict().Put("-1").Stop()),

        // Names.
        ["computed module"] = ("pickle.computed-name", pickle => pickle.Proto(4).Global("_codecs", "encode").Text("os").Text("latin1").Tuple2().Reduce().ShortText("x").StackGlobal().Stop()),
        ["name that is no text"] = ("pickle.computed-name", pickle => pickle.Proto(4).ShortText("torch").BinInt1(1).StackGlobal().Stop()),
        ["computing codec"] = ("pickle.call", pickle => pickle.Proto(2).Global("_codecs", "encode").Text("bf").Text("rot13").Tuple2().Reduce().Stop()),
        ["dotted attribute"] = ("pickle.import-name", pickle => pickle.Proto(4).Import("torch", "nn.Linear").Stop()),
        ["homoglyph"] = ("pickle.import-name", pickle => pickle.Proto(4).Import("tоrch", "FloatStorage").Stop()),
        ["line feed in a name"] = ("pickle.import-name", pickle => pickle.Proto(4).Import("torch\n", "FloatStorage").Stop()),
        ["empty name"] = ("pickle.import-name", pickle => pickle.Proto(4).Import("torch", "").Stop()),

        ["name of thousands of parts"] = ("pickle.import-name", pickle => pickle.Proto(2).Global("torch" + new string('.', 50_000), "x").Stop()),

        // Calls.
        ["dropped result"] = ("pickle.dropped", pickle => pickle.Proto(2).OrderedDict().Pop().EmptyDict().Stop()),
        ["dropped results"] = ("pickle.dropped", pickle => pickle.Proto(2).EmptyDict().Mark().OrderedDict().PopMark().Stop()),
        ["computed call"] = ("pickle.computed-call", pickle => pickle.Proto(2).OrderedDict().EmptyTuple().Reduce().Stop()),
        ["text called"] = ("pickle.computed-call", pickle => pickle.Proto(2).Text("eval").EmptyTuple().Reduce().Stop()),
        ["INST"] = ("pickle.old-style", pickle => pickle.Mark().Inst("collections", "OrderedDict").Stop()),
        ["OBJ"] = ("pickle.old-style", pickle => pickle.Mark().Global("collections", "OrderedDict").Obj().Stop()),
        ["NEWOBJ"] = ("pickle.new-object", pickle => pickle.Proto(2).Global("collections", "OrderedDict").EmptyTuple().NewObj().Stop()),
        ["NEWOBJ_EX"] = ("pickle.new-object", pickle => pickle.Proto(4).Global("collections", "OrderedDict").EmptyTuple().EmptyDict().Text("a").None().SetItem().NewObjEx().Stop()),
        ["type called"] = ("pickle.call", pickle => pickle.Proto(2).Global("torch", "FloatStorage").EmptyTuple().Reduce().Stop()),
        ["giant array of bytes"] = ("pickle.call", pickle => pickle.Proto(3).Global("builtins", "bytearray").BinInt(int.MaxValue).Tuple1().Reduce().Stop()),
        ["arguments that are no tuple"] = ("pickle.call", pickle => pickle.Proto(2).Global("collections", "OrderedDict").EmptyList().Reduce().Stop()),
        ["defaultdict of a function"] = ("pickle.call", pickle => pickle.Proto(2).Global("collections", "defaultdict").Global("torch._utils", "_rebuild_tensor_v2").Tuple1().Reduce().Stop()),

        // States and fillings.
        ["BUILD twice"] = ("pickle.build", pickle => pickle.Proto(2).OrderedDict().EmptyDict().Build().EmptyDict().Build().Stop()),
        ["BUILD with slots"] = ("pickle.build", pickle => pickle.Proto(2).OrderedDict().None().EmptyDict().Tuple2().Build().Stop()),
        ["BUILD of a value"] = ("pickle.build", pickle => pickle.Proto(2).EmptyDict().EmptyDict().Build().Stop()),
        ["BUILD of a size"] = ("pickle.build", pickle => pickle.Proto(2).Global("torch", "Size").EmptyTuple().Tuple1().Reduce().EmptyDict().Build().Stop()),
        ["SETITEM on a class"] = ("pickle.container", pickle => pickle.Proto(2).Global("collections", "OrderedDict").Text("a").None().SetItem().Stop()),
        ["APPEND to a tuple"] = ("pickle.container", pickle => pickle.Proto(2).EmptyTuple().None().Append().Stop()),
        ["ADDITEMS to a list"] = ("pickle.container", pickle => pickle.Proto(4).EmptyList().Mark().None().AddItems().Stop()),
        ["state of a type that has none"] = ("pickle.build", pickle => pickle.Proto(2).Global("numpy", "dtype").EmptyTuple().Reduce().Mark().BinInt1(3).Text("|").None().None().None().BinInt1(8).BinInt1(8).BinInt1(0).Tuple().Build().Stop()),
        ["addresses as numbers"] = ("pickle.build", pickle => pickle.Proto(2).Global("numpy", "dtype").Text("O8").Tuple1().Reduce().Mark().BinInt1(3).Text("|").None().None().None().BinInt1(8).BinInt1(8).BinInt1(0).Tuple().Build().Stop()),

        ["size of a list"] = ("pickle.call", pickle => pickle.Proto(2).Global("torch", "Size").EmptyList().Tuple1().Reduce().Stop()),
        ["type of another length than its name"] = ("pickle.build", pickle => pickle.Proto(2).Global("numpy", "dtype").Text("V1").Tuple1().Reduce().Mark().BinInt1(3).Text("|").None().None().None().BinInt(1000).BinInt1(1).BinInt1(0).Tuple().Build().Stop()),
        ["NumPy's text of a negative length"] = ("pickle.build", pickle => DataType(pickle, "S5", -1, 1)),
        ["NumPy's text of a negative length, with a sign"] = ("pickle.build", pickle => DataType(pickle, "<U5", -20, 4, 8)),
        ["a type of a negative length"] = ("pickle.build", pickle => DataType(pickle, "f8", -8, -1)),
        ["a type of an alignment of none"] = ("pickle.build", pickle => DataType(pickle, "V4", 4, 0)),
        ["a type of an odd alignment"] = ("pickle.build", pickle => DataType(pickle, "f8", -1, 3)),
        ["state too long to be kept"] = ("pickle.build", pickle => Long(pickle.Proto(2).OrderedDict().EmptyDict()).Build().Stop()),

        // What only a loader knows.
        ["EXT1"] = ("pickle.extension", pickle => pickle.Proto(2).Ext1(7).Stop()),
        ["EXT2"] = ("pickle.extension", pickle => pickle.Proto(2).Ext2(700).Stop()),
        ["EXT4"] = ("pickle.extension", pickle => pickle.Proto(2).Ext4(70_000).Stop()),
        ["PERSID"] = ("pickle.persistent-id", pickle => pickle.Proto(2).PersId("os.system").Stop()),
        ["BINPERSID"] = ("pickle.persistent-id", pickle => pickle.Proto(2).Text("x").BinPersId().Stop()),
        ["NEXT_BUFFER"] = ("pickle.out-of-band", pickle => pickle.Proto(5).NextBuffer().Stop()),
        ["READONLY_BUFFER"] = ("pickle.out-of-band", pickle => pickle.Proto(5).None().ReadOnlyBuffer().Stop()),

        // Protocols and frames.
        ["second PROTO"] = ("pickle.protocol", pickle => pickle.Proto(2).EmptyDict().Proto(2).Stop()),
        ["PROTO of another version"] = ("pickle.protocol", pickle => pickle.Proto(2).Proto(4).EmptyDict().Stop()),
        ["late PROTO"] = ("pickle.protocol", pickle => pickle.EmptyDict().Mark().Text("a").None().SetItems().Proto(2).Stop()),
        ["opcode of a later protocol"] = ("pickle.protocol", pickle => pickle.Proto(2).ShortText("a").Stop()),
        ["frame too long"] = ("pickle.frame", pickle => pickle.Proto(4).Frame(1000).EmptyDict().Stop()),
        ["frame too short"] = ("pickle.frame", pickle => pickle.Proto(4).Frame(3).ShortText("abcdef").Stop()),
        ["frame in a frame"] = ("pickle.frame", pickle => pickle.Proto(4).Frame(11).Frame(2).EmptyDict().Stop()),
        ["frame beyond STOP"] = ("pickle.frame", pickle => pickle.Proto(4).Frame(4).EmptyDict().Stop().Raw(0, 0)),
    };

    private static readonly Dictionary<string, Action<PickleAssembler>> Payloads = new()
    {
        ["before a broken end"] = pickle => System(pickle.Proto(2)).Raw(0xFF),
        ["before a cut"] = pickle => System(pickle.Proto(2)).Raw((byte)'X', 100, 0),
        ["behind an empty stack"] = pickle => System(pickle.Proto(2).Pop().Append().SetItems()).Stop(),
        ["in the second pickle"] = pickle => System(pickle.Proto(2).EmptyDict().Stop().Proto(2)).Stop(),
        ["behind bytes that are none"] = pickle => System(pickle.Proto(2).EmptyDict().Stop()).Stop(),
        ["with a dropped result"] = pickle => System(pickle.Proto(2)).Pop().EmptyDict().Stop(),
        ["by escaped text"] = pickle => pickle.Proto(4).String(@"'\x6fs'").String(@"'s\171stem'").StackGlobal().Text("echo").Tuple1().Reduce().Stop(),
        ["by Unicode escapes"] = pickle => pickle.Proto(4).Unicode(@"\u006fs").Unicode(@"\U00000073ystem").StackGlobal().Text("echo").Tuple1().Reduce().Stop(),
        ["through the memo"] = pickle => pickle.Proto(4).ShortText("os").Memoize().Pop().ShortText("system").Memoize().Pop().BinGet(0).BinGet(1).StackGlobal().Text("echo").Tuple1().Reduce().Stop(),
        ["through a replaced memo"] = pickle => pickle.Proto(4).ShortText("torch").BinPut(0).ShortText("os").BinPut(0).Pop().Pop().BinGet(0).ShortText("system").StackGlobal().Stop(),
        ["through an attribute of an allowed module"] = pickle => pickle.Proto(4).Import("torch", "serialization.os.system").Stop(),
        ["through an allowed class"] = pickle => pickle.Proto(4).Import("collections", "OrderedDict.__init__.__globals__").Stop(),
        ["with spaces around the name"] = pickle => pickle.Proto(4).Import(" os ", "system").Stop(),
        ["by INST"] = pickle => pickle.Mark().Text("echo").Inst("os", "system").Stop(),
        ["by OBJ"] = pickle => pickle.Mark().Global("os", "system").Text("echo").Obj().Stop(),
        ["by NEWOBJ"] = pickle => pickle.Proto(2).Global("subprocess", "Popen").Text("echo").Tuple1().NewObj().Stop(),
        ["by NEWOBJ_EX"] = pickle => pickle.Proto(4).Global("subprocess", "Popen").EmptyTuple().EmptyDict().Text("args").Text("echo").SetItem().NewObjEx().Stop(),
        ["as a state's function"] = pickle => pickle.Proto(2).OrderedDict().EmptyDict().Text("__setstate__").Global("os", "system").SetItem().Build().Text("echo").Build().Stop(),
        ["as a patched class"] = pickle => pickle.Proto(2).Global("collections", "OrderedDict").EmptyDict().Text("__setitem__").Global("torch", "device").SetItem().Build().Stop(),
        ["behind a hundred others"] = pickle => System(Enumerable.Range(0, 300).Aggregate(pickle.Proto(2), (all, number) => all.Global("unknown", $"f{number}").Pop())).Stop(),
        ["by a computed name"] = pickle => pickle.Proto(4).Global("_codecs", "encode").Text("os").Text("latin1").Tuple2().Reduce().ShortText("system").StackGlobal().Stop(),
        ["behind a frame that lies"] = pickle => System(pickle.Proto(4).Frame(2).EmptyDict().Stop().Proto(2)).Stop(),
        ["behind the padding of joblib"] = pickle => System(JoblibArray(pickle.Proto(3), 8, "u1", alignment: 0).Raw(1, 0).Raw(0, 0, 0, 0, 0, 0, 0, 0)).Stop(),
        ["behind a wrapper of joblib"] = pickle => System(JoblibArray(pickle.Proto(3), 64)).Stop(),
    };

    public static TheoryData<string> TrickNames => [.. Tricks.Keys];

    public static TheoryData<string> PayloadNames => [.. Payloads.Keys];

    internal static byte[] Payload(string name) => PickleAssembler.Make(Payloads[name]);

    [Theory]
    [MemberData(nameof(TrickNames))]
    public void Trick_IsRefusedForItsReason(string name)
    {
        var (rule, write) = Tricks[name];
        var examination = Checks.Examine("a.pkl", PickleAssembler.Make(write));

        Assert.True(examination.Findings.Any(finding => finding.Rule == rule), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
    }

    [Theory]
    [MemberData(nameof(PayloadNames))]
    public void Payload_HoweverHidden_IsMalicious(string name)
    {
        var examination = Checks.Examine("a.pkl", PickleAssembler.Make(Payloads[name]));

        Assert.True(examination.Verdict == Verdict.Malicious, string.Join("; ", examination.Findings));
        Assert.Contains(examination.Findings, finding => finding is { Severity: FindingSeverity.Malicious, Offset: not null });
    }

    [Fact]
    public void SeveralPickles_ThatAreAllPlain_AreClean() =>
        Checks.AssertClean(Checks.Examine("a.pkl", PickleAssembler.Make(pickle => pickle.Proto(2).EmptyDict().Stop().Proto(4).EmptyList().Stop())), FileFormat.Pickle);

    [Fact]
    public void Stack_ThatGrowsWithoutEnd_IsRefused() =>
        Checks.AssertSuspicious(Checks.Examine("a.pkl", [0x80, 2, .. Enumerable.Repeat((byte)'N', 2_000_000)]), "pickle.stack-limit");

    [Fact]
    public void Marks_WithoutEnd_AreRefused() =>
        Checks.AssertSuspicious(Checks.Examine("a.pkl", [0x80, 2, .. Enumerable.Repeat((byte)'(', 2_000_000)]), "pickle.stack-limit");

    [Fact]
    public void Values_ThatAreTooManyToKeep_AreCountedOut()
    {
        // A tuple in a tuple in a tuple: nothing is dropped, everything is kept until it is too much.
        var bytes = new byte[12_000_003];
        (bytes[0], bytes[1], bytes[2]) = (0x80, 2, (byte)'N');
        bytes.AsSpan(3).Fill(0x85);
        bytes[^1] = (byte)'.';
        var before = GC.GetAllocatedBytesForCurrentThread();

        Checks.AssertClean(Checks.Examine("a.pkl", bytes), FileFormat.Pickle);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void JoblibArray_OfNumbers_IsClean()
    {
        Checks.AssertClean(Checks.Examine("a.joblib", JoblibNumbers()), FileFormat.Pickle);
        Checks.AssertClean(Checks.Examine("a.joblib", JoblibPadded()), FileFormat.Pickle);
    }

    [Fact]
    public void JoblibArray_OfObjects_IsFollowedAsAPickle()
    {
        Checks.AssertClean(Checks.Examine("a.joblib", JoblibObjects()), FileFormat.Pickle);

        var evil = PickleAssembler.Make(pickle => JoblibArray(pickle.Proto(3), 1, "O8").Raw(PickleAssembler.Make(inner => System(inner.Proto(2)).Stop())).Stop());
        Assert.Equal(Verdict.Malicious, Checks.Examine("a.joblib", evil).Verdict);
    }

    private static PickleAssembler System(PickleAssembler pickle) => pickle.Global("os", "system").Text("echo").Tuple1().Reduce();

    internal static byte[] JoblibNumbers() => PickleAssembler.Make(pickle => JoblibArray(pickle.Proto(3), 8).Raw(1, 2, 3, 4, 5, 6, 7, 0xFF).Stop());

    /// <summary>As joblib writes it since 1.2: a byte that counts padding, and the padding, before the array.</summary>
    internal static byte[] JoblibPadded() => PickleAssembler.Make(pickle => JoblibArray(pickle.Proto(3), 2, "f8", alignment: 16).Raw(3, 0xFF, 0xFF, 0xFF).Raw(new byte[16]).Stop());

    internal static byte[] JoblibObjects() =>
        PickleAssembler.Make(pickle => JoblibArray(pickle.Proto(3), 1, "O8").Raw(PickleAssembler.Make(inner => inner.Proto(2).EmptyList().Stop())).Stop());

    // Joblib's placeholder for an array, as version 1.1 writes it: the bytes follow.
    internal static PickleAssembler JoblibArray(PickleAssembler pickle, int length, string type = "u1", byte? alignment = null) => Alignment(pickle
        .Global("joblib.numpy_pickle", "NumpyArrayWrapper").EmptyTuple().NewObj().EmptyDict().Mark()
        .Text("subclass").Global("numpy", "ndarray").Text("shape").BinInt(length).Tuple1().Text("order").Text("C")
        .Text("dtype").Global("numpy", "dtype").Text(type).False().True().Tuple3().Reduce()
        .Text("allow_mmap").True(), alignment).SetItems().Build();

    private static PickleAssembler Alignment(PickleAssembler pickle, byte? alignment) => alignment is { } bytes ? pickle.Text("numpy_array_alignment_bytes").BinInt1(bytes) : pickle;

    private static PickleAssembler DataType(PickleAssembler pickle, string type, int size, int alignment, byte flags = 0) => pickle
        .Proto(2).Global("numpy", "dtype").Text(type).Tuple1().Reduce()
        .Mark().BinInt1(3).Text("<").None().None().None().BinInt(size).BinInt(alignment).BinInt1(flags).Tuple().Build().Stop();

    // More keys than are kept.
    private static PickleAssembler Long(PickleAssembler pickle)
    {
        for (var count = 0; count < 1_100_000; count++)
        {
            pickle.None().None().SetItem();
        }

        return pickle;
    }
}
