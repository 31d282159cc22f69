using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Looks into a file that is nothing but packed (gzip, zlib). What it holds is examined as a file of its own: in memory where it is small, else in a second
/// pass, once its length is known.
/// </summary>
internal sealed class PackedExaminer(Content content, PackedFormat format)
{
    private readonly ByteReader _reader = content.Reader;

    public FormatFacts? Examine()
    {
        var start = _reader.Position;
        using var memory = new MemoryStream();
        using var unpacked = new UnpackedStream(_reader, format, content.Walk, content.Findings);
        var isWhole = Fill(memory, unpacked);
        if (!isWhole && !_reader.CanSeek)
        {
            content.Findings.Suspicious("archive.nested", $"what is packed has more than {memory.Length} bytes, and comes out of something packed itself: nobody has looked into it", start);
            return null;
        }

        Drain(unpacked);
        if (unpacked.IsCut || _reader.Failed)
        {
            return null;
        }

        ExamineTrailing(unpacked);
        if (isWhole)
        {
            ExamineSmall(memory);
        }
        else
        {
            memory.SetLength(0);
            memory.Capacity = 0;
            ExamineLarge(unpacked.Total, start);
        }

        return null;
    }

    private bool Fill(MemoryStream memory, UnpackedStream unpacked)
    {
        // Half of what is left: archives inside need some too.
        var room = (Walk.MaximumBuffered - content.Walk.Buffered) / 2;
        var buffer = new byte[16 * 1024];
        while (memory.Length < room)
        {
            var read = unpacked.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, room - memory.Length)));
            if (read == 0)
            {
                return true;
            }

            memory.Write(buffer, 0, read);
        }

        return false;
    }

    private void ExamineSmall(MemoryStream memory)
    {
        using var reserved = content.Walk.Reserve(memory.Length);
        memory.Position = 0;
        Inside(memory, memory.Length);
    }

    private void Drain(UnpackedStream unpacked)
    {
        var buffer = new byte[16 * 1024];
        while (unpacked.Read(buffer) > 0)
        {
            content.Walk.Check(_reader);
        }
    }

    private void ExamineLarge(long length, long start)
    {
        _reader.SeekTo(start);
        using var again = new UnpackedStream(_reader, format, content.Walk, findings: null);
        Inside(again, length);
    }

    private void Inside(Stream stream, long length)
    {
        if (length > 0)
        {
            ContentExaminer.Member(stream, length, content.Findings.Within("the unpacked file", 0), content.Walk, Path.GetFileNameWithoutExtension(content.Name));
        }
    }

    // Zeros fill up a tape; what else follows some readers refuse, and others pass over.
    private void ExamineTrailing(UnpackedStream unpacked)
    {
        var end = unpacked.PackedEnd;
        if (!unpacked.IsSound || end == _reader.Length || unpacked.OnlyZerosFollow())
        {
            return;
        }

        content.Findings.Suspicious($"{format.Name}.trailing", $"{_reader.Length - end} bytes follow the packed ones", end);
        if (_reader.CanSeek)
        {
            ContentExaminer.Member(_reader.Part(end, _reader.Length - end), _reader.Length - end, content.Findings.Within("bytes behind the end", end), content.Walk);
        }
    }
}
