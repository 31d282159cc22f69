using System.Text;
using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Archives;

/// <summary>The header that stands before a member's bytes, and says again what the directory says.</summary>
/// <param name="Member">What it says of the member.</param>
/// <param name="DataOffset">Where the member's bytes begin.</param>
internal sealed record ZipLocalHeader(ZipMember Member, long DataOffset)
{
    private const int Length = 30;

    /// <summary>The header at a place in the file; nothing when there is none.</summary>
    public static ZipLocalHeader? Read(ByteReader reader, long offset)
    {
        if (offset < 0 || offset > reader.Length - Length)
        {
            return null;
        }

        reader.SeekTo(offset);
        if (reader.U32() != 0x04034B50)
        {
            return null;
        }

        reader.Skip(2);
        var (flags, method) = (reader.U16(), reader.U16());
        reader.Skip(4);
        var (crc, packed, size) = (reader.U32(), reader.U32(), reader.U32());
        var (name, extra) = (reader.U16(), reader.U16());
        if (name + extra > reader.Remaining)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(reader.Take(Math.Min((int)name, ZipDirectory.MaximumName)));
        reader.Skip(name - Math.Min((int)name, ZipDirectory.MaximumName));
        var large = new ZipLargeFields(reader.Take(extra));
        var (realSize, realPacked) = (large.Or(size), large.Or(packed));
        return new(new(text, flags, method, crc, realPacked, realSize, offset), reader.Position);
    }

    /// <summary>What it says otherwise than the directory; nothing when they agree.</summary>
    public string? Difference(ZipMember listed) => Member switch
    {
        _ when Member.Name != listed.Name => $"is called '{Kernel.Text.Shorten(Member.Name)}' in its own header",
        _ when Member.Method != listed.Method => $"is packed with method {Member.Method} by its own header and {listed.Method} by the directory",
        _ when Member.Flags != listed.Flags => $"has the flags 0x{Member.Flags:x} in its own header and 0x{listed.Flags:x} in the directory",
        _ when IsOther(Member.Crc, listed.Crc) => "has another checksum in its own header",
        _ when IsOther(Member.Size, listed.Size) || IsOther(Member.PackedSize, listed.PackedSize) => "has another length in its own header",
        _ => null,
    };

    private bool IsOther(long own, long listed) => own != listed && !(Member.HasDescriptor && own is 0 or uint.MaxValue);
}
