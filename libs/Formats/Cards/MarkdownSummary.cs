using System.Text;

namespace ModelGarden.Formats.Cards;

/// <summary>Finds a Markdown text's first paragraph and takes the marks out of it. One pass, no pattern matching: the text is a stranger's.</summary>
internal static class MarkdownSummary
{
    private const int MaximumLength = 400;
    private const int MaximumParagraph = 8 * 1024;

    public static string Of(string markdown)
    {
        foreach (var paragraph in Paragraphs(markdown))
        {
            var plain = Plain(paragraph);
            if (plain.Any(char.IsLetterOrDigit))
            {
                return plain.Length <= MaximumLength ? plain : string.Concat(plain.AsSpan(0, Cut(plain)), "…");
            }
        }

        return "";
    }

    private static IEnumerable<string> Paragraphs(string markdown)
    {
        var paragraph = new StringBuilder();
        var fence = "";
        var isComment = false;
        foreach (var line in markdown.Split('\n'))
        {
            var text = line.Trim();
            if (fence.Length > 0 || isComment)
            {
                fence = fence.Length > 0 && text.StartsWith(fence, StringComparison.Ordinal) ? "" : fence;
                isComment = isComment && !text.Contains("-->", StringComparison.Ordinal);
                continue;
            }

            fence = text.StartsWith("```", StringComparison.Ordinal) ? "```" : text.StartsWith("~~~", StringComparison.Ordinal) ? "~~~" : "";
            isComment = text.StartsWith("<!--", StringComparison.Ordinal) && !text.Contains("-->", StringComparison.Ordinal);
            if (fence.Length > 0 || isComment || !IsProse(line, text))
            {
                if (paragraph.Length > 0)
                {
                    yield return paragraph.ToString();
                    paragraph.Clear();
                }
            }
            else if (paragraph.Length < MaximumParagraph)
            {
                paragraph.Append(paragraph.Length > 0 ? " " : "").Append(text, 0, Math.Min(text.Length, MaximumParagraph));
            }
        }

        if (paragraph.Length > 0)
        {
            yield return paragraph.ToString();
        }
    }

    // Neither heading, rule, table, quote, list item, indented code, comment, nor the underline of a heading.
    private static bool IsProse(string line, string text) => text is not ("" or ['#' or '|' or '>', ..] or ['-' or '*' or '+', ' ', ..])
        && !text.StartsWith("<!--", StringComparison.Ordinal)
        && !line.StartsWith("    ", StringComparison.Ordinal) && !line.StartsWith('\t')
        && !text.All(c => c is '-' or '=' or '*' or '_' or ' ');

    private static string Plain(string paragraph)
    {
        var plain = new StringBuilder(paragraph.Length);
        for (var at = 0; at < paragraph.Length; at++)
        {
            at = Step(paragraph, at, plain);
        }

        return string.Join(' ', plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
    }

    /// <summary>Handles the character at a place and answers the place of the last one used up.</summary>
    private static int Step(string text, int at, StringBuilder plain)
    {
        switch (text[at])
        {
            case '\\' when at + 1 < text.Length && char.IsPunctuation(text[at + 1]):
                plain.Append(text[at + 1]);
                return at + 1;
            case '*' or '`':
            case '_' when at == 0 || at + 1 == text.Length || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(text[at + 1]):
                return at;
            case '!' when at + 1 < text.Length && text[at + 1] == '[' && LinkEnd(text, at + 1) is > 0 and var end:
                return end;
            case '[' when LinkEnd(text, at) is > 0 and var end:
                var label = text.IndexOf("](", at, StringComparison.Ordinal);
                plain.Append(text[at + 1] == '!' ? "" : Plain(text[(at + 1)..label]));
                return end;
            case '<' when TagEnd(text, at) is > 0 and var end:
                return end;
            default:
                plain.Append(char.IsControl(text[at]) ? ' ' : text[at]);
                return at;
        }
    }

    // The place of the ')' of [label](target), or of the outer one of [![image](…)](…); 0 where there is no link.
    private static int LinkEnd(string text, int at)
    {
        const int Longest = 1024;
        var window = text.AsSpan(at, Math.Min(Longest, text.Length - at));
        var inner = window.Length > 2 && window[1] == '!' && window[2] == '[' ? window.IndexOf(')') + 1 : 0;
        var middle = window[inner..].IndexOf("](");
        var end = middle < 0 ? -1 : window[(inner + middle)..].IndexOf(')');
        return end < 0 || (inner == 0 && window[1..middle].Contains('[')) ? 0 : at + inner + middle + end;
    }

    private static int TagEnd(string text, int at)
    {
        var end = text.AsSpan(at, Math.Min(1024, text.Length - at)).IndexOf('>');
        return end > 1 && (char.IsAsciiLetter(text[at + 1]) || text[at + 1] is '/' or '!') ? at + end : 0;
    }

    private static int Cut(string plain)
    {
        var space = plain.LastIndexOf(' ', MaximumLength);
        var cut = space > MaximumLength / 2 ? space : MaximumLength;
        return char.IsHighSurrogate(plain[cut - 1]) ? cut - 1 : cut;
    }
}
