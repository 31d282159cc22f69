using ModelGarden.Contracts.V1;
using ModelGarden.Search.Queries;
using ModelGarden.Search.Queries.Language;

namespace ModelGarden.Search.Tests.Queries;

public sealed class QueryLanguageTests
{
    [Theory]
    [InlineData("", "{ }")]
    [InlineData("  \t ", "{ }")]
    [InlineData("llama 3", """{ "text": "llama 3" }""")]
    [InlineData("llama ", """{ "text": "llama " }""")]
    [InlineData("gpt-2 - ", null)]
    [InlineData("Qwen2.5-7B acme/model", """{ "text": "Qwen2.5-7B acme/model" }""")]
    [InlineData("long context task:text-generation", """{ "text": "long context ", "tasks": [ "text-generation" ] }""")]
    [InlineData("task:text-generation long con", """{ "text": "long con", "tasks": [ "text-generation" ] }""")]
    [InlineData("\"llama:7b\"", """{ "phrases": [ "llama:7b" ] }""")]
    [InlineData("7b \"long context\"", """{ "text": "7b ", "phrases": [ "long context" ] }""")]
    [InlineData("LICENSE:mit,apache-2.0", """{ "licenses": [ "mit", "apache-2.0" ] }""")]
    [InlineData("owner:\"a b\",c", """{ "owners": [ "a b", "c" ] }""")]
    [InlineData("base:acme/base format:gguf language:en library:onnx tag:x", """{ "libraries": [ "onnx" ], "languages": [ "en" ], "tags": [ "x" ], "formats": [ "gguf" ], "baseModels": [ "acme/base" ] }""")]
    [InlineData("kind:dataset sort:Downloads", """{ "kind": "REPOSITORY_KIND_DATASET", "sort": "downloads" }""")]
    [InlineData("-tag:merge,moe -llama -\"two words\"", """{ "excluded": [ { "field": "tag", "values": [ "merge", "moe" ] }, { "field": "word", "values": [ "llama" ] }, { "field": "phrase", "values": [ "two words" ] } ] }""")]
    [InlineData("mistrel~ 7b", """{ "text": "7b", "near": [ "mistrel" ] }""")]
    [InlineData("\"mistrel~\" a~b", """{ "text": "a~b", "phrases": [ "mistrel~" ] }""")]
    [InlineData("7b mistrel~", """{ "text": "7b ", "near": [ "mistrel" ] }""")]
    [InlineData("llama fold:Base", """{ "text": "llama ", "fold": true }""")]
    [InlineData("params<8B", """{ "maximumParameters": "7999999999" }""")]
    [InlineData("params<=1.5b params>=500M", """{ "minimumParameters": "500000000", "maximumParameters": "1500000000" }""")]
    [InlineData("params>125000000", """{ "minimumParameters": "125000001" }""")]
    [InlineData("params=7B", """{ "minimumParameters": "7000000000", "maximumParameters": "7000000000" }""")]
    [InlineData("params:7B", """{ "minimumParameters": "6500000000", "maximumParameters": "7499999999" }""")]
    [InlineData("params:1.5T", """{ "minimumParameters": "1450000000000", "maximumParameters": "1549999999999" }""")]
    [InlineData("params:0", """{ "minimumParameters": "0", "maximumParameters": "0" }""")]
    [InlineData("params:1B..8B", """{ "minimumParameters": "1000000000", "maximumParameters": "8000000000" }""")]
    [InlineData("params:1B..", """{ "minimumParameters": "1000000000" }""")]
    [InlineData("params:..8K", """{ "maximumParameters": "8000" }""")]
    public void Read_WhatPeopleType_IsWhatARequestSays(string text, string? said)
    {
        var read = QueryLanguage.Read(text);

        Assert.Equal(said, read.Error is null ? read.Value.ToString() : null);
    }

    [Theory]
    [InlineData("licence:mit", 1, "no field is called 'licence'")]
    [InlineData("chat  colour:red", 7, "no field is called 'colour'")]
    [InlineData("\ud83c\udf31 colour:red", 3, "no field is called 'colour'")]
    [InlineData("chat -colour:red", 6, "no field is called 'colour'")]
    [InlineData("http://x", 1, "words with a colon stand in quotation marks")]
    [InlineData("task:", 6, "a value of task is expected here")]
    [InlineData("task: text", 6, "a value of task is expected here")]
    [InlineData("task:a,", 8, "a value of task is expected here")]
    [InlineData("task:,a", 6, "a value of task is expected here")]
    [InlineData("task:\"\"", 6, "a value of task is expected here")]
    [InlineData("task:a task:b", 8, "task is said already")]
    [InlineData("task=a", 5, "task takes a colon")]
    [InlineData("a \"b", 3, "the quotation mark has no second one")]
    [InlineData("a - b", 3, "'-' excludes")]
    [InlineData("\"\"", 1, "there is nothing between")]
    [InlineData("a ~", 3, "'~' stands behind a word")]
    [InlineData("a -b~", 3, "leave out the '~'")]
    [InlineData("kind:book", 6, "model, dataset or app is expected")]
    [InlineData("kind:model kind:app", 12, "kind is said already")]
    [InlineData("-kind:model", 1, "kind is not excluded")]
    [InlineData("sort:", 6, "a value of sort is expected here")]
    [InlineData("sort:stars", 6, "'stars' is not known")]
    [InlineData("sort:likes sort:name", 12, "sort is said already")]
    [InlineData("fold:owner", 6, "base is expected")]
    [InlineData("fold:base fold:base", 11, "fold is said already")]
    [InlineData("-fold:base", 1, "fold is not excluded")]
    [InlineData("-params<8B", 1, "params is not excluded")]
    [InlineData("params:", 8, "a value of params is expected here")]
    [InlineData("params:many", 8, "a number such as 7B")]
    [InlineData("params<7G", 8, "a number such as 7B")]
    [InlineData("params<-1", 8, "a number such as 7B")]
    [InlineData("params:..", 8, "a number such as 7B")]
    [InlineData("params:1B..2B..3B", 8, "a number such as 7B")]
    [InlineData("params:0.0001K", 8, "a number such as 7B")]
    [InlineData("params:9999999999T", 8, "a number such as 7B")]
    [InlineData("params:8B..1B", 8, "ends before it begins")]
    [InlineData("params>1B params>2B", 11, "params is bounded on this side already")]
    public void Read_WhatIsWrong_IsSaidWithItsColumn(string text, int column, string message)
    {
        var error = QueryLanguage.Read(text).Error;

        Assert.Equal("BAD_QUERY", error?.Reason);
        Assert.StartsWith($"query, column {column}: ", error?.Message, StringComparison.Ordinal);
        Assert.Contains(message, error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RandomTexts_AreReadOrRefused()
    {
        var random = new Random(7);
        string[] pieces = ["task", "params", "kind", "sort", "-", ":", "<", ">", "=", ",", "\"", " ", "..", "7B", "model", "\u3042", "\ud83c", "tag:x", "word", "0.5", "\0"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));

            var read = QueryReader.Read(new() { Query = text });

            Assert.True(read.Error is null or { Code: Kernel.ErrorCode.InvalidArgument }, text);
        }
    }
}
