using System.Text;

namespace ModelGarden.Identity.SecondFactors;

/// <summary>Base 32 (RFC 4648, section 6) without padding: what people can type.</summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int Bits = 5;

    /// <param name="bytes">A multiple of five.</param>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 8 / Bits);
        var (buffer, held) = (0, 0);
        foreach (var one in bytes)
        {
            (buffer, held) = ((buffer << 8) | one, held + 8);
            while (held >= Bits)
            {
                held -= Bits;
                text.Append(Alphabet[(buffer >> held) & 31]);
            }

            buffer &= 0xFF;
        }

        return text.ToString();
    }

    /// <summary>In groups of four.</summary>
    public static string Grouped(string text, char between) => string.Join(between, text.Chunk(4).Select(group => new string(group)));
}
