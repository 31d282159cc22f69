using ModelGarden.Formats.IO;
using ModelGarden.Kernel;

namespace ModelGarden.Formats.Archives;

/// <summary>
/// Goes through a tar (ustar, pax, GNU's, the oldest) and has each member examined as a file of its own. Where readers of tars disagree on what a header
/// means, that is said, and the member is looked at in the way that shows more.
/// </summary>
internal sealed class TarExaminer(Content content)
{
    private const int MaximumListed = 256;
    private readonly ByteReader _reader = content.Reader;
    private readonly Findings _findings = content.Findings;
    private readonly TarPaths _paths = new(content.Findings);
    private readonly List<string> _names = [];
    private TarPax _pax = new();
    private int _headers;
    private int _members;
    private long _size;

    public ArchiveFacts Examine()
    {
        while (!_reader.Failed && ReadBlock() is { } header && Take(header))
        {
            content.Walk.Check(_reader);
        }

        return new() { MemberCount = _members, UnpackedSize = _size, Members = _names };
    }

    private TarHeader? ReadBlock()
    {
        var start = _reader.Position;
        if (_reader.Remaining == 0)
        {
            _findings.Suspicious("tar.truncated", "the tar has no end: it is cut off, or made by hand", start);
            return null;
        }

        var block = _reader.Take(TarHeader.Length);
        if (_reader.Failed)
        {
            return null;
        }

        if (!block.ContainsAnyExcept((byte)0))
        {
            ReadEnd(start);
            return null;
        }

        if (!TarHeader.HasChecksum(block))
        {
            _reader.Fail("tar.header", "a header's checksum is wrong: readers stop here, or go on behind it", start);
        }
        else if (++_headers > Walk.MaximumMembers)
        {
            _reader.Fail("examination.limit", $"the tar has more than {Walk.MaximumMembers} headers: nobody looks further", start);
        }

        return _reader.Failed ? null : TarHeader.Read(block);
    }

    private bool Take(TarHeader header)
    {
        var start = _reader.Position - TarHeader.Length;
        if (header.Size < 0)
        {
            _reader.Fail("tar.size", $"member '{Text.Shorten(header.Name)}' has a length that is no number", start);
            return false;
        }

        switch (header.Type)
        {
            case 'x' or 'X' or 'g' or 'L' or 'K':
                ReadExtra(header, start);
                return !_reader.Failed;
            default:
                return TakeMember(Described(header, start), start);
        }
    }

    private void ReadExtra(TarHeader header, long start)
    {
        if (header.Size > TarPax.MaximumLength)
        {
            _reader.Fail("tar.pax", $"an extended header of {header.Size} bytes: at most {TarPax.MaximumLength} are expected", start);
            return;
        }

        var bytes = _reader.Take((int)header.Size);
        var pax = header.Type == 'g' ? new() : _pax;
        var fault = header.Type switch
        {
            'L' => pax.ReadLongName(bytes) ? null : "a member has two long names",
            'K' => pax.ReadLongLink(bytes) ? null : "a member has two long link targets",
            _ => pax.Read(bytes),
        };
        if (fault is not null || (header.Type == 'g' && !pax.IsEmpty))
        {
            _findings.Suspicious("tar.pax", $"{fault ?? "a header for all members gives a name or size"}: readers disagree on what follows", start);
        }

        SkipPadding(header.Size);
    }

