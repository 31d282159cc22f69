using ModelGarden.Formats.Archives;
using ModelGarden.Formats.Gguf;
using ModelGarden.Formats.Hdf5;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Json;
using ModelGarden.Formats.Numpy;
using ModelGarden.Formats.Onnx;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Safetensors;
using ModelGarden.Formats.Scans;
using ModelGarden.Formats.TensorFlow;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats;

/// <summary>
/// Examines content of a known format: of a file, or of a member of a container, which is how containers go on inside. A container's examiner gives each
/// member to <see cref="Member"/>; depth, members, unpacked bytes and time are counted in the <see cref="Walk"/>.
/// </summary>
internal static class ContentExaminer
{
    // The first that takes the content examines it.
    private static readonly IContentExaminer[] All =
    [
        new ForFormat(FileFormat.Safetensors, content => new SafetensorsExaminer(content.Reader, content.Findings).Examine()),
        new ForFormat(FileFormat.Gguf, content => new GgufExaminer(content.Reader, content.Findings).Examine()),
        new ForFormat(FileFormat.Onnx, content => new OnnxExaminer(content.Reader, content.Findings).Examine()),
        new ForFormat(FileFormat.Pickle, content => new PickleExaminer(content.Reader, content.Findings, content.Walk).Examine()),
        new ForFormat(FileFormat.Numpy, content => new NumpyExaminer(content.Reader, content.Findings, content.Walk).Examine()),
        new ZipPlug(),
        new TorchTarPlug(),
        new ForFormat(FileFormat.Tar, content => new TarExaminer(content).Examine()),
        new ForFormat(FileFormat.Gzip, content => new PackedExaminer(content, PackedFormat.Gzip).Examine()),
        new ForFormat(FileFormat.Zlib, content => new PackedExaminer(content, PackedFormat.Zlib).Examine()),
        new ForFormat(FileFormat.Archive, OpaqueArchive.Examine),
        new ForFormat(FileFormat.Hdf5, Hdf5Examiner.Examine),
        new ForFormat(FileFormat.SavedModel, content => new SavedModelExaminer(content).Examine()),
        new ForFormat(FileFormat.Json, JsonContent.Examine),
        new ForFormat(FileFormat.Text, TextScans.ReadToEnd),
        new ForFormat(FileFormat.Markdown, TextScans.ReadToEnd),
        new ForFormat(FileFormat.Binary, BinaryScans.Examine),
    ];

    public static (FileFormat Format, FormatFacts? Facts) Examine(Content content) =>
        Array.Find(All, examiner => examiner.Takes(content))?.Examine(content) ?? (content.Format, null);

    /// <summary>Examines a member of a container; says what it is, or nothing when a bound was met.</summary>
    /// <param name="content">Its bytes. Of one that cannot seek, a container must fit into the memory that the walk has left.</param>
    /// <param name="length">As many as the container says.</param>
    /// <param name="findings">Those of the member: <see cref="Findings.Within"/>.</param>
    /// <param name="walk">The bounds of the whole file.</param>
    /// <param name="name">What the container calls it.</param>
    public static FileFormat? Member(Stream content, long length, Findings findings, Walk walk, string name = "")
    {
        using var level = walk.Enter(findings);
        if (level is null)
        {
            return null;
        }

        using var reader = new ByteReader(content, length, walk.CancellationToken);
        var head = reader.Peek(ByteReader.Window);
        var format = Recognition.ByContent(head, length);
        HiddenFormats.Look(format, head, findings);
        if (!reader.Failed)
        {
            format = Examine(new(format, reader, findings, walk, name)).Format;
        }

        if (reader.Failure is { } failure)
        {
            findings.Add(failure);
        }

        return format;
    }

    private sealed class ZipPlug : IContentExaminer
    {
        public bool Takes(Content content) => content.Format is FileFormat.Zip;

        public (FileFormat Format, FormatFacts? Facts) Examine(Content content) => content.Reader.CanSeek || content.Walk.Depth == 0
            ? new ZipExaminer(content.Reader, content.Findings, content.Walk).Examine()
            : Whole.Examine(content, whole => new ZipExaminer(whole.Reader, whole.Findings, whole.Walk).Examine());
    }

    private sealed class TorchTarPlug : IContentExaminer
    {
        public bool Takes(Content content) => content.Format is FileFormat.Tar && TorchTar.Matches(content.Reader);

        public (FileFormat Format, FormatFacts? Facts) Examine(Content content) =>
            (FileFormat.Pickle, new TorchTar(content.Reader, content.Findings, content.Walk).Examine());
    }
}
