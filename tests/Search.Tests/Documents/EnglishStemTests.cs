using ModelGarden.Search.Documents;

namespace ModelGarden.Search.Tests.Documents;

public sealed class EnglishStemTests
{
    [Fact]
    public void Of_ThePublishedVocabulary_ThePublishedStems()
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Documents", "english.tsv")).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')).ToList();

        Assert.True(lines.Count > 40_000);
        Assert.Equal(lines.Select(line => line[1]), lines.Select(line => EnglishStem.Of(line[0])));
    }

    [Theory]
    [InlineData("quantized", "quantiz")]
    [InlineData("quantization", "quantiz")]
    [InlineData("7b", "7b")]
    [InlineData("as", "as")]
    [InlineData("größen", "größen")]
    [InlineData("", "")]
    [InlineData("sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss", "sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss")]
    public void Of_AWord_WhatItsFormsHaveInCommon(string word, string stem) => Assert.Equal(stem, EnglishStem.Of(word));

    [Fact]
    public void Of_RandomWords_IsNoLongerThanThey()
    {
        var random = new Random(3);
        for (var i = 0; i < 50_000; i++)
        {
            var word = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => "aeiyoslndgtzbc"[random.Next(14)]));

            Assert.InRange(EnglishStem.Of(word).Length, 1, word.Length);
        }
    }
}
