using System.Text;

namespace ModelGarden.Formats.Tests;

public sealed class PickleTests
{
    public static TheoryData<byte[]> Pickles =>
    [
        // os.system called in each of pickle's ways.
        Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R."),
        Latin("\u0080\u0004\u0095\u0013\0\0\0\0\0\0\0\u008c\u0002os\u0094\u008c\u0006system\u0094\u0093\u0094."),
        Latin("cos\nsystem\n(S'echo'\ntR."),
        Latin("cos\r\nsystem\r\n(S'echo'\r\ntR."),
        Latin("(S'echo'\nios\nsystem\n."),
        Latin("(cos\nsystem\nS'echo'\no."),
        Latin("N0N0N0cos\nsystem\n(Vecho\ntR."),
        Latin("I1\n0cbuiltins\neval\n(S'1'\ntR."),
        Latin("}\u0080\u0002cos\nsystem\n]R."),

        // Plain values: harmless, but nobody has looked.
        Latin("\u0080\u0003}q\0."),
        Latin("\u0080\u0002\u008a\u000al\u00fc\u009cF\u00f9 j\u00a8P\u0019."),

        // Broken behind the payload: it has run by then.
        Latin("\u0080\u0002cos\nsystem\nU\u0004echo\u0085R\u00ff\u00ff\u00ff"),
        Latin("cos\nsystem\n(S'echo'\ntR\u00ff\u00ff"),

        // A payload behind more harmless opcodes, or a longer line, than are looked at.
        Latin(string.Concat(Enumerable.Repeat("N0", 50_000)) + "cos\nsystem\n(S'echo'\ntR."),
        Latin($"V{new string('x', 100_000)}\n0cos\nsystem\n(S'echo'\ntR."),
        Latin($"\u0080\u0004B\u00a0\u0086\u0001\0{new string('x', 100_000)}0cos\nsystem\n(S'echo'\ntR."),
    ];

    [Theory]
    [MemberData(nameof(Pickles))]
    public void Pickle_UnderAnyName_IsSuspicious(byte[] bytes)
    {
        foreach (var name in new[] { "a.pkl", "pytorch_model.bin", "README.md", "tensors", "notes.txt", "model.safetensors" })
        {
            var examination = Checks.Examine(name, bytes);

            Assert.Equal((Verdict.Suspicious, FileFormat.Pickle), (examination.Verdict, examination.Format));
            Checks.AssertSuspicious(examination, "pickle.code");
        }
    }

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
    public void Name_OfAPickle_WithOtherContent_IsSuspicious() => Checks.AssertSuspicious(Checks.Examine("model.pkl", [0xDE, 0xAD, 0xBE, 0xEF]), "name.promise");

    [Fact]
    public void NumpyArray_OfObjects_IsSuspicious()
    {
        Checks.AssertSuspicious(Checks.Examine("a.npy", Latin("\u0093NUMPY\u0001\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")), "pickle.numpy");
        Checks.AssertClean(Checks.Examine("a.npy", Latin("\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }")), FileFormat.Numpy);
    }

    internal static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