    /// <summary>The member as the headers before it describe it.</summary>
    private TarHeader Described(TarHeader header, long start)
    {
        var described = header with { Name = _pax.Name ?? header.Name, Link = _pax.Link ?? header.Link, Size = _pax.Size ?? header.Size };
        // A size that the header's eleven octal digits cannot hold is what pax is for; otherwise one of the two hides something.
        if (described.Size != header.Size && described.Size < 1L << 33)
        {
            _findings.Suspicious("tar.size", $"member '{Text.Shorten(described.Name)}' has {header.Size} bytes by its header and {described.Size} by the one before: readers disagree on where it ends", start);
        }

        if (header.DisputedPrefix.Length > 0 && header.Type is not ('L' or 'K' or 'S'))
        {
            _findings.Suspicious("tar.prefix", $"member '{Text.Shorten(described.Name)}' lies in '{Text.Shorten(header.DisputedPrefix)}' for some readers, Python among them, and not for others", start);
        }

        if (_pax.IsSparse || header.Type == 'S')
        {
            _findings.Suspicious("tar.sparse", $"member '{Text.Shorten(described.Name)}' is sparse: what it holds when unpacked cannot be looked at", start);
        }

        _pax = new();
        return described;
    }

    private bool TakeMember(TarHeader member, long start)
    {
        _members++;
        if (_names.Count < MaximumListed)
        {
            _names.Add(Text.Shorten(member.Name, 256));
        }

        _paths.Check(member, start);
        if (member.IsDevice)
        {
            _findings.Suspicious("tar.device", $"member '{Text.Shorten(member.Name)}' would be unpacked as a device or a pipe", start);
        }
        else if (!member.IsFile && !member.IsLink && member.Type is not ('5' or 'S'))
        {
            _findings.Suspicious("tar.type", $"member '{Text.Shorten(member.Name)}' is of type 0x{(int)member.Type:x}, which readers know differently", start);
        }

        if (member.Size > 0 && (member.IsLink || member.IsDevice || member.IsFolder))
        {
            _reader.Fail("tar.size", $"member '{Text.Shorten(member.Name)}' is no file and has {member.Size} bytes: readers disagree on whether they follow", start);
            return false;
        }

        return member.Size == 0 || ExamineMember(member, start);
    }

    private bool ExamineMember(TarHeader member, long start)
    {
        if (member.Size > _reader.Remaining)
        {
            _reader.Fail("tar.truncated", $"member '{Text.Shorten(member.Name)}' has {member.Size} bytes, {_reader.Remaining} follow", start);
            return false;
        }

        _size += member.Size;
        var end = _reader.Position + member.Size;
        using Stream inside = _reader.CanSeek ? _reader.Part(_reader.Position, member.Size) : new ReaderStream(_reader, member.Size);
        var format = ContentExaminer.Member(inside, member.Size, _findings.Within(member.Name, start), content.Walk, member.Name);
        if (_reader.CanSeek)
        {
            _reader.SeekTo(end);
        }

        _reader.Skip(end - _reader.Position);
        SkipPadding(member.Size);
        return format is not null;
    }

    private void SkipPadding(long size)
    {
        var padding = (TarHeader.Length - (size % TarHeader.Length)) % TarHeader.Length;
        _reader.Skip(padding);
    }

    // Two empty blocks end a tar, and more may fill it up. Readers that are told to go on past them find what follows.
    private void ReadEnd(long start)
    {
        while (_reader.Remaining > 0 && !_reader.Failed)
        {
            content.Walk.Check(_reader);
            var block = _reader.Peek((int)Math.Min(_reader.Remaining, TarHeader.Length));
            if (block.IsEmpty)
            {
                _reader.Fail("file.truncated", "the file ends before its length");
            }
            else if (block.ContainsAnyExcept((byte)0))
            {
                _findings.Suspicious("tar.trailing", $"{_reader.Remaining} bytes behind the tar's end are not empty", _reader.Position);
                ExamineTrailing();
                return;
            }

            _reader.Skip(block.Length);
        }

        if (_reader.Length - start < 2 * TarHeader.Length)
        {
            _findings.Suspicious("tar.truncated", "the tar ends after one empty block: two are expected", start);
        }
    }

    private void ExamineTrailing()
    {
        using Stream rest = _reader.CanSeek ? _reader.Part(_reader.Position, _reader.Remaining) : new ReaderStream(_reader, _reader.Remaining);
        ContentExaminer.Member(rest, _reader.Remaining, _findings.Within("bytes behind the end", _reader.Position), content.Walk);
    }
}
