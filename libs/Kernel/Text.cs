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
}
