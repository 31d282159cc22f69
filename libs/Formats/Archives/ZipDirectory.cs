using System.Buffers.Binary;
using System.Text;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>A member as a zip's directory, or its own header, describes it.</summary>
internal sealed record ZipMember(string Name, int Flags, int Method, uint Crc, long PackedSize, long Size, long HeaderOffset)
{
    /// <summary>What Unix takes it for, 0 where nothing is said.</summary>
    public int UnixType { get; init; }

    public bool IsLinkOrDevice => UnixType is not (0 or 0x8000 or 0x4000);

    /// <summary>Sizes and checksum stand behind the bytes, and may be zero before them.</summary>
    public bool HasDescriptor => (Flags & 8) != 0;

    /// <summary>Flags beyond the level of packing, the descriptor and names in UTF-8: some readers take such a member for encrypted or patched, others do not look.</summary>
    public bool HasOddFlags => (Flags & ~0x080E) != 0;
}

/// <summary>
/// Finds and reads the directory at a zip's end, of ZIP64 files too. From a stream that cannot seek, only a directory in the last
/// <see cref="TailLength"/> bytes is seen.
/// </summary>
internal sealed class ZipDirectory(ByteReader reader)
{
    public const int MaximumMembers = 20_000;

    private const int TailLength = 1024 * 1024;
    private const int EndLength = 22;
    public const int MaximumName = 1024;
    private byte[] _tail = [];
    private long _tailStart;
    private long _count;
    private long _countHere;
    private long _size;
    private long _offset;
    private long _end;

    public List<ZipMember> Members { get; } = [];

    /// <summary>Where the directory begins: the end of what members may lie in.</summary>
    public long Offset => _offset;

    public void Read()
    {
        ReadTail();
        if (reader.Failed || !FindEnd())
        {
            return;
        }

        if (_count > MaximumMembers)
        {
            reader.Fail("zip.too-many-members", $"the directory claims {_count} members: at most {MaximumMembers} are looked at");
        }
        else if (_countHere < ushort.MaxValue && _countHere != _count)
        {
            reader.Fail("zip.directory", $"the directory claims {_count} members and {_countHere} of them in this file");
        }
        else if (_offset < 0 || _size < 0 || _offset > reader.Length - _size)
        {
            reader.Fail("zip.directory", $"the directory claims bytes {_offset} to {_offset + _size} of a file of {reader.Length}");
        }
        else
        {
            ReadMembers();
        }
    }

    private void ReadTail()
    {
        _tail = new byte[Math.Min(TailLength, reader.Length)];
        _tailStart = reader.Length - _tail.Length;
        reader.Skip(_tailStart - reader.Position);
        var filled = 0;
        while (filled < _tail.Length && reader.Read(_tail.AsSpan(filled)) is > 0 and var read)
        {
            filled += read;
        }

        if (filled < _tail.Length)
        {
            reader.Fail("file.truncated", "the file ends before its length");
        }
    }

    private bool FindEnd()
    {
        var at = _tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0 || at + EndLength > _tail.Length)
        {
            reader.Fail("zip.no-directory", "the zip has no directory at its end: it is cut off or damaged");
            return false;
        }

        var end = _tail.AsSpan(at);
        if (at + EndLength + BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != _tail.Length)
        {
            reader.Fail("zip.trailing", "the zip's end record does not end the file: readers disagree on what is in it", _tailStart + at);
            return false;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(end[4..]) is not (0 or uint.MaxValue))
        {
            reader.Fail("zip.directory", "the end record speaks of several disks: readers disagree on what is in the zip", _tailStart + at);
            return false;
        }

