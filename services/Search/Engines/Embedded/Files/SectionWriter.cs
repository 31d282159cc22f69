using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelGarden.Search.Engines.Embedded.Files;

/// <summary>
/// Writes a file of sections: magic and version; each section at a multiple of eight bytes; a directory of kind, checksum, offset and length of each;
/// a footer that tells where the directory is, with the checksum of both. Numbers are little-endian.
/// </summary>
internal sealed class SectionWriter(Stream stream)
{
    public const int HeaderLength = 16;
    public const int EntryLength = 24;
    public const int FooterLength = 24;
    public const int Alignment = 8;
    private readonly List<(int Kind, uint Crc, long Offset, long Length)> _sections = [];
    private long _position;
    private uint _crc;
    private long _start;

    public static ReadOnlySpan<byte> Magic => "gardenix"u8;

    public void Begin(uint version)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[Magic.Length..], version);
        Write(header);
        StartSection();
    }

    /// <summary>Appends to the section that <see cref="End"/> will name.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _crc = Checksum.Of(bytes, _crc);
        _position += bytes.Length;
    }

    public void End(int kind)
    {
        var length = _position - _start;
        Span<byte> padding = stackalloc byte[Alignment];
        padding.Clear();
        Write(padding[..(int)(-_position & (Alignment - 1))]);
        _sections.Add((kind, _crc, _start, length));
        StartSection();
    }

    public void Section<T>(int kind, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        Write(MemoryMarshal.AsBytes(items));
        End(kind);
    }

    public void Finish()
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        foreach (var (kind, crc, offset, length) in _sections)
        {
            BinaryPrimitives.WriteInt32LittleEndian(entry, kind);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], crc);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], length);
            Write(entry);
        }

        Span<byte> footer = stackalloc byte[FooterLength];
        BinaryPrimitives.WriteInt64LittleEndian(footer, _start);
        BinaryPrimitives.WriteInt32LittleEndian(footer[8..], _sections.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Checksum.Of(footer[..12], _crc));
        Magic.CopyTo(footer[16..]);
        stream.Write(footer);
    }

    private void StartSection() => (_start, _crc) = (_position, 0);
}
