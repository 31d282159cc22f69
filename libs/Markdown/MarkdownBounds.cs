using System.Buffers;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ModelGarden.Markdown;

/// <summary>
/// Watches a text while it is parsed. Blocks in blocks end at a depth; before any paragraph's marks are looked at, each takes what it may cost out of the budget, and one for which there is not enough
/// is shown as it was written. A block parser that never opens anything: it is asked wherever a block might begin.
/// </summary>
internal sealed partial class MarkdownBounds : BlockParser, IMarkdownExtension
{
    /// <summary>How deep quotes and lists may lie in one another.</summary>
    public const int MaximumDepth = 48;

    /// <summary>Columns times rows of a table, which has all of them whatever was written.</summary>
    public const int MaximumCells = 50_000;

    private static readonly object Key = new();
    private static readonly SearchValues<char> Marks = SearchValues.Create("*_~[]<!:`");
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\n");

    /// <summary>What a text is parsed with.</summary>
    public static MarkdownParserContext Begin(MarkdownBudget budget, CancellationToken cancellationToken) => new() { Properties = { [Key] = new Watch(budget, cancellationToken) } };

    /// <summary>How many paragraphs are shown as they were written.</summary>
    public static int PlainIn(MarkdownParserContext context) => ((Watch)context.Properties[Key]).Plain;

    public override BlockState TryOpen(BlockProcessor processor)
    {
        var watch = (Watch)processor.Context!.Properties[Key];
        watch.Cancel.ThrowIfCancellationRequested();
        var depth = 0;
        for (var block = processor.CurrentContainer; block is not null; block = block.Parent)
        {
            depth++;
        }

        return depth <= MaximumDepth ? BlockState.None : throw new TooDeepException();
    }

    public void Setup(MarkdownPipelineBuilder pipeline)
    {
        pipeline.BlockParsers.Find<ParagraphBlockParser>()!.Closed += Judge;
        pipeline.BlockParsers.Find<HeadingBlockParser>()!.Closed += Judge;
        pipeline.BlockParsers.Insert(0, this);
        pipeline.InlineParsers.Insert(0, new Interruption());
    }

    public void Setup(MarkdownPipeline pipeline, Markdig.Renderers.IMarkdownRenderer renderer)
    {
    }

    private static void Judge(BlockProcessor processor, Block block)
    {
        if (block is not LeafBlock { ProcessInlines: true } leaf)
        {
            return;
        }

        var watch = (Watch)processor.Context!.Properties[Key];
        var text = leaf.Lines.ToString();
        if (CellsOf(text) <= MaximumCells && watch.Budget.TakeWork(StepsOf(text)))
        {
            return;
        }

        leaf.ProcessInlines = false;
        leaf.Inline = new ContainerInline().AppendChild(new LiteralInline(text));
        watch.Plain++;
    }

    /// <summary>
    /// What the parser does at most: marks are held against each other; a link's address, in brackets or bare, is read up to a blank; comments, instructions, declarations and sections up to an end
    /// that may not be there.
    /// </summary>
    private static long StepsOf(string text)
    {
        long marks = text.AsSpan().CountAny(Marks) + BareLinks().Count(text);
        long unbounded = text.AsSpan().Count("<!") + text.AsSpan().Count("<?");
        return (marks * Math.Max(marks, LongestWordOf(text))) + (unbounded * text.Length);
    }

    private static int LongestWordOf(ReadOnlySpan<char> text)
    {
        var longest = 0;
        foreach (var word in text.SplitAny(Blanks))
        {
            longest = Math.Max(longest, word.End.Value - word.Start.Value);
        }

        return longest;
    }

    // The other bare links have a colon, which is a mark.
    [GeneratedRegex(@"www\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BareLinks();

    private static long CellsOf(string text)
    {
        var (rows, widest) = (0L, 0);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            (rows, widest) = (rows + 1, Math.Max(widest, line.Count('|')));
        }

        return rows * widest;
    }

    /// <summary>An inline parser that never finds anything: it is asked at every place where others may.</summary>
    private sealed class Interruption : InlineParser
    {
        public Interruption() => OpeningCharacters = ['\n', '*', '_', '[', '<', '!', '`', '&', '\\', 'w', 'h'];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            ((Watch)processor.Context!.Properties[Key]).Cancel.ThrowIfCancellationRequested();
            return false;
        }
    }

    private sealed record Watch(MarkdownBudget Budget, CancellationToken Cancel)
    {
        public int Plain { get; set; }
    }
}

/// <summary>A text nests blocks deeper than anybody would write.</summary>
internal sealed class TooDeepException : Exception;
