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
        new ForFormat(FileFormat.Zlib, content =>
        {
            content.Reader.Skip(JoblibZFile.HeadOf(content.Reader.Peek(64)));
            return new PackedExaminer(content, PackedFormat.Zlib).Examine();
        }),
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
    /// <param name="content">Its bytes. Of what cannot seek, as much is unpacked to be looked into from its end as the walk has memory left: <see cref="Whole"/>.</param>
    /// <param name="length">As many as the container says.</param>
    /// <param name="findings">Those of the member: <see cref="Findings.Within"/>.</param>
    /// <param name="walk">The bounds of the whole file.</param>
    /// <param name="name">What the container calls it.</param>
    public static FileFormat? Member(Stream content, long length, Findings findings, Walk walk, string name = "")
    {
        using var level = walk.Enter(findings);
        return level is null ? null : Whole.Read(content, length, findings, walk, (whole, size) =>
        {
            using var reader = new ByteReader(whole, size, walk.CancellationToken);
            return ExamineMember(reader, findings, walk, name);
        });
    }

    private static FileFormat ExamineMember(ByteReader reader, Findings findings, Walk walk, string name)
    {
        var recognised = Recognition.Of(reader, walk, findings);
        var format = reader.Failed ? recognised : Examine(new(recognised, reader, findings, walk, name)).Format;
        if (reader.Failure is { } failure)
        {
            findings.Add(failure);
        }

        HiddenContent.Look(recognised, format, reader, findings, walk);
        return format;
    }

    private sealed class ZipPlug : IContentExaminer
    {
        public bool Takes(Content content) => content.Format is FileFormat.Zip;

        public (FileFormat Format, FormatFacts? Facts) Examine(Content content)
        {
            if (content.Reader.CanSeek || content.Walk.Depth == 0)
            {
                return new ZipExaminer(content.Reader, content.Findings, content.Walk).Examine();
            }

            Whole.SayTooLarge(content.Findings, content.Reader.Length);
            return (FileFormat.Zip, null);
        }
    }

    private sealed class TorchTarPlug : IContentExaminer
    {
        public bool Takes(Content content) => content.Format is FileFormat.Tar && TorchTar.Matches(content.Reader);

        public (FileFormat Format, FormatFacts? Facts) Examine(Content content) =>
            (FileFormat.Pickle, new TorchTar(content.Reader, content.Findings, content.Walk).Examine());
    }
}
