namespace ModelGarden.Formats.Tests;

public sealed class OnnxTests
{
    /// <summary>Operators of a maker's own beside a function of the model's, a graph in a graph, and a step of training.</summary>
    internal static byte[] WithOperators() =>
    [
        .. Model(Node("F", "mine"), Node("F", "evil.example"), Node("If", "", Proto.Message(5, Proto.Message(6, Node("G", "mine", Proto.Text(8, "half")))))),
        .. Proto.Message(20, Proto.Message(2, Node("Relu"))),
        .. Function("mine", "F", "", Node("Relu")),
        .. Function("mine", "G", "half", Node("F", "mine")),
    ];

    private static byte[] Tensor(string name, int type, long[] dims, params byte[][] more) =>
        Proto.Message(5, [.. dims.Select(dim => Proto.Number(1, dim)), Proto.Number(2, type), Proto.Text(8, name), .. more]);

    private static byte[] Node(string type, string domain = "", params byte[][] more) => Proto.Message(1, [Proto.Text(4, type), Proto.Text(7, domain), .. more]);

    private static byte[] Function(string domain, string name, string overload, params byte[][] nodes) =>
        Proto.Message(25, [Proto.Text(1, name), .. nodes.Select(node => (byte[])[(7 << 3) | 2, .. node[1..]]), Proto.Text(10, domain), Proto.Text(13, overload)]);

    private static byte[] Model(params byte[][] graph) =>
        [.. Proto.Number(1, 8), .. Proto.Text(2, "test"), .. Proto.Message(7, graph), .. Proto.Message(8, Proto.Text(1, ""), Proto.Number(2, 17))];

    [Fact]
    public void Model_Whole_GivesItsFacts()
    {
        var shape = Proto.Message(2, Proto.Message(1, Proto.Text(2, "batch")), Proto.Message(1, Proto.Number(1, 3)), Proto.Message(1));
        var input = Proto.Message(11, Proto.Text(1, "x"), Proto.Message(2, Proto.Message(1, Proto.Number(1, 10), shape)));
        var sequence = Proto.Message(12, Proto.Text(1, "y"), Proto.Message(2, Proto.Message(4)));
        var inner = Proto.Message(6, Proto.Message(1, Proto.Text(4, "Relu")), Tensor("inner", 7, [2], Proto.Message(9, new byte[16])));
        var node = Proto.Message(1, Proto.Text(4, "If"), Proto.Message(5, Proto.Text(1, "then_branch"), inner));
        var custom = Proto.Message(1, Proto.Text(4, "Fancy"), Proto.Text(7, "com.example"));
        var examination = Checks.Examine("m.onnx", Model(node, custom, Proto.Text(2, "main"), Tensor("w", 1, [2, 3], Proto.Message(9, new byte[24])), input, Proto.Message(11, Proto.Text(1, "w")), sequence));

        Assert.Contains("'Fancy' of 'com.example'", Checks.AssertSuspicious(examination, "onnx.custom-operator").Message, StringComparison.Ordinal);
        var facts = Assert.IsType<OnnxFacts>(examination.Facts);
        Assert.Equal((8, "test", "main", 3, 2, 8), (facts.IrVersion, facts.Producer, facts.GraphName, facts.NodeCount, facts.InitializerCount, facts.Parameters));
        Assert.Equal(["If", "Relu", "com.example:Fancy"], facts.Operators);
        Assert.Equal(new OnnxOperatorSet("", 17), Assert.Single(facts.OperatorSets));
        Assert.Equal(("x", "FLOAT16"), (Assert.Single(facts.Inputs).Name, facts.Inputs[0].Type));
        Assert.Equal(["batch", "3", "?"], facts.Inputs[0].Shape);
        Assert.Equal(("y", "SEQUENCE", null), (facts.Outputs[0].Name, facts.Outputs[0].Type, facts.Outputs[0].Shape));
        Assert.Equal((6, 2), (facts.ParametersByType["FLOAT"], facts.ParametersByType["INT64"]));
        Assert.Equal(["inner INT64 2", "w FLOAT 2 3"], facts.Listed.Select(tensor => $"{tensor.Name} {tensor.Type} {string.Join(' ', tensor.Shape)}"));
    }

    [Fact]
    public void Dimensions_Packed_AreRead()
    {
        var tensor = Proto.Message(5, Proto.Message(1, Proto.Varint(4), Proto.Varint(5)), Proto.Number(2, 2), Proto.Message(9, new byte[20]));

        Assert.Equal(20, Assert.IsType<OnnxFacts>(Checks.Examine("m.onnx", Model(tensor)).Facts).Parameters);
    }

