using ModelGarden.Formats.Cards;

namespace ModelGarden.Formats.Tests;

public sealed class MarkdownSummaryTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("# Title\n\nFirst *paragraph* of\ntwo **lines**.\n\nSecond.", "First paragraph of two lines.")]
    [InlineData("Title\n=====\n\nText.", "Title")]
    [InlineData("<!-- hidden\nstill hidden -->\nText.", "Text.")]
    [InlineData("<!-- hidden -->\n\nText.", "Text.")]
    [InlineData("```\ncode\n```\nText.", "Text.")]
    [InlineData("![logo](a.png)\n\n[![badge](b.svg)](https://x)\n\n<p align=\"center\"><img src=\"x\"></p>\n\nText.", "Text.")]
    [InlineData("| a | b |\n| - | - |\n\n> quote\n\n- item\n\n---\n\nText.", "Text.")]
    [InlineData("See [the *docs*](https://x) and `code`.", "See the docs and code.")]
    [InlineData("snake_case stays, _this_ not, \\*that\\* does.", "snake_case stays, this not, *that* does.")]
    [InlineData("2 < 3 and a <b>bold</b> word", "2 < 3 and a bold word")]
    [InlineData("[unfinished](", "[unfinished](")]
    [InlineData("a ![", "a ![")]
    [InlineData("*", "")]
    [InlineData("tabs\tand \u0001controls", "tabs and controls")]
    public void Summary_IsThePlainFirstParagraph(string markdown, string summary) => Assert.Equal(summary, ModelCard.Parse(markdown).Summary);

    [Fact]
    public void Summary_Long_IsCutBetweenWords()
    {
        var summary = ModelCard.Parse(string.Join(' ', Enumerable.Repeat("word", 1000))).Summary;

        Assert.InRange(summary.Length, 390, 401);
        Assert.EndsWith("word…", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("[![](")]
    [InlineData("<")]
    [InlineData("](")]
    [InlineData("\n")]
    [InlineData("*_`")]
    [InlineData("[a](b")]
    public void Summary_OfEndlessMarks_EndsSoon(string mark) => Assert.InRange(ModelCard.Parse(string.Concat(Enumerable.Repeat(mark, 900_000 / mark.Length))).Summary.Length, 0, 401);
}
