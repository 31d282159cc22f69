using System.Text;

namespace ModelGarden.Formats.Tests;

/// <summary>Content that was examined without a name, under names that it has.</summary>
public sealed class NamePromiseTests
{
    [Theory]
    [InlineData("w.safetensors", "safetensors", null)]
    [InlineData("a/W.SAFETENSORS", "Safetensors", null)]
    [InlineData("w.safetensors", "pickle", "name.promise")]
    [InlineData("w.safetensors", "binary", "name.promise")]
    [InlineData("w.safetensors", "", "name.unexamined")]
    [InlineData("w.safetensors", "of-the-future", "name.unexamined")]
    [InlineData("w.pt", "zip", null)]
    [InlineData("data.jsonl", "json", null)]
    [InlineData("data.jsonl", "text", null)]
    [InlineData("data.json", "text", "name.promise")]
    [InlineData("m.joblib", "zlib", null)]
    [InlineData("m.pkl", "gzip", null)]
    [InlineData("m.pth", "tar", null)]
    [InlineData("model.ckpt", "binary", null)]
    [InlineData("model.pth", "binary", "name.promise")]
    [InlineData("a.npz", "zip", null)]
    [InlineData("a.h5", "hdf5", null)]
    [InlineData("a.tar.gz", "gzip", null)]
    [InlineData("README.md", "text", null)]
    [InlineData("run.py.", "text", "name.unexamined")]
    [InlineData("run.py ", "text", "name.unexamined")]
    [InlineData("run.py::$DATA", "text", "name.unexamined")]
    [InlineData("w.GGUF. .", "text", "name.promise")]
    [InlineData("run.py", "text", "name.unexamined")]
    [InlineData("run.PY", "", "name.unexamined")]
    [InlineData("t.jinja2", "text", "name.unexamined")]
    [InlineData("g.pbtxt", "text", "name.unexamined")]
    [InlineData("m.pyc", "binary", "name.unexamined")]
    [InlineData("saved_model.pb", "binary", "name.unexamined")]
    [InlineData("saved_model.pb", "", "name.unexamined")]
    [InlineData("saved_model.pb", "savedmodel", null)]
    [InlineData("model.meta", "onnx", null)]
    [InlineData("w.bin", "", null)]
    [InlineData("w.bin", "pickle", null)]
    [InlineData("vocab.txt", "text", null)]
    [InlineData("Makefile", "text", null)]
    public void Fault_OfContentUnderAName(string path, string recognised, string? rule)
    {
        var fault = NamePromise.Fault(path, recognised);

        Assert.Equal(rule, fault?.Rule);
        Assert.True(fault is null or { Severity: FindingSeverity.Suspicious });
    }

    [Theory]
    [InlineData("a/B.GGUF", ".gguf")]
    [InlineData("notes.GRÖßE", ".grÖße")]
    [InlineData("x.\u212Al", ".\u212Al")]
    [InlineData("Makefile", "")]
    [InlineData(".PY", ".py")]
    [InlineData("x.py. .", ".py")]
    public void EndingOf_Name_FoldsAsciiAlone(string path, string ending) => Assert.Equal(ending, FileNames.EndingOf(path));

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", FileFormat.Text)]
    [InlineData("{\"a\":1}\n", FileFormat.Json)]
    [InlineData("\uFEFF{\"a\":1}", FileFormat.Json)]
    public void Json_WithoutAName_IsClean(string content, FileFormat recognised)
    {
        var examination = Checks.Examine("", Encoding.UTF8.GetBytes(content));

        Assert.Equal((recognised, Verdict.Clean), (examination.Recognised, examination.Verdict));
        Assert.Null(NamePromise.Fault("data.jsonl", examination.Recognised.ToString()));
    }

    /// <summary>Whose first line alone is longer than what is looked at to tell the format.</summary>
    [Fact]
    public void JsonLines_OfLongLines_WithoutAName_AreClean()
    {
        var line = $"{{\"a\":\"{new string('x', 300_000)}\"}}\n";

        var examination = Checks.Examine("", Encoding.UTF8.GetBytes(line + line));

        Assert.Equal((FileFormat.Json, Verdict.Clean), (examination.Recognised, examination.Verdict));
    }

    /// <summary>Windows writes it as if the rest were not there.</summary>
    [Theory]
    [InlineData("modeling.py.")]
    [InlineData("a/modeling.PY ")]
    [InlineData("modeling.py::$DATA")]
    public void Examine_OfANameThatASystemShortens_IsAsUnderTheShortOne(string name) =>
        Assert.Contains(Checks.Examine(name, "import os\nos.system('x')\n"u8.ToArray()).Findings, finding => finding.Rule == "python.danger");

    [Fact]
    public void Finding_HasTheGardensWords()
    {
        var finding = new Finding("safetensors.header-length", FindingSeverity.Information, "");

        Assert.Equal(("SAFETENSORS_HEADER_LENGTH", "info"), (finding.Token, finding.Weight));
    }
}
