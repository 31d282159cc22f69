using System.Globalization;
using System.Text;

namespace ModelGarden.Markdown.Tests;

/// <summary>Whatever a text does, it is read in little time, on a small stack, into HTML of a bounded length, and what is not shown is said.</summary>
public sealed class BoundTests
{
    private const int Length = 256 << 10;
    private const int SmallStack = 256 << 10;

    // What makes parsers of Markdown or HTML slow, deep or talkative. With these the parser alone takes minutes, or makes gigabytes.
    private static readonly Dictionary<string, Func<string>> Texts = new()
    {
        ["openers of emphasis"] = () => Many("*a **a "),
        ["crossed emphasis"] = () => Many("*a_ "),
        ["emphasis alone"] = () => Many("*") + "a" + Many("*"),
        ["nested emphasis"] = () => Times("*a ", 1900) + Times("a* ", 1900),
        ["strong words"] = () => Many("**x** "),
        ["strikes"] = () => Many("~~a "),
        ["open brackets"] = () => Many("["),
        ["open images"] = () => Many("![["),
        ["open links"] = () => Many("[a]("),
        ["nested links"] = () => Times("[", 1900) + "a" + Times("](u)", 1900),
        ["nested images"] = () => Times("![", 900) + "a" + Times("](u)", 900),
        ["declarations"] = () => Many("x <!A "),
        ["instructions"] = () => Many("x <?"),
        ["sections"] = () => Many("x <![CDATA["),
        ["comments"] = () => "x " + Many("<!-- "),
        ["bare links"] = () => Many("http://a.b "),
        ["bare links without a scheme"] = () => Many("www.a.b "),
        ["bare links in capitals"] = () => Many("WWW.a.b "),
        ["bare links without an end"] = () => Many("(www."),
        ["bare links before a long word"] = () => Times("(http://x", 3900) + Many("a"),
        ["links before a long word"] = () => Times("[a](", 1900) + Many("a"),
        ["instructions before a long text"] = () => Times("x <?", 3900) + Many("a "),
        ["comments before a long text"] = () => Times("x <!--", 1900) + Many("a "),
        ["sections before a long text"] = () => Times("x <![CDATA[", 900) + Many("a "),
        ["code"] = () => string.Concat(Enumerable.Range(1, 700).Select(count => $"e{new string('`', count)}")),
        ["quotes"] = () => Many(">"),
        ["quotes of many lines"] = () => Many($"{Times("> ", 200)}a\n"),
        ["lists in lists"] = () => Many("+ "),
        ["indented lists"] = () => string.Concat(Enumerable.Range(0, 500).Select(depth => $"{new string(' ', 2 * depth)}- a\n")),
        ["numbered lists"] = () => Many("1. "),
        ["headings"] = () => Many("# a\n"),
        ["underlined headings"] = () => Many("a\n=\n"),
        ["an underlined heading"] = () => Many("*a ") + "\n===\n",
        ["a heading"] = () => "# " + Many("*a "),
        ["definitions"] = () => Many("[a]: u\n"),
        ["long definition used often"] = () => $"[a]: {Times("u", 1500)}\n\n" + Times("[a]\n\n", 20_000),
        ["footnotes"] = () => string.Concat(Enumerable.Range(0, 10_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"[^{number}]\n\n[^{number}]: a\n\n"))),
        ["wide table"] = () => Times("|a", 4000) + "|\n" + Times("|-", 4000) + "|\n" + Times("|x|\n", 40_000),
        ["long table"] = () => "|a|b|\n|-|-|\n" + Times("|x|y|\n", 40_000),
        ["tables"] = () => Many("|a|b|\n|-|-|\n|x|y|\n\n"),
        ["open elements"] = () => Many("<div><b>"),
        ["elements of formatting"] = () => string.Concat(Enumerable.Range(0, 5000).Select(number => $"<b id=\"{number}\">")) + Many("<p>a"),
        ["crossed elements"] = () => Many("<a><table><tr><td>"),
        ["lists without an end"] = () => "<ul>" + Many("<li>a"),
        ["attributes"] = () => "<div " + string.Concat(Enumerable.Range(0, 40_000).Select(number => $"a{number} ")) + ">a</div>",
        ["attributes of one name"] = () => "<div " + Many("title=a ") + ">a</div>",
        ["an attribute"] = () => $"<div title=\"{Many("a")}\">a</div>",
        ["foreign elements"] = () => "<div>" + Many("<svg>") + "</svg>",
        ["foreign elements with an end"] = () => "<div>" + Many("<svg></svg>"),
        ["references"] = () => Many("&amp;&#1"),
        ["tasks"] = () => Many("- [ ] a\n"),
        ["lines"] = () => Many("\n"),
        ["a line"] = () => Many("a "),
        ["backslashes"] = () => Many("\\"),
        ["zeros"] = () => Many("\0"),
        ["surrogates"] = () => Many("😀"),
    };

    public static TheoryData<string> Names => [.. Texts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_TextMadeToHurt_EndsSoonOnASmallStack(string name)
    {
        var text = Texts[name]();
        var cancel = TestContext.Current.CancellationToken;
        RenderedMarkdown? rendered = null;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var thread = new Thread(() => rendered = SafeMarkdown.Render(text, Sound.Links, new(), cancel), SmallStack);
        thread.Start();
        thread.Join();
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {text.Length} -> {rendered?.Html.Length} in {watch.ElapsedMilliseconds} ms; {string.Join("; ", rendered?.Omitted ?? [])}");

        Assert.NotNull(rendered);
        Assert.InRange(rendered.Html.Length, 0, MarkdownBudget.MaximumOutput + 10_000);
        Assert.All(rendered.Omitted, words => Assert.Contains($"<p><em>{words}</em></p>", rendered.Html, StringComparison.Ordinal));
        Assert.Equal(rendered.Html, HtmlSifter.Sift(rendered.Html, Sound.Links, int.MaxValue, cancel).Html);
    }

    [Theory]
    [InlineData("quotes", "its quotes, lists or marks are nested too deep")]
    [InlineData("lists in lists", "its quotes, lists or marks are nested too deep")]
    [InlineData("definitions", "it defines more than 4000 links and footnotes")]
    [InlineData("openers of emphasis", "1 paragraph or table is shown as written, for the marks in them are too many")]
    [InlineData("an underlined heading", "1 paragraph or table is shown as written, for the marks in them are too many")]
    [InlineData("a heading", "1 paragraph or table is shown as written, for the marks in them are too many")]
    [InlineData("wide table", "1 paragraph or table is shown as written, for the marks in them are too many")]
    [InlineData("open elements", "HTML is nested deeper than 64 elements: what lies deeper is shown without them")]
    [InlineData("long definition used often", "the rest is left out: it takes too much room")]
    public void Render_WhatIsNotShown_IsSaid(string name, string words) =>
        Assert.Contains(Sound.Render(Texts[name]()).Omitted, said => said.Contains(words, StringComparison.Ordinal));

    [Fact]
    public void Render_WhatPeopleWrite_IsAllShown()
    {
        var card = string.Concat(Enumerable.Range(0, 60).Select(part => $"## Part {part}\n\n{Times("A **bold** [link](https://a.example) and `code`. ", 40)}\n\n|a|b|c|\n|-|-|-|\n{Times("|[x](y)|**1**|2|\n", 60)}\n"));

        Assert.Empty(Sound.Render(card).Omitted);
    }

    [Fact]
    public void Render_LongerThanIsRead_SaysHowMuchIsShown()
    {
        var rendered = Sound.Render(new string('a', SafeMarkdown.MaximumLength - 1) + "😀tail");

        Assert.Equal([$"only the first {SafeMarkdown.MaximumLength} of {SafeMarkdown.MaximumLength + 5} characters are shown"], rendered.Omitted);
        Assert.DoesNotContain("tail", rendered.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(rendered.Html, char.IsSurrogate);
    }

    [Fact]
    public void Render_OfManyTexts_SpendsOneBudget()
    {
        var budget = new MarkdownBudget();
        var text = Times("*a ", 2500);

        var rendered = Enumerable.Range(0, 5).Select(_ => SafeMarkdown.Render(text, Sound.Links, budget, TestContext.Current.CancellationToken)).ToList();

        Assert.Equal([0, 0, 1, 1, 1], rendered.Select(one => one.Omitted.Count));
        // Whatever was spent, what nobody had to be asked for is shown as ever.
        Assert.Equal("<p>plain</p>\n", SafeMarkdown.Render("plain", Sound.Links, budget, TestContext.Current.CancellationToken).Html);
    }

    [Fact]
    public void Render_Cancelled_Ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => SafeMarkdown.Render("a", Sound.Links, new(), cancelled.Token));
    }

    private static string Many(string piece) => Times(piece, Length / piece.Length);

    private static string Times(string piece, int count) => new StringBuilder(piece.Length * count).Insert(0, piece, count).ToString();
}
