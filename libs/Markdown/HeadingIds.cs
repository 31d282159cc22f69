using System.Globalization;
using System.Text;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ModelGarden.Markdown;

/// <summary>Gives headings the names by which cards link to them: their words in small letters, hyphens for blanks, and a number where a name comes again.</summary>
internal static class HeadingIds
{
    private const int Longest = 100;

    public static void Give(MarkdownDocument document)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            var name = NameOf(heading);
            var count = counts.GetValueOrDefault(name);
            counts[name] = count + 1;
            if (name.Length > 0)
            {
                heading.GetAttributes().Id = count is 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{count}");
            }
        }
    }

    private static string NameOf(HeadingBlock heading)
    {
        var name = new StringBuilder();
        foreach (var inline in heading.Inline?.Descendants() ?? [])
        {
            var text = inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                _ => "",
            };
            foreach (var character in text.Where(character => char.IsLetterOrDigit(character) || character is '_' or '-' or ' '))
            {
                name.Append(character is ' ' ? '-' : char.ToLowerInvariant(character));
            }
        }

        return name.Length > Longest ? name.ToString(0, Longest) : name.ToString();
    }
}
