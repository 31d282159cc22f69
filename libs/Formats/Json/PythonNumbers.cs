namespace ModelGarden.Formats.Json;

/// <summary>
/// Numbers that Python's JSON has and JSON has not: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>. Before the next token is read they are overwritten with a number of as many
/// bytes, so that the rest of the text is read, and every token stays in its place.
/// </summary>
internal static class PythonNumbers
{
    private static readonly byte[][] All = ["NaN"u8.ToArray(), "Infinity"u8.ToArray(), "-Infinity"u8.ToArray()];

    // No count of anything, and nothing that follows belongs to it.
    private static ReadOnlySpan<byte> Number => "-0"u8;

    /// <summary>Overwrites one that is the next token.</summary>
    /// <param name="rest">The bytes behind the last token.</param>
    /// <param name="at">Where in them it stands.</param>
    public static PythonNumber Overwrite(Span<byte> rest, out int at)
    {
        at = Skip(rest, 0);
        at = at < rest.Length && rest[at] == ',' ? Skip(rest, at + 1) : at;
        var next = rest[at..];
        if (next is not [(byte)'N' or (byte)'I' or (byte)'-', ..])
        {
            return PythonNumber.None;
        }

        foreach (var number in All)
        {
            if (next.StartsWith(number))
            {
                next[..number.Length].Fill((byte)' ');
                Number.CopyTo(next);
                return PythonNumber.Whole;
            }

            if (number.AsSpan().StartsWith(next))
            {
                return PythonNumber.Cut;
            }
        }

        return PythonNumber.None;
    }

    private static int Skip(ReadOnlySpan<byte> text, int from) => text[from..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var space ? from + space : text.Length;
}

/// <summary>What stands where the next token begins.</summary>
internal enum PythonNumber
{
    None,
    Whole,

    /// <summary>The bytes end, and what is there of them may be one.</summary>
    Cut,
}