    [Fact]
    public void ExternalData_InTheRepository_IsAFact()
    {
        var external = new[] { Proto.Message(13, Proto.Text(1, "location"), Proto.Text(2, "data/weights.bin")), Proto.Number(14, 1) };
        var examination = Checks.Examine("m.onnx", Model(Tensor("w", 1, [1000], external)));

        Checks.AssertClean(examination, FileFormat.Onnx);
        Assert.Equal("data/weights.bin", Assert.Single(Assert.IsType<OnnxFacts>(examination.Facts).ExternalFiles));
    }

    /// <summary>Parsers take fields in every order, and pass over those that they do not know.</summary>
    [Fact]
    public void Fields_InOtherOrders_AreReadAsTheSame()
    {
        var outside = Tensor("w", 1, [1], Proto.Message(13, Proto.Text(1, "location"), Proto.Text(2, "../../etc/passwd")));
        var node = Proto.Message(1, Proto.Text(4, "Constant"), Proto.Message(5, Proto.Message(5, outside[2..])));
        byte[] rest = [.. Proto.Text(2, "test"), .. Proto.Message(8, Proto.Text(1, ""), Proto.Number(2, 17))];
        byte[] unknown = [.. Proto.Message(300, new byte[100_000]), .. Proto.Number(99, 1), 0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[][] models =
        [
            [.. Proto.Message(7, outside), .. rest, .. Proto.Number(1, 8)],
            [.. rest, .. Proto.Message(7, outside), .. Proto.Number(1, 8)],
            [.. Proto.Message(7, node), .. Proto.Number(1, 8)],
            [.. Proto.Number(1, 200), .. rest, .. Proto.Message(7, outside)],
            [.. Proto.Text(2, "\u0001"), .. Proto.Number(1, 8), .. Proto.Message(7, outside)],
            [.. unknown, .. Proto.Number(1, 8), .. Proto.Message(7, Proto.Text(10, "first"), outside)],
            [.. Proto.Number(1, 8), .. unknown, .. Proto.Message(7, outside)],
            [0x88, 0x00, 0x08, .. Proto.Message(7, outside)],
        ];

        foreach (var (model, index) in models.Select((model, index) => (model, index)))
        {
            var examination = Checks.Examine("weights", model);
            Assert.True(examination is { Format: FileFormat.Onnx, Verdict: Verdict.Malicious }, $"{index}: {examination.Format} {string.Join("; ", examination.Findings)}");
            Assert.Equal(Verdict.Malicious, Checks.Examine("a.zip", ZipTests.Zip(("weights", model))).Verdict);
        }
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\secret")]
    public void ExternalData_Outside_IsMalicious(string location)
    {
        var examination = Checks.Examine("m.onnx", Model(Tensor("w", 1, [1], Proto.Message(13, Proto.Text(1, "location"), Proto.Text(2, location)))));

        Assert.Equal(Verdict.Malicious, examination.Verdict);
        Assert.Equal("onnx.external-path", Assert.Single(examination.Findings).Rule);
    }

    [Theory]
    [InlineData(0, 1L, "onnx.data-type")]
    [InlineData(99, 1L, "onnx.data-type")]
    [InlineData(1, -1L, "onnx.shape")]
    [InlineData(1, long.MaxValue, "onnx.shape")]
    [InlineData(1, 2L, "onnx.size")]
    public void Tensor_Absurd_IsSuspicious(int type, long dimension, string rule) =>
        Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Tensor("w", type, [dimension], Proto.Message(9, new byte[4])))), rule);

    [Theory]
    [InlineData("")]
    [InlineData("ai.onnx")]
    [InlineData("ai.onnx.ml")]
    [InlineData("ai.onnx.training")]
    [InlineData("ai.onnx.preview")]
    [InlineData("ai.onnx.preview.training")]
    [InlineData("com.microsoft")]
    [InlineData("com.microsoft.nchwc")]
    [InlineData("com.microsoft.experimental")]
    [InlineData("com.microsoft.mlfeaturizers")]
    [InlineData("com.microsoft.dml")]
    [InlineData("com.ms.internal.nhwc")]
    [InlineData("org.pytorch.aten")]
    public void Operator_OfAWellKnownMaker_IsClean(string domain) => Checks.AssertClean(Checks.Examine("m.onnx", Model(Node("F", domain))), FileFormat.Onnx);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("ai.onnx.contrib")]
    [InlineData("com.microsoft.extensions")]
    [InlineData("com.microsoft ")]
    [InlineData("Ai.Onnx")]
    public void Operator_OfAMakerOfItsOwn_IsSuspicious(string domain)
    {
        var finding = Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Node("Relu"), Node("F", domain))), "onnx.custom-operator");

        Assert.StartsWith($"the operator 'F' of '{domain}' is no runtime's own", finding.Message, StringComparison.Ordinal);
        Assert.NotNull(finding.Offset);
    }

    /// <summary>A function is known by its domain, name and overload, and lies behind the graph that uses it, or before it.</summary>
    [Theory]
    [InlineData("mine", "F", "", true)]
    [InlineData("mine", "G", "", false)]
    [InlineData("mine", "F", "half", false)]
    [InlineData("mine.too", "F", "", false)]
    [InlineData("", "F", "", false)]
    public void Operator_ThatTheModelDefines_IsClean(string domain, string name, string overload, bool isDefined)
    {
        var function = Function(domain, name, overload, Node("Relu"));
        var model = Model(Node("F", "mine"));

        foreach (var bytes in new byte[][] { [.. model, .. function], [.. model[..2], .. function, .. model[2..]] })
        {
            Assert.Equal(isDefined ? Verdict.Clean : Verdict.Suspicious, Checks.Examine("m.onnx", bytes).Verdict);
            Assert.Equal(isDefined, Checks.Examine("m.onnx", bytes).Findings is []);
        }
    }

    [Fact]
    public void Operator_WithAnOverload_IsTheFunctionWithIt()
    {
        byte[] bytes = [.. Model(Node("F", "mine", Proto.Text(8, "half"))), .. Function("mine", "F", "half"), .. Function("mine", "F", "")];

        Checks.AssertClean(Checks.Examine("m.onnx", bytes), FileFormat.Onnx);
        Checks.AssertSuspicious(Checks.Examine("m.onnx", [.. Model(Node("F", "mine", Proto.Text(8, "half"))), .. Function("mine", "F", "")]), "onnx.custom-operator");
    }

    /// <summary>Wherever a runtime runs one.</summary>
    [Fact]
    public void Operator_OfAMakerOfItsOwn_IsFoundEverywhere()
    {
        var custom = Node("F", "evil.example");
        byte[][] models =
        [
            Model(Node("If", "", Proto.Message(5, Proto.Message(6, custom)))),
            [.. Model(Node("G", "mine")), .. Function("mine", "G", "", custom)],
            [.. Model(), .. Proto.Message(20, Proto.Message(1, custom))],
            [.. Model(), .. Proto.Message(20, Proto.Message(2, custom))],
            [.. Model(Node("G", "mine")), .. Proto.Message(25, Proto.Text(1, "G"), Proto.Text(10, "mine"), Proto.Message(11, Proto.Message(6, custom)))],
        ];

        Assert.All(models, model => Checks.AssertSuspicious(Checks.Examine("m.onnx", model), "onnx.custom-operator"));
    }

    /// <summary>Of a long name only the beginning is kept: two that begin alike are not one.</summary>
    [Fact]
    public void Operator_OfALongName_IsNotTakenForAnother()
    {
        var name = new string('F', 600);
        byte[] bytes = [.. Model(Node(name + "evil", "mine")), .. Function("mine", name, "")];

        Checks.AssertSuspicious(Checks.Examine("m.onnx", bytes), "onnx.custom-operator");
    }

    [Fact]
    public void Operators_OfTooManyMakers_AreSuspicious()
    {
        var names = Enumerable.Range(0, 4097).Select(number => $"F{number}").ToArray();
        byte[] bytes = [.. Model([.. names.Select(name => Node(name, "mine"))]), .. names.SelectMany(name => Function("mine", name, ""))];

        Assert.Contains("more than 4096", Checks.AssertSuspicious(Checks.Examine("m.onnx", bytes), "onnx.custom-operator").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("com.microsoft", "PyOp")]
    [InlineData("ai.onnx.contrib", "PyCustomOp")]
    public void Operator_ThatRunsPython_IsSuspicious(string domain, string type) =>
        Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Node(type, domain))), "onnx.python");

    [Theory]
    [InlineData(-2L)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 49)]
    public void Input_OfAnAbsurdShape_IsSuspicious(long dimension)
    {
        var shape = Proto.Message(2, Proto.Message(1, Proto.Number(1, dimension)), Proto.Message(1, Proto.Number(1, 3)));
        Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Proto.Message(11, Proto.Text(1, "x"), Proto.Message(2, Proto.Message(1, Proto.Number(1, 1), shape))))), "onnx.shape");
    }

    [Fact]
    public void Tensor_WithoutTheBytesItClaims_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Tensor("w", 1, [1_000_000]))), "onnx.size");

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("length", "99999999999999999999")]
    [InlineData("offset", "0x10")]
    public void ExternalData_AtAPlaceThatIsNone_IsSuspicious(string key, string value) => Checks.AssertSuspicious(
        Checks.Examine("m.onnx", Model(Tensor("w", 1, [1], Proto.Message(13, Proto.Text(1, "location"), Proto.Text(2, "w.bin")), Proto.Message(13, Proto.Text(1, key), Proto.Text(2, value))))), "onnx.external-place");

    [Fact]
    public void Parameters_OverTheTop_AreSuspicious() =>
        Checks.AssertSuspicious(Checks.Examine("m.onnx", Model([.. Enumerable.Range(0, 200).Select(n => Tensor($"{n}", 8, [long.MaxValue / 128], Proto.Message(13, Proto.Text(1, "location"), Proto.Text(2, "w.bin"))))])), "onnx.shape");

    [Fact]
    public void Rank_TooHigh_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(Tensor("w", 1, new long[65]))), "onnx.rank");

    [Fact]
    public void Graphs_TooDeep_AreSuspicious()
    {
        var graph = Proto.Message(1, Proto.Text(4, "Relu"));
        for (var depth = 0; depth < 200; depth++)
        {
            graph = Proto.Message(1, Proto.Message(5, Proto.Message(6, graph)));
        }

        Checks.AssertSuspicious(Checks.Examine("m.onnx", Model(graph)), "onnx.depth");
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 0x08, 0x3A, 0x7F, 0x0A }, "onnx.length")]
    [InlineData(new byte[] { 0x08, 0x08, 0x3A, 0x02, 0x0A, 0x05 }, "onnx.length")]
    [InlineData(new byte[] { 0x08, 0x08, 0x3A, 0x01, 0x80 }, "onnx.varint")]
    [InlineData(new byte[] { 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, "onnx.varint")]
    [InlineData(new byte[] { 0x0B, 0x08 }, "onnx.field")]
    [InlineData(new byte[] { 0x00, 0x08 }, "onnx.field")]
    [InlineData(new byte[] { 0x0A, 0x01, 0x08 }, "onnx.wire-type")]
    [InlineData(new byte[] { 0x08, 0x08, 0x38, 0x01 }, "onnx.wire-type")]
    [InlineData(new byte[] { 0x08, 0x08 }, "onnx.incomplete")]
    [InlineData(new byte[] { 0x3A, 0x00 }, "onnx.incomplete")]
    [InlineData(new byte[0], "onnx.incomplete")]
    [InlineData(new byte[] { 0x08, 0x08, 0xF9, 0x07, 0x01 }, "onnx.length")]
    public void Protobuf_Broken_IsSuspicious(byte[] bytes, string rule) => Checks.AssertSuspicious(Checks.Examine("m.onnx", bytes), rule);

    [Fact]
    public void Content_OfAModel_IsRecognisedWhateverItsName() => Assert.Equal(FileFormat.Onnx, Checks.Examine("weights.dat", Model(Tensor("w", 2, [1], Proto.Message(9, [7])))).Format);

    [Fact]
    public void Content_OfASavedModel_IsNotTakenForOnnx() =>
        Assert.NotEqual(FileFormat.Onnx, Checks.Examine("saved_model.pb", [.. Proto.Number(1, 1), .. Proto.Message(2, Proto.Message(1, Proto.Text(4, "serve")))]).Format);

    [Fact]
    public void RealFile_CutAtManyPlaces_IsNeverClean()
    {
        var bytes = Samples.Bytes("digits/digits.onnx");
        for (var length = 0; length < bytes.Length; length += length < 4096 ? 1 : 97)
        {
            // A cut between two of the outermost fields leaves a valid message: behind the graph, only operator sets follow.
            var examination = Checks.Examine("m.onnx", bytes[..length]);

            Assert.True(examination.Verdict == Verdict.Suspicious, $"cut at {length}");
        }
    }
}
