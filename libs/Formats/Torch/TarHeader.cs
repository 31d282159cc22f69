using System.Text;

namespace ModelGarden.Formats.Torch;

/// <summary>
/// The first 512 bytes of a tar. The oldest tars have no magic number, and Python reads them all the same: what makes a tar is its checksum.
/// </summary>
internal static class TarHeader
{
    public const int Length = 512;
    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;

    public static bool Matches(ReadOnlySpan<byte> head)
    {
        if (head.Length < Length || Number(head.Slice(ChecksumAt, ChecksumLength)) is not { } claimed)
        {
            return false;
        }

        var (unsigned, signed) = (32 * ChecksumLength, 32 * ChecksumLength);
        for (var at = 0; at < Length; at++)
        {
            if (at is < ChecksumAt or >= ChecksumAt + ChecksumLength)
            {
                unsigned += head[at];
                signed += (sbyte)head[at];
            }
        }

        return claimed == unsigned || claimed == signed;
    }

    public static string NameOf(ReadOnlySpan<byte> head) => Encoding.UTF8.GetString(head[..100].IndexOf((byte)0) is >= 0 and var end ? head[..end] : head[..100]);

    // Octal digits, as Python takes them: with white space around, a sign, a prefix, underscores; or binary behind a byte with the highest bit.
    private static long? Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        if (field[0] is 0x80)
        {
            foreach (var part in field[1..])
            {
                value = (value << 8) | part;
            }

            return value;
        }

        var text = Encoding.Latin1.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field).Trim().TrimStart('+').Replace("_", "", StringComparison.Ordinal);
        text = text.StartsWith("0o", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
            {
                return null;
            }

            value = (value * 8) + (digit - '0');
        }

        return text.Length > 0 ? value : null;
    }
}