        _count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        _countHere = BinaryPrimitives.ReadUInt16LittleEndian(end[8..]);
        _size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        _offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        _end = _tailStart + at;
        return (at >= 20 && _tail.AsSpan(at - 20).StartsWith("PK\u0006\u0007"u8) ? FindLargeEnd(at) : true) && EndsWhereRecordBegins();
    }

    private bool EndsWhereRecordBegins()
    {
        if (_offset < 0 || _size < 0 || _offset > reader.Length - _size || _offset + _size == _end)
        {
            return true;
        }

        reader.Fail("zip.directory", $"the directory ends at byte {_offset + _size} and its end record begins at {_end}: readers disagree on where members lie", _end);
        return false;
    }

    // ZIP64: a locator stands right before the end record and names the place of a record with 64-bit fields.
    private bool FindLargeEnd(int end)
    {
        var place = BinaryPrimitives.ReadInt64LittleEndian(_tail.AsSpan(end - 12)) - _tailStart;
        // Some readers go by the locator, others take what stands before it: only one place is both.
        if (place < 0 || place != end - 76 || !_tail.AsSpan((int)place).StartsWith("PK\u0006\u0006"u8))
        {
            reader.Fail("zip.directory", "the ZIP64 record is not where its locator says", _tailStart + end - 20);
            return false;
        }

        var record = _tail.AsSpan((int)place);
        var small = (_count, _size, _offset);
        _end = _tailStart + place;
        _count = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        _size = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        _offset = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        if ((small._count == ushort.MaxValue || small._count == _count) && (small._size == uint.MaxValue || small._size == _size) && (small._offset == uint.MaxValue || small._offset == _offset))
        {
            return true;
        }

        reader.Fail("zip.directory", "the ZIP64 record and the end record disagree on where the directory is", _end);
        return false;
    }

    private void ReadMembers()
    {
        if (_offset < _tailStart && !reader.CanSeek)
        {
            reader.Fail("zip.directory-too-long", $"the directory is longer than the {TailLength} bytes kept of a stream that cannot seek");
            return;
        }

        if (_offset >= _tailStart)
        {
            using var memory = new MemoryStream(_tail, (int)(_offset - _tailStart), (int)_size, writable: false);
            using var tail = new ByteReader(memory, _size, CancellationToken.None);
            ReadMembers(tail);
        }
        else
        {
            reader.SeekTo(_offset);
            ReadMembers(reader);
        }
    }

    private void ReadMembers(ByteReader directory)
    {
        var begin = directory.Position;
        for (var index = 0; index < _count && !directory.Failed; index++)
        {
            if (ReadMember(directory) is { } member)
            {
                Members.Add(member);
            }
        }

        if (!directory.Failed && directory.Position - begin != _size)
        {
            directory.Fail("zip.directory", $"{_size - (directory.Position - begin)} bytes of it are behind its last entry");
        }

        if (directory.Failure is { } failure)
        {
            reader.Fail("zip.directory", $"the directory does not hold what it claims: {failure.Message}", _offset);
        }
    }

    private static ZipMember? ReadMember(ByteReader directory)
    {
        if (directory.U32() != 0x02014B50)
        {
            directory.Fail("zip.directory", "an entry of the directory does not begin as one");
        }

        directory.Skip(4);
        var flags = directory.U16();
        var method = directory.U16();
        directory.Skip(4);
        var crc = directory.U32();
        var (packed, size) = (directory.U32(), directory.U32());
        var (name, extra, comment) = (directory.U16(), directory.U16(), directory.U16());
        directory.Skip(4);
        var mode = (int)(directory.U32() >> 16);
        var offset = directory.U32();
        var text = Encoding.UTF8.GetString(directory.Take(Math.Min((int)name, MaximumName)));
        directory.Skip(name - Math.Min((int)name, MaximumName));
        var large = new ZipLargeFields(directory.Take(extra));
        var (realSize, realPacked, realOffset) = (large.Or(size), large.Or(packed), large.Or(offset));
        var member = new ZipMember(text, flags, method, crc, realPacked, realSize, realOffset) { UnixType = mode & 0xF000 };
        directory.Skip(comment);
        return directory.Failed ? null : member;
    }
}
