using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Tests.Queries;

public sealed class HighlighterTests
{
    [Theory]
    [InlineData("llama ", "acme/Tiny[Llama]-7B", "A title", "[Llama], a [LLAMA] of [llamas]")]
    [InlineData("llama", "acme/Tiny[Llama]-7B", "A title", "[Llama], a [LLAMA] of [llamas]")]
    [InlineData("tiny llam", "acme/[TinyLlam]a-7B", "A title", "[Llam]a, a [LLAM]A of [llam]as")]
    [InlineData("\"a llama\"", "acme/TinyLlama-7B", "A title", "Llama, [a LLAMA] of llamas")]
    [InlineData("llamb~ titles ", "acme/Tiny[Llama]-7B", "A [title]", "[Llama], a [LLAMA] of llamas")]
    [InlineData("ACME 7b ", "[acme]/TinyLlama-[7B]", "A title", "Llama, a LLAMA of llamas")]
    [InlineData("", "acme/TinyLlama-7B", "A title", "Llama, a LLAMA of llamas")]
    public void Of_AHit_WhatWasLookedFor(string query, string name, string title, string summary)
    {
        var repository = Sample.Published("acme/TinyLlama-7B", declared => (declared.Title, declared.Summary) = ("A title", "Llama, a LLAMA of llamas"));

        var found = new Highlighter(QueryReader.Read(new() { Query = query }).OrThrow()).Of(repository).ToDictionary(highlight => highlight.Field, highlight => highlight.Ranges);

        Assert.Equal((name, title, summary), (Marked("name", repository.Name), Marked("title", repository.Record.Declared.Title), Marked("summary", repository.Record.Declared.Summary)));

        string Marked(string field, string text) =>
            found.GetValueOrDefault(field, []).Reverse().Aggregate(text, (marked, range) => marked.Insert(range.Start + range.Length, "]").Insert(range.Start, "["));
    }

    [Fact]
    public void Of_TextsThatAreNoWords_CountsInUtf16()
    {
        var repository = Sample.Published("acme/model", declared => declared.Summary = "🌱🌱 Größe 大模型");

        var highlight = Assert.Single(new Highlighter(QueryReader.Read(new() { Text = "größe 模 " }).OrThrow()).Of(repository));

        Assert.Equal([new TextRange { Start = 5, Length = 5 }, new TextRange { Start = 12, Length = 1 }], highlight.Ranges);
    }

    [Fact]
    public void Of_AWordThatIsEverywhere_AtMostAHundred()
    {
        var repository = Sample.Published("acme/model", declared => declared.Summary = string.Join(' ', Enumerable.Repeat("word", 500)));

        Assert.Equal(100, Assert.Single(new Highlighter(QueryReader.Read(new() { Text = "word " }).OrThrow()).Of(repository)).Ranges.Count);
    }
}
