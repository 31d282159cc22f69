using System.Text;

namespace ModelGarden.Formats.Json;

/// <summary>How bytes begin that Python's JSON reader takes for an object: it takes more than JSON, in more encodings.</summary>
internal enum JsonBeginning
{
    None,

    /// <summary>In UTF-8, whatever follows.</summary>
    Plain,

    /// <summary>In UTF-16 or UTF-32, which Python tells by the zeros in it.</summary>
    Wide,
}

internal static class JsonBeginnings
{
    private static readonly Encoding Utf32 = new UTF32Encoding(bigEndian: false, byteOrderMark: false);
    private static readonly Encoding Utf32Big = new UTF32Encoding(bigEndian: true, byteOrderMark: false);

    public static JsonBeginning Of(ReadOnlySpan<byte> head)
    {
        if (EncodingOf(head) is not { } wide)
        {
            head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
            return BeginsObject(Encoding.Latin1.GetString(head[..Beginning(head)])) ? JsonBeginning.Plain : JsonBeginning.None;
        }

        var text = wide.GetString(head[..(head.Length / 4 * 4)]);
        return BeginsObject(text.TrimStart('\uFEFF')) ? JsonBeginning.Wide : JsonBeginning.None;
    }

    // A brace, and a name or another brace; nothing but white space may hide one farther on.
    private static bool BeginsObject(string text)
    {
        var rest = text.AsSpan().TrimStart(" \t\r\n");
        return rest.IsEmpty ? text.Length > 0 : rest[0] == '{' && rest[1..].TrimStart(" \t\r\n") is [] or ['"' or '}', ..];
    }

    // As much as tells it, so that not all of a long text is copied.
    private static int Beginning(ReadOnlySpan<byte> head)
    {
        var space = head.IndexOfAnyExcept(" \t\r\n"u8);
        var more = space < 0 ? -1 : head[(space + 1)..].IndexOfAnyExcept(" \t\r\n"u8);
        return more < 0 ? head.Length : space + 1 + more + 1;
    }

    // As Python's json.detect_encoding; nothing for UTF-8.
    private static Encoding? EncodingOf(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Utf32,
        [0, 0, 0xFE, 0xFF, ..] => Utf32Big,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        [0, not 0, _, _, ..] => Encoding.BigEndianUnicode,
        [0, 0, _, _, ..] => Utf32Big,
        [_, 0, 0, 0, ..] => Utf32,
        [_, 0, _, _, ..] => Encoding.Unicode,
        _ => null,
    };
}
