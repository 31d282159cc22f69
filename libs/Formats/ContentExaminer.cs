using ModelGarden.Formats.Archives;
using ModelGarden.Formats.Gguf;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;
using ModelGarden.Formats.Numpy;
using ModelGarden.Formats.Onnx;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Safetensors;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats;

/// <summary>
/// Examines content of a known format: of a file, or of a member of a container, which is how containers go on inside. A container's examiner gives each
/// member to <see cref="Member"/>; depth, members, unpacked bytes and time are counted in the <see cref="Walk"/>.
/// </summary>
internal static class ContentExaminer
{
    public static (FileFormat Format, FormatFacts? Facts) Examine(FileFormat format, ByteReader reader, Findings findings, Walk walk, string fileName = "")
    {
        switch (format)
        {
            case FileFormat.Safetensors:
                return (format, new SafetensorsExaminer(reader, findings).Examine());
            case FileFormat.Gguf:
                return (format, new GgufExaminer(reader, findings).Examine());
            case FileFormat.Onnx:
                return (format, new OnnxExaminer(reader, findings).Examine());
            case FileFormat.Zip:
                return new ZipExaminer(reader, findings, walk).Examine();
            case FileFormat.Json:
                return (format, ExamineJson(reader, findings, fileName));
            case FileFormat.Pickle:
                return (format, new PickleExaminer(reader, findings, walk).Examine());
            case FileFormat.Numpy:
                new NumpyExaminer(reader, findings, walk).Examine();
                break;
            case FileFormat.Archive when TorchTar.Matches(reader):
                return (FileFormat.Pickle, new TorchTar(reader, findings, walk).Examine());
            case FileFormat.Archive:
                findings.Suspicious("archive.not-examined", "this is a compressed file or archive, into which nobody has looked", 0);
                break;
            default:
                break;
        }

        return (format, null);
    }

    /// <summary>Examines a member of a container; says what it is, or nothing when a bound was met.</summary>
    /// <param name="content">Its bytes. A member that must be seen whole (a container) needs a stream that can seek.</param>
    /// <param name="length">As many as the container says.</param>
    /// <param name="findings">Those of the member: <see cref="Findings.Within"/>.</param>
    /// <param name="walk">The bounds of the whole file.</param>
    public static FileFormat? Member(Stream content, long length, Findings findings, Walk walk)
    {
        using var level = walk.Enter(findings);
        if (level is null)
        {
            return null;
        }

        using var reader = new ByteReader(content, length, walk.CancellationToken);
        var recognised = Recognition.ByContent(reader.Peek(ByteReader.Window), length);
        var format = reader.Failed ? recognised : Examine(recognised, reader, findings, walk).Format;
        if (reader.Failure is { } failure)
        {
            findings.Add(failure);
        }

        HiddenContent.Look(recognised, format, reader, findings, walk);
        return format;
    }

    private static TransformersFacts? ExamineJson(ByteReader reader, Findings findings, string fileName)
    {
        var facts = new JsonExaminer(reader).Examine(manyValues: fileName.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase));
        if (facts is { NeedsRemoteCode: true })
        {
            findings.Add(new("transformers.remote-code", FindingSeverity.Information, "the model brings Python of its own: loading it needs trust_remote_code"));
        }

        return Path.GetFileName(fileName) == "config.json" ? facts : null;
    }
}
