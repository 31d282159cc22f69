using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace ModelGarden.Markdown.Tests;

/// <summary>Random soups of Markdown and HTML. A few seconds with fixed seeds; <c>MARKDOWN_FUZZ_SECONDS=60</c> stirs that long with new ones.</summary>
public sealed class SoupTests
{
    private const int Rounds = 3000;

    private static readonly string[] Pieces =
    [
        "a", "b c", " ", "\n", "\n\n", "\t", "    ", "\\", "\"", "'", "`", "``", "```\n", "~~~x\n", "*", "**", "_", "~~", "[", "]", "(", ")", "](", "![", "[^1]", "[^1]: ", "[a]: u\n", "<", ">", "</", "/>", "&", "&lt;", "&#x3c;", "&#0;", "&colon;",
        "=", "===\n", "---\n", "# ", "- ", "- [x] ", "1. ", "> ", "|", "|a|b|\n|-|:-:|\n|c|", ":", "://", "https://a.example/", "http://", "//b.example", "javascript:", "JaVa\tScRiPt:", "data:text/html,", "mailto:a@b", "../", "%2e%2e/", "..\\", "#x", "?y",
        "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<svg/onload=x>", "<math>", "</math>", "<mtext>", "<mglyph>", "<annotation-xml encoding=\"text/html\">", "<foreignObject>", "<desc>", "<title>", "</title>", "<textarea>", "</textarea>", "<noscript>", "</noscript>",
        "<template>", "</template>", "<iframe>", "</iframe>", "<xmp>", "</xmp>", "<plaintext>", "<select>", "</select>", "<option>", "<form>", "</form>", "<button>", "<input type=checkbox>", "<input>", "<object>", "<embed>", "<base href=//x>", "<meta>", "<link>",
        "<!--", "-->", "--!>", "<!-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE x>", "<html>", "<body onload=x>", "<head>", "</body>",
        "<div>", "</div>", "<div align=center>", "<p>", "</p>", "<b>", "</b>", "<i id=x>", "</i>", "<a href=\"", "<a href='javascript:x'>", "<a name=y>", "</a>", "<img src=\"", "<img src=x onerror=y>", "<table>", "</table>", "<tbody>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<caption>", "</caption>", "<colgroup>", "<col>",
        "<ul>", "</ul>", "<ol start=3>", "</ol>", "<li>", "</li>", "<dl>", "<dt>", "<dd>", "</dl>", "<details>", "<summary>", "</details>", "<pre>", "</pre>", "<code class=language-x>", "</code>", "<h1>", "</h1>", "<br>", "<hr>", "<sub>", "</sub>", "<ruby>", "<rt>", "<font>", "<nobr>", "<marquee>", "<custom-x>",
        " onclick=x", " style=\"text-align:left\"", " id=y", " class=\"footnotes z\"", " title='", " width=3", "\0", "\u0001", "\u00a0", "\u2028", "\ufeff", "\ud800", "😀", "ſ", "İ",
    ];

    [Fact]
    public void Render_Soup_IsSoundAndStaysSo()
    {
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            try
            {
                _ = (Sound.Html(text), Sound.Sift(text));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {System.Text.Json.JsonSerializer.Serialize(text)}", exception);
            }
        }
    }

    [Fact]
    public void Render_AnyText_IsSoundAndStaysSo() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        _ = (Sound.Html(text ?? ""), Sound.Sift(text ?? ""), Sound.Html($"<div>\n{text}"));
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Link_AnyTarget_LeadsNowhereElse()
    {
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            var target = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            foreach (var address in new[] { Sound.Links.Link(target), Sound.Links.Image(target) }.OfType<string>())
            {
                var whole = new Uri(new Uri("https://garden.test/some/page"), address);
                Assert.True(
                    whole.Host is not "garden.test" ? whole.Scheme is "http" or "https" or "mailto" : whole.AbsolutePath.StartsWith("/acme/llama/", StringComparison.Ordinal),
                    string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {target} -> {address}"));
            }
        }
    }

    private static IEnumerable<int> Seeds()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("MARKDOWN_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var seconds))
        {
            return Enumerable.Range(1, Rounds);
        }

        var end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var first = Random.Shared.Next();
        return Enumerable.Range(0, int.MaxValue).TakeWhile(_ => Stopwatch.GetTimestamp() < end).Select(number => unchecked(first + number));
    }
}
