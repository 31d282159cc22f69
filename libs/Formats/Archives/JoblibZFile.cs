using System.Text;

namespace ModelGarden.Formats.Archives;

/// <summary>What joblib packed a pickle into before it took gzip and its like: two letters, the length in hexadecimal, and zlib's bytes.</summary>
internal static class JoblibZFile
{
    private const int Length = 21;

    /// <summary>How many bytes stand before those of zlib; 0 for what is no such file.</summary>
    public static int HeadOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < Length + 3 || !head.StartsWith("ZF"u8) || !IsNumber(Encoding.Latin1.GetString(head[2..Length])))
        {
            return 0;
        }

        // Its oldest versions wrote a space more.
        var length = head[Length] == ' ' ? Length + 1 : Length;
        return (head[length] & 15) == 8 && ((head[length] << 8) | head[length + 1]) % 31 == 0 ? length : 0;
    }

    // As Python reads hexadecimal: with white space around, a sign, a prefix, underscores.
    private static bool IsNumber(string text)
    {
        text = text.Trim().TrimStart('+', '-').Replace("_", "", StringComparison.Ordinal);
        text = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return text.Length > 0 && text.All(char.IsAsciiHexDigit);
    }
}
