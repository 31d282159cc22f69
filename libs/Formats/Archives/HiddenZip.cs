using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// A zip is found by its end, so anything may stand before it: a file that is something else to us can be an archive to a loader. Such a file is looked
/// into as that archive too.
/// </summary>
internal static class HiddenZip
{
    private const int EndLength = 22;

    public static void Look(FileFormat format, ByteReader reader, Findings findings, Walk walk)
    {
        if (format is FileFormat.Zip or FileFormat.TorchZip || !reader.CanSeek || reader.Length < EndLength || !EndsLikeZip(reader, walk))
        {
            return;
        }

        findings.Suspicious("zip.hidden", $"the file is {format} at its beginning and a zip at its end: loaders disagree on what it is", 0);
        using var zip = new ByteReader(reader.Part(0, reader.Length), reader.Length, walk.CancellationToken);
        new ZipExaminer(zip, findings.Within("the zip at its end", 0), walk).Examine();
        if (zip.Failure is { } failure)
        {
            findings.Add(failure);
        }
    }

    /// <summary>The end of a file looks like that of a zip: the record ends the file, or an entry of a directory stands before it, for four bytes alone are in many a tensor.</summary>
    public static bool IsEndOfZip(ReadOnlySpan<byte> tail)
    {
        var at = tail.LastIndexOf("PK\u0005\u0006"u8);
        return at >= 0 && at + EndLength <= tail.Length && (at + EndLength + BitConverter.ToUInt16(tail[(at + 20)..]) == tail.Length || tail[..at].LastIndexOf("PK\u0001\u0002"u8) >= 0);
    }

    private static bool EndsLikeZip(ByteReader reader, Walk walk)
    {
        var length = Math.Min(ByteReader.Window, reader.Length);
        using var end = new ByteReader(reader.Part(reader.Length - length, length), length, walk.CancellationToken);
        return IsEndOfZip(end.Peek((int)length));
    }
}
