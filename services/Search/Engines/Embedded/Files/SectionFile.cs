using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Search.Engines.Embedded.Files;

/// <summary>What <see cref="SectionWriter"/> wrote, in a file or in memory. Closes the file when it is disposed of.</summary>
internal sealed class SectionFile : IDisposable
{
    private const int MostSections = 1024;
    private const int ReadAtOnce = 1 << 20;
    private readonly Dictionary<int, (long Offset, long Length)> _sections = [];
    private readonly MappedFile? _file;
    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _memory;

    /// <summary>A file, all of whose bytes are checked first: read, not mapped, so that they do not count as memory of this process.</summary>
    public SectionFile(string path, uint version)
    {
        Name = Path.GetFileName(path);
        var handle = _handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            Length = RandomAccess.GetLength(handle);
            Verify(handle, ReadDirectory(Read(handle, 0, SectionWriter.HeaderLength), Read(handle, Length - SectionWriter.FooterLength, SectionWriter.FooterLength), version, (offset, length) => Read(handle, offset, length)));
            _file = new(path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>What was just written into memory.</summary>
    public SectionFile(ReadOnlyMemory<byte> memory, uint version)
    {
        (Name, _memory, Length) = ("memory", memory, memory.Length);
        ReadDirectory(memory.Span[..SectionWriter.HeaderLength].ToArray(), memory.Span[^SectionWriter.FooterLength..].ToArray(), version, (offset, length) => memory.Span.Slice((int)offset, length).ToArray());
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>The bytes as a whole, if they are in memory.</summary>
    public ReadOnlyMemory<byte> Memory => _memory;

    public ReadOnlyMemory<byte> this[int kind] => !_sections.TryGetValue(kind, out var section) ? throw Damage($"section {kind} is missing")
        : _file is null ? _memory.Slice((int)section.Offset, (int)section.Length)
        : _file.Slice(section.Offset, section.Length);

    public IndexDamageException Damage(string what) => new(Name, what);

    /// <summary>A copy of a part of a section, read and not mapped: what is needed here and there does not make its surroundings resident.</summary>
    public byte[] Copy(int kind, long offset, int length) => _handle is null || !_sections.TryGetValue(kind, out var section)
        ? this[kind].Slice((int)offset, length).ToArray()
        : offset >= 0 && length >= 0 && offset + length <= section.Length ? Read(_handle, section.Offset + offset, length) : throw Damage($"section {kind} has no bytes {offset} to {offset + length}");

    public void Dispose()
    {
        _file?.Dispose();
        _handle?.Dispose();
    }

    private byte[] Read(SafeFileHandle handle, long offset, int length)
    {
        var bytes = new byte[length];
        return offset >= 0 && RandomAccess.Read(handle, bytes, offset) == length ? bytes : throw Damage("it is cut off");
    }

    private List<(int Kind, uint Crc, long Offset, long End)> ReadDirectory(byte[] header, byte[] footer, uint version, Func<long, int, byte[]> read)
    {
        if (!header.AsSpan(0, 8).SequenceEqual(SectionWriter.Magic) || !footer.AsSpan(16).SequenceEqual(SectionWriter.Magic))
        {
            throw Damage("it does not begin and end as a file of an index");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) is var found && (found != version || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)) != 0))
        {
            throw Damage($"it has version {found}, this program reads {version}");
        }

        var (start, count) = (BinaryPrimitives.ReadInt64LittleEndian(footer), BinaryPrimitives.ReadInt32LittleEndian(footer.AsSpan(8)));
        if (count is < 0 or > MostSections || start != Length - SectionWriter.FooterLength - ((long)count * SectionWriter.EntryLength))
        {
            throw Damage("its directory is not where it belongs");
        }

        var directory = read(start, count * SectionWriter.EntryLength);
        if (Checksum.Of(footer.AsSpan(0, 12), Checksum.Of(directory)) != BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(12)))
        {
            throw Damage("its directory has the wrong checksum");
        }

        return ReadEntries(directory, start);
    }

    private List<(int Kind, uint Crc, long Offset, long End)> ReadEntries(byte[] directory, long end)
    {
        var entries = new List<(int, uint, long, long)>();
        var next = (long)SectionWriter.HeaderLength;
        for (var at = 0; at < directory.Length; at += SectionWriter.EntryLength)
        {
            var entry = directory.AsSpan(at, SectionWriter.EntryLength);
            var (kind, offset, length) = (BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
            if (offset != next || length < 0 || length > Math.Min(end - offset, int.MaxValue) || !_sections.TryAdd(kind, (offset, length)))
            {
                throw Damage($"section {kind} does not lie where it can");
            }

            next = (offset + length + SectionWriter.Alignment - 1) & -SectionWriter.Alignment;
            entries.Add((kind, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), offset, next));
        }

        return next == end ? entries : throw Damage("there are bytes of no section");
    }

    private void Verify(SafeFileHandle handle, List<(int Kind, uint Crc, long Offset, long End)> sections)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadAtOnce);
        try
        {
            foreach (var (kind, crc, offset, end) in sections)
            {
                if (ChecksumOf(handle, offset, end, buffer) != crc)
                {
                    throw Damage($"section {kind} has the wrong checksum");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private uint ChecksumOf(SafeFileHandle handle, long offset, long end, byte[] buffer)
    {
        uint crc = 0;
        while (offset < end)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)), offset);
            crc = Checksum.Of(buffer.AsSpan(0, read), crc);
            offset += read > 0 ? read : throw Damage("it is cut off");
        }

        return crc;
    }
}
