using System.Text.Json;
using ModelGarden.Formats.Archives;
using ModelGarden.Formats.Gguf;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;
using ModelGarden.Formats.Onnx;
using ModelGarden.Formats.Safetensors;
using ModelGarden.Kernel;

namespace ModelGarden.Formats;

/// <summary>
/// Says what a file is and whether it may be served. Goes by content, whatever the name; a name only adds what it promises. Executes nothing, holds a
/// bounded part of the file, and answers every fault of the bytes with a finding; only a broken stream or a cancellation throws.
/// </summary>
public static class FileExaminer
{
    public const string Name = "garden-formats";

    /// <summary>Raised with every change of the rules that can change a verdict.</summary>
    public const int RulesVersion = 1;

    /// <summary>As <see cref="Examine"/>, on a thread of the pool: parsing reads the stream synchronously.</summary>
    public static Task<Examination> ExamineAsync(string fileName, Stream content, long length, CancellationToken cancellationToken) =>
        Task.Run(() => Examine(fileName, content, length, cancellationToken), cancellationToken);

    /// <summary>Examines a file.</summary>
    /// <param name="fileName">Its name or path in the repository.</param>
    /// <param name="content">Its bytes from the current position on. A stream that can seek is read only where something is to be learnt.</param>
    /// <param name="length">The number of bytes that the file has.</param>
    /// <param name="cancellationToken">Ends the examination at the next read.</param>
    public static Examination Examine(string fileName, Stream content, long length, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        using var reader = new ByteReader(content, length, cancellationToken);
        var findings = new Findings();
        var format = Recognise(reader, findings, fileName);
        FormatFacts? facts = null;
        if (!reader.Failed)
        {
            (format, facts) = ExamineAs(format, reader, findings, fileName);
        }

        if (reader.Failure is { } failure)
        {
            findings.Add(failure);
        }

        return new() { Format = format, Findings = findings.List, Facts = facts };
    }

    private static FileFormat Recognise(ByteReader reader, Findings findings, string fileName)
    {
        var content = Recognition.ByContent(reader.Peek(ByteReader.Window), reader.Length);
        var promised = Recognition.ByName(fileName);
        if (promised is [] || promised.Contains(content))
        {
            return content is FileFormat.Text && promised is [FileFormat.Markdown, ..] ? FileFormat.Markdown : content;
        }

        // Bytes that are nothing in particular are held to the format that the name promises, so that the finding says what is wrong with them.
        if (content is FileFormat.Text or FileFormat.Binary or FileFormat.Empty && promised[0] is FileFormat.Safetensors or FileFormat.Gguf or FileFormat.Onnx or FileFormat.Json)
        {
            return promised[0];
        }

        findings.Suspicious("name.promise", $"'{Text.Shorten(fileName)}' promises {promised[0]} by its name and is {content} by its content");
        return content;
    }

    private static (FileFormat Format, FormatFacts? Facts) ExamineAs(FileFormat format, ByteReader reader, Findings findings, string fileName)
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
                return new ZipExaminer(reader, findings).Examine();
            case FileFormat.Json:
                return (format, ExamineJson(reader, findings, fileName));
            case FileFormat.Pickle:
                findings.Suspicious("pickle.code", "this is a pickle: it can run code when it is loaded", 0);
                break;
            case FileFormat.Numpy when Recognition.IsObjectArray(reader.Peek(ByteReader.Window)):
                findings.Suspicious("pickle.numpy", "this is an array of Python objects: it is loaded as a pickle, which can run code", 0);
                break;
            case FileFormat.Archive:
                findings.Suspicious("archive.not-examined", "this is a compressed file or archive, into which nobody has looked", 0);
                break;
            default:
                break;
        }

        return (format, null);
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
