using System.Text;
using ModelGarden.Formats.Tests.Pickles;

namespace ModelGarden.Formats.Tests;

public sealed class KerasTests
{
    private static readonly byte[] Mark = [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    internal const string Plain = """
        {"module": "keras", "class_name": "Functional", "config": {"name": "m", "layers": [{"module": "keras.layers", "class_name": "Dense", "config": {"units": 3, "activation": "relu",
        "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}}, "registered_name": null}]}, "registered_name": "Functional",
        "compile_config": {"loss": {"module": "builtins", "class_name": "function", "config": "my_loss", "registered_name": "function"}}}
        """;

    public static TheoryData<string, string> Hostile => new()
    {
        { """{"class_name": "Lambda", "config": {"function": ["4wEAAA==", null, null]}}""", "keras.lambda" },
        { """{"class_name":"Lambda"}""", "keras.lambda" },
        { """{"class_name" : "Lambda"}""", "keras.lambda" },
        { """{"module": "builtins", "class_name": "__lambda__", "config": {"value": "4wEAAA=="}}""", "keras.lambda" },
        { """{"class_name": "TorchModuleWrapper", "config": {"module": "gAJ9"}}""", "keras.lambda" },
        { """{"module": "os", "class_name": "system", "config": "id", "registered_name": null}""", "keras.module" },
        { """{"module": "subprocess", "class_name": "function", "config": "run", "registered_name": "run"}""", "keras.module" },
        { """{"module": "my_package.layers", "class_name": "X", "registered_name": null}""", "keras.module" },
        { """{"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "function"}""", "keras.function" },
        { """{"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "function"}""", "keras.function" },
        { """{"class_name": "TFOpLambda", "config": {"name": "x", "function": "io.write_file"}, "registered_name": null}""", "keras.function" },
        { """{"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}, "registered_name": null}""", "keras.file" },
        { """{"class_name": "\u004cambda", "registered_name": null}""", "keras.spelling" },
        { "{\"registered_name\": null, \"class_name\"" + "                                                                                                 : \"Lambda\"}", "keras.spelling" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Layer_ThatRunsCode_IsRefused(string layer, string rule)
    {
        var config = """{"class_name": "Functional", "config": {"layers": [LAYER]}}""".Replace("LAYER", layer, StringComparison.Ordinal);

        AssertRefused(Checks.Examine("model.h5", Hdf5(config)), rule);
        AssertRefused(Checks.Examine("model.bin", Hdf5(config, userBlock: 2048)), rule);
        AssertRefused(Checks.Examine("model.keras", Keras(config, "{}")), rule);
        AssertRefused(Checks.Examine("model.json", Encoding.UTF8.GetBytes(config)), rule);
        AssertRefused(Checks.Examine("keras_metadata.pb", [.. Proto.Message(1, Proto.Number(2, 1), Proto.Text(5, config))]), rule);
        AssertRefused(Checks.Examine("model.keras", Keras("{}", "{}", Hdf5(config))), rule);
    }

    public static TheoryData<string, byte[]> OddJson => new()
    {
        { "a byte order mark", [.. "\uFEFF"u8, .. Lambda("")] },
        { "infinity", Lambda("\"a\": [NaN, Infinity, -Infinity], ") },
        { "depth", Lambda($"\"a\": {new string('[', 100)}{new string(']', 100)}, ") },
        { "white space", [.. Enumerable.Repeat((byte)' ', 70_000), .. Lambda("")] },
        { "half a character", Lambda("\"a\": \"?\", ") is var bytes ? [.. bytes[..7], 0xED, 0xA0, 0x80, .. bytes[8..]] : [] },
        { "UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Lambda("")))] },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Lambda(""))) },
        { "UTF-16 the other way", Encoding.BigEndianUnicode.GetBytes("\n " + Encoding.UTF8.GetString(Lambda(""))) },
        { "UTF-32", new UTF32Encoding(false, true) is var wide ? [.. wide.GetPreamble(), .. wide.GetBytes(Encoding.UTF8.GetString(Lambda("")))] : [] },
        { "UTF-32 the other way", new UTF32Encoding(true, false).GetBytes(Encoding.UTF8.GetString(Lambda(""))) },
    };

    [Theory]
    [MemberData(nameof(OddJson))]
    public async Task Layer_InJsonThatPythonAloneTakes_IsRefused(string name, byte[] config)
    {
        var rule = name.StartsWith("UTF", StringComparison.Ordinal) ? "json.encoding" : "keras.lambda";
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, config, TestContext.Current.CancellationToken);
            Assert.Equal("Lambda", (await PythonScript.RunAsync("json_layer.py", path)).Trim());
        }
        finally
        {
            File.Delete(path);
        }

        var archive = ZipTests.Zip(("metadata.json", "{}"u8.ToArray()), ("config.json", config), ("model.weights.h5", Hdf5("{}")));
        AssertRefused(Checks.Examine("model.keras", archive), rule);
        AssertRefused(Checks.Examine("model", config), rule);
        AssertRefused(Checks.Examine("model.gz", PackedTests.Pack("gzip", config)), rule);
    }

    [Fact]
    public void Numbers_ThatBeginLikeWideText_AreClean()
    {
        Checks.AssertClean(Checks.Examine("tokens", [.. Enumerable.Range(0, 1000).SelectMany(number => BitConverter.GetBytes((ushort)(number + '{')))]), FileFormat.Binary);
        Checks.AssertClean(Checks.Examine("tokens", [.. Enumerable.Range(0, 1000).SelectMany(number => BitConverter.GetBytes(number + '{'))]), FileFormat.Binary);
        Checks.AssertClean(Checks.Examine("notes.txt", Encoding.Unicode.GetBytes("\uFEFFsome notes in UTF-16")), FileFormat.Binary);
    }

    [Fact]
    public void Model_OfPlainLayers_IsClean()
    {
        Checks.AssertClean(Checks.Examine("model.h5", Hdf5(Plain)), FileFormat.Hdf5);
        Checks.AssertClean(Checks.Examine("model.json", Encoding.UTF8.GetBytes(Plain)), FileFormat.Json);
        Checks.AssertClean(Checks.Examine("model.keras", Keras(Plain, """{"keras_version": "3.6.0", "date_saved": "2026-01-01"}""", Hdf5("{}"))), FileFormat.Zip);
        Checks.AssertClean(Checks.Examine("a.json", """{"module": "os", "config": "exec", "path": "/x", "t": "\u0041"}"""u8.ToArray()), FileFormat.Json);
    }

    /// <summary>Written by h5py 3.7, in the way of Keras: one with a Lambda layer, one without.</summary>
    [Fact]
    public void RealHdf5_IsLookedThrough()
    {
        Checks.AssertSuspicious(Checks.Examine("model.h5", Samples.Bytes("../../tests/Samples/lambda.h5")), "keras.lambda");
        Checks.AssertClean(Checks.Examine("model.h5", Samples.Bytes("../../tests/Samples/dense.h5")), FileFormat.Hdf5);
    }

    [Fact]
    public void Lambda_FarInside_IsFound()
    {
        for (var shift = 0; shift < 40; shift++)
        {
            var bytes = new byte[300_000];
            Mark.CopyTo(bytes, 0);
            "\"class_name\": \"Lambda\""u8.CopyTo(bytes.AsSpan(65_500 + shift));

            Assert.Equal(65_500 + shift, Checks.AssertSuspicious(Checks.Examine("a.h5", bytes), "keras.lambda").Offset);
        }
    }

    [Fact]
    public void Hdf5_BehindAnotherFormat_IsSuspicious()
    {
        var bytes = SafetensorsTests.Build("""{"a":{"dtype":"U8","shape":[2000],"data_offsets":[0,2000]}}""", 2000);
        Mark.CopyTo(bytes, 512);

        Checks.AssertSuspicious(Checks.Examine("a.safetensors", bytes), "hdf5.hidden");
    }

    private static byte[] Lambda(string before) => Encoding.UTF8.GetBytes("{" + before + """ "class_name": "Lambda", "config": {"function": ["4wEAAA==", null, null]}}""");

    internal static byte[] Hdf5(string config, int userBlock = 0) => [.. new byte[userBlock], .. Mark, .. new byte[100], .. Encoding.UTF8.GetBytes(config), .. new byte[100]];

    internal static byte[] Keras(string config, string metadata, byte[]? weights = null) =>
        ZipTests.Zip(("metadata.json", Encoding.UTF8.GetBytes(metadata)), ("config.json", Encoding.UTF8.GetBytes(config)), ("model.weights.h5", weights ?? Hdf5("{}")));

    private static void AssertRefused(Examination examination, string rule)
    {
        Assert.True(examination.Findings.Any(finding => finding.Rule == rule), $"expected {rule}, found: {string.Join("; ", examination.Findings)}");
        Assert.NotEqual(Verdict.Clean, examination.Verdict);
    }
}
