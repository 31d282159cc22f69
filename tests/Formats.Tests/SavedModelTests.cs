using System.Text;

namespace ModelGarden.Formats.Tests;

public sealed class SavedModelTests
{
    [Fact]
    public void Model_OfArithmetic_IsClean()
    {
        Checks.AssertClean(Checks.Examine("saved_model.pb", Model(Node("x", "Placeholder"), Node("y", "MatMul", "x", "w"), Node("z", "StatefulPartitionedCall", "y"))), FileFormat.SavedModel);
        Checks.AssertClean(Checks.Examine("frozen.pb", [.. Node("x", "Placeholder"), .. Node("y", "Relu", "x")]), FileFormat.SavedModel);
    }

    [Theory]
    [InlineData("ReadFile", Verdict.Suspicious)]
    [InlineData("MatchingFiles", Verdict.Suspicious)]
    [InlineData("TFRecordDataset", Verdict.Suspicious)]
    [InlineData("ImmutableConst", Verdict.Suspicious)]
    [InlineData("WriteFile", Verdict.Malicious)]
    [InlineData("PyFunc", Verdict.Malicious)]
    [InlineData("PyFuncStateless", Verdict.Malicious)]
    [InlineData("EagerPyFunc", Verdict.Malicious)]
    [InlineData("RpcCall", Verdict.Malicious)]
    public void Operator_ThatReachesOut_IsRefused(string operation, Verdict verdict)
    {
        var node = Node("bad", operation, "x");

        AssertRefused(Checks.Examine("saved_model.pb", Model(Node("x", "Const"), node)), verdict);
        AssertRefused(Checks.Examine("saved_model.pb", Model(Node("x", "Const"), Library(node))), verdict);
        AssertRefused(Checks.Examine("frozen.pb", [.. Node("x", "Const"), .. node]), verdict);

        // In another order of fields than TensorFlow writes, and as text.
        AssertRefused(Checks.Examine("saved_model.pb", [.. Proto.Message(2, Proto.Message(2, node), Proto.Message(1, Proto.Text(4, "serve"))), .. Proto.Number(1, 1)]), verdict);
        AssertRefused(Checks.Examine("saved_model.pbtxt", Encoding.UTF8.GetBytes($"node {{ name: \"x\" op: \"{operation}\" }}")), verdict);
        AssertRefused(Checks.Examine("model.meta", [0x0A, 0x02, 0x08, 0x00, .. Proto.Message(2, node)]), verdict);
    }

