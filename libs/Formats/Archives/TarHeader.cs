using System.Buffers.Binary;
using System.Text;

namespace ModelGarden.Formats.Archives;

/// <summary>A header of a tar: ustar, GNU's or the oldest.</summary>
/// <param name="Name">With its prefix.</param>
/// <param name="Size">In bytes; negative: the field holds no number.</param>
/// <param name="Type">What the member is.</param>
/// <param name="Link">Where a link points.</param>
internal sealed record TarHeader(string Name, long Size, char Type, string Link)
{
    public const int Length = 512;

    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;

    /// <summary>Some readers put this before the name, others do not: Python takes it whatever the magic number, but not for GNU's own types.</summary>
    public string DisputedPrefix { get; private init; } = "";

    public bool IsFile => Type is '0' or '\0' or '7';

    public bool IsFolder => Type is '5' || (IsFile && Name.EndsWith('/'));

    public bool IsLink => Type is '1' or '2';

    public bool IsDevice => Type is '3' or '4' or '6';

    public static TarHeader Read(ReadOnlySpan<byte> block)
    {
        var name = TextOf(block[..100]);
        var prefix = TextOf(block.Slice(345, 155));
        var isSure = block[257..].StartsWith("ustar\0"u8);
        return new(prefix.Length > 0 && isSure ? $"{prefix}/{name}" : name, Number(block.Slice(124, 12)), (char)block[156], TextOf(block.Slice(157, 100)))
        {
            DisputedPrefix = isSure || IsTime(prefix) ? "" : prefix,
        };
    }

    /// <summary>
    /// True for bytes that begin with a header whose checksum is right. The oldest tars have no magic number, and Python reads them all the same: what makes
    /// a tar is its checksum.
    /// </summary>
    public static bool HasChecksum(ReadOnlySpan<byte> head)
    {
        if (head.Length < Length || Checksum(head.Slice(ChecksumAt, ChecksumLength)) is not { } sum)
        {
            return false;
        }

        var (plain, signed) = (0L, 0L);
        for (var at = 0; at < Length; at++)
        {
            var value = at is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : head[at];
            plain += value;
            signed += (sbyte)value;
        }

        return sum == plain || sum == signed;
    }

    // GNU's incremental archives have times there: a folder of digits, which leads nowhere.
    private static bool IsTime(string prefix) => prefix.Length is 11 or 12 && prefix.All(digit => digit is >= '0' and <= '7');

    private static string TextOf(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    // Octal digits, as Python takes them: with white space around, a sign, a prefix, underscores, or none at all for zero; or binary behind a byte with the
    // highest bit.
    private static long? Checksum(ReadOnlySpan<byte> field)
    {
        if (field[0] is 0x80 or 0xFF)
        {
            var value = BinaryPrimitives.ReadInt64BigEndian(field);
            return field[0] == 0xFF ? value : value & (long.MaxValue >> 7);
        }

        var text = Encoding.Latin1.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field).Trim().Replace("_", "", StringComparison.Ordinal);
        var sign = text.StartsWith('-') ? -1 : 1;
        text = text.TrimStart('+', '-');
        var digits = Number(Encoding.Latin1.GetBytes(text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? text[2..] : text));
        return digits < 0 ? null : sign * digits;
    }

    // Octal digits between spaces and zeros; GNU's binary form where the first bit is set.
    private static long Number(ReadOnlySpan<byte> field)
    {
        if (field is [0x80, ..] && field.Length == 12)
        {
            return field[1..4].ContainsAnyExcept((byte)0) ? -1 : BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        }

        var digits = field.TrimStart((byte)' ').TrimEnd(" \0"u8);
        var value = 0L;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            value = (value * 8) + (digit - '0');
        }

        return value;
    }
}
