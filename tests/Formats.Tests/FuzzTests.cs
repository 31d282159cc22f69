using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ModelGarden.Formats.Cards;
using ModelGarden.Formats.Conversion;
using ModelGarden.Formats.Tests.Pickles;
using ModelGarden.Testing;

namespace ModelGarden.Formats.Tests;

/// <summary>
/// Whatever the bytes, an examination ends soon, holds little, throws nothing, and says the same of a stream that cannot seek. A few seconds
/// with fixed seeds; <c>FORMATS_FUZZ_SECONDS=60</c> fuzzes each format that long with new ones.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 1500;
    private const int PooledBuffers = 4 * 1024 * 1024;

    // What is packed is unpacked into memory up to a bound, whatever its packed length.
    private const int Unpacked = 64 * 1024 * 1024;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Formats => ["safetensors", "gguf", "onnx", "zip", "pickle", "torch", "json", "md", "tar", "gz", "zlib", "h5", "keras", "pb", "py", "ipynb", "jinja", "txt", "npy", "npz"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Examine_MutatedFile_EndsWithAVerdict(string format)
    {
        var seeds = Seeds(format);
        Run(format, seed =>
        {
            var bytes = new Mutator(seed).Mutate(seeds[(seed & int.MaxValue) % seeds.Length]);
            var examination = ExamineWithinBounds($"model.{format}", bytes, seed);
            AssertForwardOnlyAgrees($"model.{format}", bytes, examination, seed);
        });
    }

    [Fact]
    public void Parse_MutatedCard_EndsWithinBounds()
    {
        var seeds = Seeds("md");
        Run("card", seed =>
        {
            var text = Encoding.UTF8.GetString(new Mutator(seed).Mutate(seeds[(seed & int.MaxValue) % seeds.Length]));
            WithinBounds(text.Length, seed, () => ModelCard.Parse(text).Metadata.ToJsonString());
        });
    }

    [Fact]
    public void Convert_MutatedCheckpoint_IsRefusedOrSound()
    {
        var seeds = Seeds("torch");
        Run("conversion", seed =>
        {
            var bytes = new Mutator(seed).Mutate(seeds[(seed & int.MaxValue) % seeds.Length]);
            using var source = new MemoryStream(bytes);
            using var target = new MemoryStream();
            if (TorchConverter.Convert(source, target, CancellationToken.None).Error is null)
            {
                var examination = ExamineWithinBounds("a.safetensors", target.ToArray(), seed);
                Assert.True(examination.Findings.All(finding => finding.Severity < FindingSeverity.Suspicious || IsOfATensor(finding)), $"seed {seed}: {string.Join("; ", examination.Findings)}");
            }
        });
    }

    // What a checkpoint's tensors hold may look like an archive or a pickle, before the conversion and after it.
    private static bool IsOfATensor(Finding finding) => finding.Rule.StartsWith("zip.", StringComparison.Ordinal) || finding.Rule.StartsWith("pickle.", StringComparison.Ordinal);

    [Fact]
    public void Examine_AnyBytesUnderAnyName_EndsWithAVerdict() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        Gen.Elements("a.safetensors", "a.gguf", "a.onnx", "a.pt", "a.zip", "a.json", "a.md", "a.npy", "a").ToArbitrary(),
        (bytes, name) => Enum.IsDefined(ExamineWithinBounds(name, bytes, 0).Verdict)).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnyText_EndsWithinBounds() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        ModelCard.Parse(text ?? "") is { } && ModelCard.Parse($"---\n{text}\n---\n{text}") is { }).QuickCheckThrowOnFailure();

    private static Examination ExamineWithinBounds(string name, byte[] bytes, int seed)
    {
        Examination? examination = null;
        WithinBounds(bytes.Length, seed, () =>
        {
            using var stream = new MemoryStream(bytes);
            examination = FileExaminer.Examine(name, stream, bytes.Length, CancellationToken.None);
        },
        PooledBuffers + (bytes is [0x1F or 0x78, ..] ? Unpacked : 0));
        return examination!;
    }

    private static void AssertForwardOnlyAgrees(string name, byte[] bytes, Examination seekable, int seed)
    {
        using var stream = new ForwardOnlyStream(bytes, 1 + (seed & 1023));
        var forward = FileExaminer.Examine(name, stream, bytes.Length, CancellationToken.None);
        var needsSeeking = seekable.Findings.Concat(forward.Findings).Any(NeedsSeeking);
        if (seekable.Format is not (FileFormat.Zip or FileFormat.TorchZip or FileFormat.Tar) && !needsSeeking)
        {
            Assert.Equal(JsonSerializer.Serialize(seekable), JsonSerializer.Serialize(forward));
        }
        else if (!needsSeeking)
        {
            Assert.True(forward.Verdict >= seekable.Verdict || seekable.Verdict == Verdict.Malicious, $"seed {seed}: the stream that cannot seek passed");
        }
    }

    // A zip behind something else, a tar that is something else too, what follows packed bytes, a graph that is several things, joblib's arrays, and a second look at bytes that are no pickle, need a stream that can seek.
    private static bool NeedsSeeking(Finding finding) =>
        finding.Rule is "zip.hidden" or "tar.hidden" or "gzip.trailing" or "zlib.trailing" or "tensorflow.several" || finding.Message.StartsWith("bytes that should be no pickle", StringComparison.Ordinal) || finding.Message.StartsWith("arrays of joblib", StringComparison.Ordinal);

    private static void WithinBounds(int length, int seed, Action action, int buffers = PooledBuffers)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            action();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed} broke it", exception);
        }

        Assert.True(watch.Elapsed < Slow, $"seed {seed} took {watch.Elapsed}");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < buffers + (100L * length), $"seed {seed} allocated {allocated} bytes for {length}");
    }

    private void Run(string what, Action<int> round)
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("FORMATS_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        var first = seconds == 0 ? 0 : Environment.TickCount;
        var watch = Stopwatch.StartNew();
        var rounds = 0;
        while (seconds == 0 ? rounds < Rounds : watch.Elapsed.TotalSeconds < seconds)
        {
            round(unchecked(first + rounds++));
        }

        output.WriteLine($"{what}: {rounds} rounds in {watch.Elapsed.TotalSeconds:F1} s from seed {first}");
    }

    // Small whole files: a mutation of a large one mostly hits tensors, which nobody looks at.
    private static byte[][] Seeds(string format) => format switch
    {
        "safetensors" =>
        [
            SafetensorsTests.Build("""{"__metadata__":{"format":"pt","ä":"\u00e9"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}  """, 19),
            Samples.Bytes("digits/digits.safetensors"),
            Samples.Bytes("kjv-llama/model.safetensors")[..16_384],
        ],
        "gguf" => [GgufBuilder.Sound().Build(), Samples.Bytes("kjv-llama/kjv-llama-q8_0.gguf")[..65_536]],
        "onnx" => [Samples.Bytes("digits/digits.onnx"), OnnxTests.WithOperators()],
        "zip" => [ZipTests.Zip(("a/data.pkl", [0x80, 2, (byte)'N', (byte)'.']), ("b", new byte[3000])), Samples.Bytes("../../tests/Samples/digits.pth")],
        "pickle" => [.. PickleTests.Payloads.Concat(PickleTests.Plain).Select(row => row.Data).Where(bytes => bytes.Length < 1000), .. Joblib],
        "torch" =>
        [
            TorchBuilder.Zip(),
            TorchBuilder.Legacy(TorchBuilder.Pickle(TorchBuilder.LegacyTensor)),
            TorchBuilder.Tar(),
            Samples.Bytes("../../tests/Samples/digits.pth"),
        ],
        "tar" =>
        [
            .. new[] { TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar, TarEntryFormat.V7 }.Select(kind => TarTests.Tar(kind, writer =>
            {
                TarTests.Add(writer, kind, "a/b.txt", content: "text"u8.ToArray());
                TarTests.Add(writer, kind, "model.pkl", content: [0x80, 2, (byte)'N', (byte)'.']);
                TarTests.Add(writer, kind, "inner.zip", content: ZipTests.Zip(("a", [1, 2, 3])));
            })),
        ],
        "gz" => [PackedTests.Pack("gzip", ZipTests.Zip(("a", [1, 2, 3]))), [.. PackedTests.Pack("gzip", "text"u8.ToArray()), .. PackedTests.Pack("gzip", new byte[3000])]],
        "zlib" => [PackedTests.Pack("zlib", [0x80, 2, (byte)'N', (byte)'.']), PackedTests.Pack("zlib", new byte[3000])],
        "h5" or "keras" => [KerasTests.Hdf5(KerasTests.Plain), KerasTests.Keras(KerasTests.Plain, "{}")],
        "pb" => [SavedModelTests.Model(SavedModelTests.Text("path", "/x"), SavedModelTests.Node("bad", "SaveV2", "path"), SavedModelTests.Library(SavedModelTests.Node("x", "ReadFile")))],
        "py" => [Encoding.UTF8.GetBytes(PythonTests.Modeling), .. PythonTests.Dangerous.Select(row => Encoding.UTF8.GetBytes(row.Data))],
        "ipynb" => [PythonTests.Notebook("import os\nos.system('id')")],
        "jinja" => [.. ChatTemplateTests.Ordinary.Select(row => Encoding.UTF8.GetBytes(row.Data)), .. ChatTemplateTests.Hostile.Select(row => Encoding.UTF8.GetBytes(row.Data.Item1))],
        "txt" => [.. SecretTests.Real.Select(row => Encoding.UTF8.GetBytes(row.Data.Item1))],
        "npy" => Arrays,
        "npz" => [ZipTests.Zip([.. Arrays.Select((array, index) => ($"{index}.npy", array))]), ZipTests.Zip(CompressionLevel.NoCompression, ("w.npy", Arrays[0]), ("o.npy", Arrays[^1]))],
        "json" => [Samples.Bytes("kjv-llama/config.json"), Samples.Bytes("kjv-llama/tokenizer_config.json"), """{"a": [NaN, Infinity,-Infinity, -1e5], "chat_template": NaN}"""u8.ToArray()],
        _ => [Samples.Bytes("kjv-llama/README.md"), .. CardSeeds.Select(Encoding.UTF8.GetBytes)],
    };

    private static readonly byte[][] Joblib = [PickleTrickTests.JoblibNumbers(), PickleTrickTests.JoblibPadded(), PickleTrickTests.JoblibObjects()];

    private static readonly byte[][] Arrays =
    [
        PickleTests.Numpy("'<f4'", [0, 0, 0x80, 0x3F]),
        PickleTests.Numpy("[('a', '<i2'), ('', '|V1'), ('b', '<f4', (2, 3))]", new byte[27]),
        [.. PickleTests.Numpy("'<U2'", new byte[8]), .. PickleTests.Numpy("'|b1'", [1])],
        [.. PickleTests.Numpy("'<i8'", new byte[8]), .. PickleAssembler.Make(pickle => pickle.Proto(2).EmptyList().Stop())],
        PickleTests.Numpy("'|O'", PickleAssembler.Make(pickle => pickle.Proto(3).EmptyDict().Text("w").BinFloat(1).SetItem().Stop())),
    ];

    private static readonly string[] CardSeeds =
    [
        "---\nx: &t [a, b]\ntags: *t\nlicense: [mit, other]\nextra_gated_fields:\n  A: text\n  B:\n    type: select\n    options: [x, {label: y, value: z}]\n---\n# T\n\nText [l](u) ![i](u).\n",
        "---\nmodel-index:\n- name: m\n  results:\n  - task: {type: t}\n    dataset: {type: a, name: b}\n    metrics:\n    - {type: m, value: 1.5, verified: true}\n---\n<!-- c -->\n```\ncode\n```\n",
        "---\na: |\n  block\nb: >-\n  folded\nc: \"esc \\u00e9\"\nd: !!str 1\n? key\n: value\n%TAG x\n---\n",
    ];
}
