using System.Buffers.Binary;
using System.Text;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>A member as a zip's directory lists it.</summary>
internal sealed record ZipMember(string Name, int Method, bool IsEncrypted, long PackedSize, long Size, long HeaderOffset);

/// <summary>
/// Finds and reads the directory at a zip's end, of ZIP64 files too. From a stream that cannot seek, only a directory in the last
/// <see cref="TailLength"/> bytes is seen.
/// </summary>
internal sealed class ZipDirectory(ByteReader reader)
{
    public const int MaximumMembers = 20_000;

    private const int TailLength = 1024 * 1024;
    private const int EndLength = 22;
    private const int MaximumName = 1024;
    private byte[] _tail = [];
    private long _tailStart;
    private long _count;
    private long _size;
    private long _offset;

    public List<ZipMember> Members { get; } = [];

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

        _count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        _size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        _offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        return _count < ushort.MaxValue && _size < uint.MaxValue && _offset < uint.MaxValue || FindLargeEnd(at);
    }

    // ZIP64: a locator stands right before the end record and names the place of a record with 64-bit fields.
    private bool FindLargeEnd(int end)
    {
        if (end < 20 || !_tail.AsSpan(end - 20).StartsWith("PK\u0006\u0007"u8))
        {
            // Without a locator the fields mean what they say.
            return true;
        }

        var place = BinaryPrimitives.ReadInt64LittleEndian(_tail.AsSpan(end - 12)) - _tailStart;
        if (place < 0 || place + 56 > end - 20 || !_tail.AsSpan((int)place).StartsWith("PK\u0006\u0006"u8))
        {
            reader.Fail("zip.directory", "the ZIP64 record is not where its locator says", _tailStart + end - 20);
            return false;
        }

        var record = _tail.AsSpan((int)place);
        _count = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        _size = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        _offset = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        return true;
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
        for (var index = 0; index < _count && !directory.Failed; index++)
        {
            if (ReadMember(directory) is { } member)
            {
                Members.Add(member);
            }
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
        directory.Skip(8);
        var (packed, size) = (directory.U32(), directory.U32());
        var (name, extra, comment) = (directory.U16(), directory.U16(), directory.U16());
        directory.Skip(8);
        var offset = directory.U32();
        var text = Encoding.UTF8.GetString(directory.Take(Math.Min((int)name, MaximumName)));
        directory.Skip(name - Math.Min((int)name, MaximumName));
        var large = new LargeFields(directory.Take(extra));
        var (realSize, realPacked, realOffset) = (large.Or(size), large.Or(packed), large.Or(offset));
        var member = new ZipMember(text, method, (flags & 1) != 0, realPacked, realSize, realOffset);
        directory.Skip(comment);
        return directory.Failed ? null : member;
    }

    /// <summary>The 64-bit fields of an entry: in the order size, packed size, offset, each present only where the 32-bit field is all ones.</summary>
    private ref struct LargeFields
    {
        private ReadOnlySpan<byte> _fields;

        public LargeFields(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
                if (length > extra.Length - 4)
                {
                    return;
                }

                if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
                {
                    _fields = extra.Slice(4, length);
                    return;
                }

                extra = extra[(4 + length)..];
            }
        }

        public long Or(uint small)
        {
            if (small != uint.MaxValue || _fields.Length < 8)
            {
                return small;
            }

            var value = BinaryPrimitives.ReadInt64LittleEndian(_fields);
            _fields = _fields[8..];
            return value;
        }
    }
}