    /// <summary>Parsers take fields in every order, and pass over those that they do not know.</summary>
    [Fact]
    public void Fields_InOtherOrders_AreReadAsTheSame()
    {
        var (path, node) = (Text("path", "/etc/passwd"), Node("bad", "RestoreV2", "path"));
        var meta = Proto.Message(2, Proto.Message(2, path, node), Proto.Message(1, Proto.Text(4, "serve")));
        var versions = Proto.Message(4, Proto.Number(1, 27));
        byte[] unknown = [.. Proto.Message(300, new byte[100_000]), .. Proto.Number(99, 1), 0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[][] models =
        [
            [.. meta, .. Proto.Number(1, 1)],
            [.. unknown, .. Proto.Number(1, 1), .. meta],
            [.. Proto.Number(1, 1), .. unknown, .. meta],
            [0x88, 0x00, 0x01, .. meta],
            [.. versions, .. path, .. node],
            [.. unknown, .. versions, .. path, .. node],
            [.. Proto.Message(2, Proto.Message(1, Proto.Message(1, Proto.Text(1, "f")), Function(path), Function(node)))],
            [.. Proto.Message(2, path, node), .. Proto.Message(1, Proto.Text(4, "serve"))],
            [.. Proto.Message(1, Proto.Text(2, "Const"), Proto.Text(1, "x")), .. path, .. node],
        ];

        foreach (var (model, index) in models.Select((model, index) => (model, index)))
        {
            var examination = Checks.Examine("graph", model);
            Assert.True(examination is { Format: FileFormat.SavedModel, Verdict: Verdict.Suspicious }, $"{index}: {examination.Format} {string.Join("; ", examination.Findings)}");
            Assert.Equal(Verdict.Suspicious, Checks.Examine("a.zip", ZipTests.Zip(("graph", model))).Verdict);
        }
    }

    /// <summary>Sentence pieces, and a description of a Core ML model.</summary>
    [Fact]
    public void OtherProtobufs_AreNoGraphs()
    {
        byte[] pieces = [.. Enumerable.Range(0, 1000).SelectMany(number => Proto.Message(1, Proto.Text(1, $"Piece{number}"), [0x15, 0, 0, 0, 0], Proto.Number(3, 1))), .. Proto.Message(2, Proto.Text(1, "data"), Proto.Text(2, "M"), Proto.Number(4, 8000))];
        byte[] core = [.. Proto.Number(1, 4), .. Proto.Message(2, Proto.Message(1, Proto.Text(1, "image"), Proto.Text(2, "Image"), Proto.Message(3, Proto.Message(5, Proto.Number(1, 3))))), .. Proto.Message(500, Proto.Text(1, "x"))];

        Checks.AssertClean(Checks.Examine("tokenizer.model", pieces), FileFormat.Binary);
        Checks.AssertClean(Checks.Examine("model.mlmodel", core), FileFormat.Binary);
    }

    private static byte[] Function(byte[] node) => [(byte)((3 << 3) | 2), .. node[1..]];

    [Theory]
    [InlineData("RestoreV2", "/etc/passwd", Verdict.Suspicious)]
    [InlineData("RestoreV2", "gs://bucket/x", Verdict.Suspicious)]
    [InlineData("RestoreV2", "../../x", Verdict.Suspicious)]
    [InlineData("SaveV2", "/root/.bashrc", Verdict.Malicious)]
    [InlineData("SaveV2", "C:\\x", Verdict.Malicious)]
    [InlineData("InitializeTableFromTextFileV2", "/etc/passwd", Verdict.Suspicious)]
    public void Path_OutsideTheModel_IsRefused(string operation, string path, Verdict verdict)
    {
        Assert.Equal(verdict, Checks.Examine("saved_model.pb", Model(Text("path", path), Node("bad", operation, "path:0"))).Verdict);
        Assert.Equal(verdict, Checks.Examine("saved_model.pb", Model(Library(Node("bad", operation, "table", "path:output:0"), Text("path", path)))).Verdict);
        Checks.AssertClean(Checks.Examine("saved_model.pb", Model(Text("path", path), Node("fine", "Identity", "path:0"))), FileFormat.SavedModel);
        Checks.AssertClean(Checks.Examine("saved_model.pb", Model(Text("path", "variables/variables"), Node("fine", operation, "path"))), FileFormat.SavedModel);
    }

    [Theory]
    [InlineData("stderr", Verdict.Clean)]
    [InlineData("log(info)", Verdict.Clean)]
    [InlineData("file:///tmp/x", Verdict.Malicious)]
    public void Print_ToAFile_IsMalicious(string stream, Verdict verdict) => Assert.Equal(
        verdict, Checks.Examine("saved_model.pb", Model(Proto.Message(1, Proto.Text(1, "p"), Proto.Text(2, "PrintV2"), Proto.Message(5, Proto.Text(1, "output_stream"), Proto.Message(2, Proto.Text(2, stream)))))).Verdict);

    [Theory]
    [InlineData("vocab.txt", Verdict.Clean)]
    [InlineData("../../../etc/passwd", Verdict.Malicious)]
    public void Asset_Outside_IsMalicious(string name, Verdict verdict) => Assert.Equal(
        verdict, Checks.Examine("saved_model.pb", [.. Proto.Number(1, 1), .. Proto.Message(2, Proto.Message(1, Proto.Text(4, "serve")), Proto.Message(6, Proto.Text(2, name)))]).Verdict);

    [Fact]
    public void Model_CutAtAnyByte_IsNotClean()
    {
        var bytes = Model(Node("x", "Placeholder"), Node("y", "MatMul", "x", "w"));
        for (var length = 8; length < bytes.Length; length++)
        {
            Assert.Equal(Verdict.Suspicious, Checks.Examine("saved_model.pb", bytes[..length]).Verdict);
        }
    }

    [Fact]
    public void Paths_ByTheThousand_AreBounded() => Checks.AssertSuspicious(
        Checks.Examine("saved_model.pb", Model([.. Enumerable.Range(0, 5000).Select(n => Text($"n{n}", "/x"))])), "tensorflow.limit");

    internal static byte[] Model(params byte[][] nodes) => [.. Proto.Number(1, 1), .. Proto.Message(2, Proto.Message(1, Proto.Text(4, "serve")), Proto.Message(2, nodes))];

    internal static byte[] Node(string name, string operation, params string[] inputs) => Proto.Message(1, [Proto.Text(1, name), Proto.Text(2, operation), .. inputs.Select(input => Proto.Text(3, input))]);

    internal static byte[] Text(string name, string value) =>
        Proto.Message(1, Proto.Text(1, name), Proto.Text(2, "Const"), Proto.Message(5, Proto.Text(1, "value"), Proto.Message(2, Proto.Message(8, Proto.Number(1, 7), Proto.Text(8, value)))));

    // A function has its nodes in field 3.
    internal static byte[] Library(params byte[][] nodes) => Proto.Message(2, Proto.Message(1, [Proto.Message(1, Proto.Text(1, "f")), .. nodes.Select(node => (byte[])[0x1A, .. node[1..]])]));

    private static void AssertRefused(Examination examination, Verdict verdict)
    {
        Assert.Contains(examination.Findings, finding => finding.Rule == "tensorflow.operator");
        Assert.Equal(verdict, examination.Verdict);
    }
}
