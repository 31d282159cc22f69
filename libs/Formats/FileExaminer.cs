using System.Globalization;
using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats;

/// <summary>
/// Says what a file is and whether it may be served. Goes by content, whatever the name; a name only adds what it promises. Executes nothing, holds a
/// bounded part of the file, and answers every fault of the bytes with a finding; only a broken stream or a cancellation throws.
/// </summary>
public static class FileExaminer
{
    public const string Name = "garden-formats";

    /// <summary>Raised with every change of the rules that can change a verdict, or what is told of a file.</summary>
    public const int RulesVersion = 8;

    /// <summary>Name and version, such as <c>garden-formats/6</c>, as they are kept with what was found.</summary>
    public static string Rules { get; } = $"{Name}/{RulesVersion}";

    /// <summary>The version of these rules that an examiner went by, whoever else looked too (<c>garden-formats/6+clamav/1</c>); 0: by none of them.</summary>
    public static int RulesOf(string examiner)
    {
        var own = examiner.Split('+')[0];
        return own.StartsWith($"{Name}/", StringComparison.Ordinal) && int.TryParse(own.AsSpan(Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;
    }

    /// <summary>As <see cref="Examine(string, Stream, long, CancellationToken)"/>, on a thread of the pool: parsing reads the stream synchronously.</summary>
    public static Task<Examination> ExamineAsync(string fileName, Stream content, long length, CancellationToken cancellationToken) =>
        Task.Run(() => Examine(fileName, content, length, cancellationToken), cancellationToken);

    /// <summary>Examines a file.</summary>
    /// <param name="fileName">Its name or path in the repository; empty: content that may have many names, each of which is <see cref="NamePromise"/>'s matter.</param>
    /// <param name="content">Its bytes from the current position on. A stream that can seek is read only where something is to be learnt.</param>
    /// <param name="length">The number of bytes that the file has.</param>
    /// <param name="cancellationToken">Ends the examination at the next read.</param>
    public static Examination Examine(string fileName, Stream content, long length, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return Examine(fileName, content, length, new Walk(cancellationToken));
    }

    /// <summary>As above, with bounds that the caller asks afterwards what was found.</summary>
    internal static Examination Examine(string fileName, Stream content, long length, Walk walk)
    {
        using var reader = new ByteReader(content, length, walk.CancellationToken);
        var findings = new Findings();
        var recognised = Recognise(reader, findings, walk, fileName);
        var format = recognised;
        FormatFacts? facts = null;
        if (!reader.Failed)
        {
            (format, facts) = ContentExaminer.Examine(new(recognised, reader, findings, walk, fileName));
        }

        if (reader.Failure is { } failure)
        {
            findings.Add(failure);
        }

        HiddenContent.Look(recognised, format, reader, findings, walk);
        return new() { Format = format, Recognised = recognised, Findings = findings.List, Facts = facts };
    }

    private static FileFormat Recognise(ByteReader reader, Findings findings, Walk walk, string fileName)
    {
        var content = Recognition.Of(reader, walk, findings);
        var promised = NamePromise.Of(fileName);

        // Bytes that are nothing in particular are held to the format that the name promises, so that the finding says what is wrong with them.
        if (content is FileFormat.Text or FileFormat.Binary or FileFormat.Empty && promised is [FileFormat.Safetensors or FileFormat.Gguf or FileFormat.Onnx or FileFormat.Json or FileFormat.Pickle, ..])
        {
            return promised[0];
        }

        if (promised is [] || promised.Contains(content))
        {
            return content is FileFormat.Text && promised is [FileFormat.Markdown, ..] ? FileFormat.Markdown : content;
        }

        findings.Add(NamePromise.Broken(fileName, promised[0], content));
        return content;
    }
}
