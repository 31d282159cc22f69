using System.Globalization;
using System.Text;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Renderers;

namespace ModelGarden.Markdown;

/// <summary>
/// Markdown of strangers as HTML: CommonMark with GitHub's tables, task lists, strikethrough, bare links and footnotes, and the HTML that people write in it as far as it is allowed. Never throws on what
/// the text holds.
/// </summary>
public static class SafeMarkdown
{
    /// <summary>Characters of a text that are looked at.</summary>
    public const int MaximumLength = 512 << 10;

    /// <summary>Lines that define links and footnotes.</summary>
    public const int MaximumDefinitions = 4000;

    private const string TooLong = "the rest is left out: it takes too much room";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseTaskLists().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).UseAutoLinks().UseFootnotes().Use<MarkdownBounds>().Build();

    /// <param name="text">Markdown, without front matter.</param>
    /// <param name="links">Where relative links and images lead.</param>
    /// <param name="budget">What it may cost, along with all else that it is spent on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static RenderedMarkdown Render(string text, RepositoryLinks links, MarkdownBudget budget, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(budget);
        var omitted = new List<string>();
        var read = Whole(Shorten(text, omitted));
        var maximum = budget.OutputOf(read.Length);
        var html = ToHtml(read, maximum, budget, omitted, cancellationToken);
        var sifted = HtmlSifter.Sift(html, links, maximum, cancellationToken);
        if (sifted.WasDeep)
        {
            omitted.Add(string.Create(CultureInfo.InvariantCulture, $"HTML is nested deeper than {OpenElements.MaximumDepth} elements: what lies deeper is shown without them"));
        }

        if (sifted.WasLong && !omitted.Contains(TooLong))
        {
            omitted.Add(TooLong);
        }

        budget.TakeOutput(sifted.Html.Length);
        return new(sifted.Html + string.Concat(omitted.Select(words => $"<p><em>{words}</em></p>\n")), omitted);
    }

    private static string Shorten(string text, List<string> omitted)
    {
        if (text.Length <= MaximumLength)
        {
            return text;
        }

        omitted.Add(string.Create(CultureInfo.InvariantCulture, $"only the first {MaximumLength} of {text.Length} characters are shown"));
        return text[..(char.IsHighSurrogate(text[MaximumLength - 1]) ? MaximumLength - 1 : MaximumLength)];
    }

    // Half a character, which no UTF-8 has, is more than the parser can stand.
    private static string Whole(string text) =>
        text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    /// <summary>The HTML as the text has it, which is nothing to show to anybody yet.</summary>
    private static string ToHtml(string text, int maximum, MarkdownBudget budget, List<string> omitted, CancellationToken cancellationToken)
    {
        if (text.AsSpan().Count("]:") > MaximumDefinitions)
        {
            return AsWritten(text, $"it defines more than {MaximumDefinitions} links and footnotes", omitted);
        }

        using var writer = new BoundedWriter(maximum, cancellationToken);
        var context = MarkdownBounds.Begin(budget, cancellationToken);
        try
        {
            var document = Markdig.Markdown.Parse(text, Pipeline, context);
            HeadingIds.Give(document);
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.Render(document);
        }
        catch (Exception exception) when (exception is TooDeepException || IsTooDeepForTheParser(exception))
        {
            return AsWritten(text, "its quotes, lists or marks are nested too deep", omitted);
        }
        catch (OverflowException)
        {
            omitted.Add(TooLong);
        }

        if (MarkdownBounds.PlainIn(context) is > 0 and var plain)
        {
            omitted.Add(string.Create(CultureInfo.InvariantCulture, $"{plain} {(plain is 1 ? "paragraph or table is" : "paragraphs or tables are")} shown as written, for the marks in them are too many"));
        }

        return writer.ToString();
    }

    // Its own bounds on depth are told in no other way.
    private static bool IsTooDeepForTheParser(Exception exception) => exception is ArgumentException && exception.Message.Contains("too deeply nested", StringComparison.Ordinal);

    private static string AsWritten(string text, string why, List<string> omitted)
    {
        omitted.Add($"the text is shown as written, for {why}");
        return new StringBuilder("<pre>\n", text.Length + 16).Append(text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)).Append("</pre>\n").ToString();
    }
}
