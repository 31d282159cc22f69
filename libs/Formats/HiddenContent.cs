using ModelGarden.Formats.Archives;
using ModelGarden.Formats.IO;
using ModelGarden.Formats.Pickles;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats;

/// <summary>
/// One file can be two: what is one format to us can be a pickle, a tar or a zip to a loader that does not ask for more than it needs. Such a file is
/// looked into as that too.
/// </summary>
internal static class HiddenContent
{
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
        if (recognised is not FileFormat.Archive)
        {
            LookForTar(format, reader, findings, walk);
        }

        if (recognised is not FileFormat.Pickle)
        {
            reader.SeekTo(0);
            SecondReading.Look(reader, findings, walk, HoldsText(format) ? FindingSeverity.Malicious : FindingSeverity.Suspicious);
        }
    }

    private static bool HoldsText(FileFormat format) => format is FileFormat.Text or FileFormat.Markdown or FileFormat.Json or FileFormat.Zip or FileFormat.TorchZip;

    // Torch tries a tar first, whatever else the file begins like.
    private static void LookForTar(FileFormat format, ByteReader reader, Findings findings, Walk walk)
    {
        var length = Math.Min(TarHeader.Length, reader.Length);
        using var head = new ByteReader(reader.Part(0, length), length, walk.CancellationToken);
        if (TarHeader.Matches(head.Peek((int)length)))
        {
            using var tar = new ByteReader(reader.Part(0, reader.Length), reader.Length, walk.CancellationToken);
            findings.Suspicious("tar.hidden", $"the file is {format} and a tar as well: loaders disagree on what it is", 0);
            new TorchTar(tar, findings.Within("the tar that it is too", 0), walk).Examine();
            if (tar.Failure is { } failure)
            {
                findings.Add(failure);
            }
        }
    }
}
