using System.Globalization;
using System.Text;

namespace ModelGarden.Formats.Pickles;

/// <summary>The two ways in which old pickles write text: both can spell a name so that it is not seen in the bytes.</summary>
internal static class PickleText
{
    /// <summary>Latin-1 with <c>\uXXXX</c> and <c>\UXXXXXXXX</c>.</summary>
    public static string RawUnicode(ReadOnlySpan<byte> line)
    {
        if (!line.Contains((byte)'\\'))
        {
            return Encoding.Latin1.GetString(line);
        }

        var text = new StringBuilder(line.Length);
        for (var at = 0; at < line.Length; at++)
        {
            var width = line[at] != '\\' || at + 1 >= line.Length ? 0 : line[at + 1] switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 };
            if (width > 0 && Hexadecimal(line[(at + 2)..], width) is { } rune)
            {
                Append(text, rune);
                at += 1 + width;
            }
            else
            {
                text.Append((char)line[at]);
            }
        }

        return text.ToString();
    }

    /// <summary>What a Python literal in quotes means; nothing when there are none around it.</summary>
    public static string? Quoted(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r"u8);
        if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[^1] != line[0])
        {
            return null;
        }

        line = line[1..^1];
        return line.Contains((byte)'\\') ? Unescape(line) : Encoding.Latin1.GetString(line);
    }

    private static string Unescape(ReadOnlySpan<byte> line)
    {
        var text = new StringBuilder(line.Length);
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] != '\\' || at + 1 == line.Length)
            {
                text.Append((char)line[at]);
            }
            else
            {
                at += Escape(text, line[(at + 1)..]);
            }
        }

        return text.ToString();
    }

    // Appends what the escape behind a backslash means and says how long it is.
    private static int Escape(StringBuilder text, ReadOnlySpan<byte> rest)
    {
        if (rest[0] is >= (byte)'0' and <= (byte)'7')
        {
            return Octal(text, rest);
        }

        if (rest[0] == 'x' && Hexadecimal(rest[1..], 2) is { } value)
        {
            text.Append((char)value);
            return 3;
        }

        const string Letters = "abfnrtv";
        var letter = Letters.IndexOf((char)rest[0], StringComparison.Ordinal);
        text.Append(letter >= 0 ? "\a\b\f\n\r\t\v"[letter] : (char)rest[0]);
        return 1;
    }

    private static int Octal(StringBuilder text, ReadOnlySpan<byte> rest)
    {
        var (value, length) = (0, 0);
        while (length < 3 && length < rest.Length && rest[length] is >= (byte)'0' and <= (byte)'7')
        {
            value = (value * 8) + (rest[length++] - '0');
        }

        text.Append((char)(value & 0xFF));
        return length;
    }

    private static uint? Hexadecimal(ReadOnlySpan<byte> digits, int width) =>
        digits.Length >= width && uint.TryParse(digits[..width], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static void Append(StringBuilder text, uint rune) =>
        text.Append(rune <= 0xFFFF ? ((char)rune).ToString() : Rune.IsValid(rune) ? new Rune(rune).ToString() : "\uFFFD");
}
