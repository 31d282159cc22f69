using ModelGarden.Formats.Archives;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats;

/// <summary>
/// One file can be two: what is one format to us can be a pickle, a tar, a zip or HDF5 to a loader that does not ask for more than it needs. Such a file is
/// looked into as that too.
/// </summary>
internal static class HiddenContent
{
    /// <summary>Says what else the first bytes are: formats whose mark does not stand first.</summary>
    public static void Say(FileFormat recognised, ReadOnlySpan<byte> head, Findings findings)
    {
        if (recognised is not FileFormat.Tar && TarHeader.HasChecksum(head))
        {
            findings.Suspicious("tar.hidden", $"the file is {recognised} at its beginning and a tar to those who read tars: loaders disagree on what it is", 0);
        }

        if (recognised is not FileFormat.Hdf5 && Recognition.IsHdf5(head))
        {
            findings.Suspicious("hdf5.hidden", $"the file is {recognised} at its beginning and an HDF5 file to those who read them: loaders disagree on what it is", 0);
        }
    }

    /// <summary>Looks into what else the file is. Only for streams that can seek.</summary>
    /// <param name="recognised">What the file begins like.</param>
    /// <param name="format">What it turned out to be.</param>
    /// <param name="reader">Of the file; where it stands afterwards is not said.</param>
    /// <param name="findings">Those of the file.</param>
    /// <param name="walk">Its bounds.</param>
    public static void Look(FileFormat recognised, FileFormat format, ByteReader reader, Findings findings, Walk walk)
    {
        if (!reader.CanSeek || reader.Length == 0)
        {
            return;
        }

        HiddenZip.Look(format, reader, findings, walk);
        if (recognised is not FileFormat.Tar)
        {
            LookForTar(reader, findings, walk);
        }

        if (recognised is not FileFormat.Pickle)
        {
            reader.SeekTo(0);
            SecondReading.Look(reader, findings, walk, HoldsText(format) ? ShouldBe.Text : ShouldBe.Bytes);
        }
    }

    /// <summary>Looks into the beginning of what can only be read forward, and is too long to be held. What is a pickle to the eye is examined as one by others.</summary>
    public static void LookIntoHead(ReadOnlyMemory<byte> head, long length, Findings findings, Walk walk)
    {
        var recognised = Recognition.ByContent(head.Span[..Math.Min(head.Length, ByteReader.Window)], length);
        if (head.Length > 0 && recognised is not FileFormat.Pickle && !SecondReading.LookIntoHead(head, length, findings, walk, HoldsText(recognised) ? ShouldBe.Text : ShouldBe.Bytes))
        {
            findings.Suspicious("archive.nested", $"its first {head.Length} bytes can be a pickle, and it is too long to be unpacked and looked into: nobody has looked further", 0);
        }
    }

    // Where text stands first, be it names, it may name an import by accident.
    private static bool HoldsText(FileFormat format) =>
        format is FileFormat.Text or FileFormat.Markdown or FileFormat.Json or FileFormat.Zip or FileFormat.TorchZip or FileFormat.Tar;

    // Torch tries a tar first, whatever else the file begins like.
    private static void LookForTar(ByteReader reader, Findings findings, Walk walk)
    {
        var length = Math.Min(TarHeader.Length, reader.Length);
        using var head = new ByteReader(reader.Part(0, length), length, walk.CancellationToken);
        if (!TarHeader.HasChecksum(head.Peek((int)length)))
        {
            return;
        }

        using var tar = new ByteReader(reader.Part(0, reader.Length), reader.Length, walk.CancellationToken);
        var inside = findings.Within("the tar that it is too", 0);
        ContentExaminer.Examine(new(FileFormat.Tar, tar, inside, walk, ""));
        if (tar.Failure is { } failure)
        {
            inside.Add(failure);
        }
    }
}
