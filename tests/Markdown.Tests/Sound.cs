using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace ModelGarden.Markdown.Tests;

/// <summary>What rendered HTML may hold, said once more and read with a whole parser of HTML: what a browser would make of it.</summary>
internal static partial class Sound
{
    private static readonly HashSet<string> Elements = [.. ("a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q "
        + "rp rt ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr").Split(' ')];

    public static readonly RepositoryLinks Links = new("/acme/llama", "main");

    public static RenderedMarkdown Render(string text) => SafeMarkdown.Render(text, Links, new(), TestContext.Current.CancellationToken);

    /// <summary>The HTML of a text, which is sound.</summary>
    public static string Html(string text)
    {
        var html = Render(text).Html;
        Check(html);
        return html;
    }

    /// <summary>What is left of HTML that stands alone, which is sound.</summary>
    public static string Sift(string html)
    {
        var sifted = HtmlSifter.Sift(html, Links, int.MaxValue, TestContext.Current.CancellationToken).Html;
        Check(sifted);
        return sifted;
    }

    /// <summary>The tags alone.</summary>
    public static string Markup(string html) => string.Concat(Parse(html).GetDescendants().OfType<IElement>()
        .Select(element => $"<{element.LocalName}{string.Concat(element.Attributes.Select(attribute => $" {attribute.Name}=\"{attribute.Value.Replace("\"", "&quot;", StringComparison.Ordinal)}\""))}>"));

    public static void Check(string html)
    {
        foreach (var node in Parse(html).GetDescendants())
        {
            Assert.True(node is IText or IElement, $"a {node.NodeType} in {html}");
            if (node is IElement element)
            {
                Assert.True(element.NamespaceUri == "http://www.w3.org/1999/xhtml" && Elements.Contains(element.LocalName), $"<{element.LocalName}> in {html}");
                Assert.All(element.Attributes, attribute => Assert.True(IsAllowed(element, attribute.Name, attribute.Value), $"<{element.LocalName} {attribute.Name}=\"{attribute.Value}\"> in {html}"));
            }
        }

        Assert.DoesNotContain(html, character => char.IsControl(character) && character is not ('\n' or '\t'));
        Assert.Equal(html, HtmlSifter.Sift(html, Links, int.MaxValue, TestContext.Current.CancellationToken).Html);
    }

    /// <summary>As it stands in a page.</summary>
    public static IElement Parse(string html) => new HtmlParser().ParseDocument($"<!doctype html><body><main><div>{html}</div></main>").QuerySelector("main > div")!;

    private static bool IsAllowed(IElement element, string name, string value) => (element.LocalName, name) switch
    {
        (_, "id") => value.StartsWith("user-content-", StringComparison.Ordinal) && !value.Any(char.IsWhiteSpace),
        (_, "class") => value.Split(' ').All(one => Class().IsMatch(one)),
        (_, "title" or "lang") => true,
        (_, "dir") => value is "ltr" or "rtl" or "auto",
        (_, "align") => value is "left" or "center" or "right" or "justify",
        ("a", "href") => value.StartsWith("#user-content-", StringComparison.Ordinal) || value is "#" || ((Followed().IsMatch(value) || IsInside(value)) && element.GetAttribute("rel") is "nofollow noopener noreferrer ugc"),
        ("a", "rel") => true,
        ("img", "src") => Loaded().IsMatch(value) || IsInside(value),
        ("img", "alt") => true,
        ("img" or "td" or "th", "width") or ("img", "height") => Size().IsMatch(value),
        ("img", "loading") => value is "lazy",
        ("img", "referrerpolicy") => value is "no-referrer",
        ("input", "type") => value is "checkbox" && element.HasAttribute("disabled"),
        ("input", "disabled" or "checked") or ("details", "open") or ("ol", "reversed") => value.Length is 0,
        ("td" or "th", "colspan" or "rowspan") or ("col" or "colgroup", "span") or ("ol", "start") or ("li", "value") => int.TryParse(value, out _),
        ("td" or "th", "valign") => true,
        ("ol", "type") => value.Length is 1,
        _ => false,
    };

    // As a browser would ask for it.
    private static bool IsInside(string address) => Uri.TryCreate(new Uri("https://garden.test/"), address, out var whole)
        && whole.Host is "garden.test" && whole.Scheme is "https" && Inside().IsMatch(whole.AbsolutePath);

    [GeneratedRegex("^(language-[A-Za-z0-9_+#.-]+|contains-task-list|task-list-item|footnotes|footnote-ref|footnote-back-ref)$")]
    private static partial Regex Class();

    [GeneratedRegex(@"^(https?://[^/\\]|mailto:.)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Followed();

    [GeneratedRegex(@"^https://[^/\\]", RegexOptions.IgnoreCase)]
    private static partial Regex Loaded();

    [GeneratedRegex("^/acme/llama/(blob|resolve)/main/.")]
    private static partial Regex Inside();

    [GeneratedRegex("^[0-9]{1,5}%?$")]
    private static partial Regex Size();
}
