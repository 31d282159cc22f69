using System.Globalization;
using System.Text;

namespace ModelGarden.Kernel;

/// <summary>Text for people out of text from strangers.</summary>
public static class Text
{
    private static readonly Rune Replacement = Rune.ReplacementChar;

    /// <summary>
    /// At most <paramref name="limit"/> characters and an ellipsis, with replacements for what could forge a line or turn the reading direction:
    /// safe to put in an error or a log line.
    /// </summary>
    public static string Shorten(string? text, int limit = 80)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var shown = text.Length > limit ? text.AsSpan(0, Cut(text, limit)) : text;
        var safe = new StringBuilder(shown.Length + 1);
        foreach (var rune in shown.EnumerateRunes())
        {
            safe.Append(IsSafe(rune) ? rune : Replacement);
        }

        return text.Length > limit ? safe.Append('…').ToString() : safe.ToString();
    }

    /// <summary>Why a stranger's line of text is not one that we keep: too short, too long, or with what could forge a line; null: it is.</summary>
    public static Error? Refusal(string field, string text, int minimum, int maximum)
    {
        if (text.Length < minimum || text.Length > maximum)
        {
            return Error.Invalid("BAD_TEXT", $"{field} has {text.Length} characters: {minimum} to {maximum} are expected");
        }

        return text.EnumerateRunes().All(IsSafe) ? null : Error.Invalid("BAD_TEXT", $"{field} has a control character: one line of plain text is expected");
    }

    // Not between the two halves of a character outside the basic plane.
    private static int Cut(string text, int limit) => limit > 0 && char.IsHighSurrogate(text[limit - 1]) && char.IsLowSurrogate(text[limit]) ? limit - 1 : limit;

    private static bool IsSafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x061C);
}
