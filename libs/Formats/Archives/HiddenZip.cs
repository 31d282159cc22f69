using System.Buffers;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// A zip is found by its end, so anything may stand before it: a file that is something else to us can be an archive to a loader. Such a file is looked
/// into as that archive too.
/// </summary>
internal static class HiddenZip
{
    /// <summary>So many bytes of a file's end are looked at: Python looks at 65,558, others at up to a kilobyte more.</summary>
    public const int TailLength = 68 * 1024;

    private const int EndLength = 22;
    private const int EntryLength = 46;

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

    /// <summary>
    /// The end of a file looks like that of a zip. Readers disagree on which end record counts, and how much may follow it: any counts that ends the file, has an
    /// entry of a directory before it, or claims a directory that there is room for. Four bytes alone are in many a tensor.
    /// </summary>
    /// <param name="tail">The last bytes of the file.</param>
    /// <param name="length">How many bytes the file has.</param>
    public static bool IsEndOfZip(ReadOnlySpan<byte> tail, long length)
    {
        for (var at = tail.LastIndexOf(EndMark); at >= 0; at = tail[..at].LastIndexOf(EndMark))
        {
            if (at + EndLength <= tail.Length && IsEnd(tail, at, length - tail.Length + at))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> EndMark => "PK\u0005\u0006"u8;

    // An entry's comment may be longer than what is seen here: then only the directory's length tells.
    private static bool IsEnd(ReadOnlySpan<byte> tail, int at, long position)
    {
        var record = tail[at..];
        var size = BitConverter.ToUInt32(record[12..]);
        return EndLength + BitConverter.ToUInt16(record[20..]) == record.Length
            || tail[..at].LastIndexOf("PK\u0001\u0002"u8) >= 0
            || (size >= EntryLength && size <= position && BitConverter.ToUInt16(record[10..]) is > 0 and var count && count * EntryLength <= size)
            || (at >= 20 && tail[(at - 20)..].StartsWith("PK\u0006\u0007"u8));
    }

    private static bool EndsLikeZip(ByteReader reader, Walk walk)
    {
        var length = (int)Math.Min(TailLength, reader.Length);
        var tail = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            using var end = new ByteReader(reader.Part(reader.Length - length, length), length, walk.CancellationToken);
            var filled = 0;
            while (filled < length && end.Read(tail.AsSpan(filled, length - filled)) is > 0 and var read)
            {
                filled += read;
            }

            return filled == length && IsEndOfZip(tail.AsSpan(0, length), reader.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tail);
        }
    }
}
