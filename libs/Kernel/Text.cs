namespace ModelGarden.Kernel;

/// <summary>Text for people out of text from strangers.</summary>
public static class Text
{
    /// <summary>At most <paramref name="limit"/> characters, control characters replaced: safe to put in an error or a log line.</summary>
    public static string Shorten(string? text, int limit = 80)
    {
        var cut = text is null ? "" : text.Length > limit ? text[..limit] + "…" : text;
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : cut;
    }

    /// <summary>Why a stranger's line of text is not one that we keep: too short, too long, or with control characters; null: it is.</summary>
    public static Error? Refusal(string field, string text, int minimum, int maximum)
    {
        if (text.Length < minimum || text.Length > maximum)
        {
            return Error.Invalid("BAD_TEXT", $"{field} has {text.Length} characters: {minimum} to {maximum} are expected");
        }

        return text.Any(char.IsControl) ? Error.Invalid("BAD_TEXT", $"{field} has a control character: one line of plain text is expected") : null;
    }
}
