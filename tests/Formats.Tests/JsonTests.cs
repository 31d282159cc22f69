using System.Text;

namespace ModelGarden.Formats.Tests;

/// <summary>Numbers that Python's JSON has: NaN and infinity. Other bytes of JSON are <see cref="RecognitionTests"/>' matter.</summary>
public sealed class JsonTests
{
    [Theory]
    [InlineData("""{"loss":NaN}""", 8)]
    [InlineData("""{"a": [1, NaN , Infinity,-Infinity]}""", 10)]
    [InlineData("""[Infinity]""", 1)]
    [InlineData("""[-0, -1, -Infinity]""", 9)]
    [InlineData("[1,\n NaN\n]", 5)]
    [InlineData("""{"NaN": "Infinity, NaN", "b": -Infinity}""", 30)]
    public void NumbersOfPython_AreWarnedOf(string json, int offset)
    {
        foreach (var name in new[] { "a.json", "", "a.ipynb", "a.jsonl" })
        {
            var examination = Checks.Examine(name, Encoding.UTF8.GetBytes(json));

            Assert.Equal((FileFormat.Json, FileFormat.Json), (examination.Recognised, examination.Format));
            Assert.Equal(offset, Checks.AssertWarned(examination, "json.not-strict").Offset);
            Assert.Null(NamePromise.Fault("a.json", examination.Recognised.ToString()));
        }
    }

    [Theory]
    [InlineData("""{"a":NaN5}""")]
    [InlineData("""{"a":NaN.5}""")]
    [InlineData("""{"a":NaNs}""")]
    [InlineData("""{"a":nan}""")]
    [InlineData("""{"a":Inf}""")]
    [InlineData("""{"a":+Infinity}""")]
    [InlineData("""{"a":1 NaN}""")]
    [InlineData("""{NaN:1}""")]
    [InlineData("""[,NaN]""")]
    [InlineData("""{"a":N""")]
    [InlineData("""{"a":-Infinit""")]
    public void WhatIsNoNumberOfPythonEither_IsNoJson(string json)
    {
        Checks.AssertSuspicious(Checks.Examine("a.json", Encoding.UTF8.GetBytes(json)), "json.json");
        Assert.Equal(FileFormat.Text, Checks.Examine("", Encoding.UTF8.GetBytes(json)).Recognised);
    }

    /// <summary>Wherever the head that is recognised ends, and wherever what is read of the file at once.</summary>
    [Theory]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    public void NumbersOfPython_CutAnywhere_AreRead(string number)
    {
        for (var shift = 0; shift < 16; shift++)
        {
            var json = $$"""{"{{new string('x', shift)}}":[{{string.Join(',', Enumerable.Repeat(number, 40_000))}}]}""";

            Checks.AssertWarned(Checks.Examine("a.json", Encoding.UTF8.GetBytes(json)), "json.not-strict");
        }
    }

    /// <summary>The first one lies in the head by which content is recognised, or behind it.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(300_000)]
    public void File_WithNumbersOfPython_IsExaminedAllTheSame(int length)
    {
        var json = $$$"""{"a":"{{{new string('x', length)}}}","b":NaN,"chat_template":"{{ ''.__class__.__mro__[1].__subclasses__() }}","model_type":"x","auto_map":{"A":"b.C"}}""";
        var bytes = Encoding.UTF8.GetBytes(json);

        Checks.AssertMalicious(Checks.Examine("", bytes), "template.dunder");
        Assert.Contains(Checks.Examine("config.json", bytes).Findings, finding => finding.Rule == "transformers.remote-code");
    }

    [Fact]
    public void Notebook_WithNumbersOfPython_IsExaminedAllTheSame()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"metadata":{"loss":NaN},"cells":[{"cell_type":"code","source":["import os\n","os.system('id')"]}]}""");

        Checks.AssertSuspicious(Checks.Examine("a.ipynb", bytes), "python.danger");
    }

    [Fact]
    public void Config_WithNumbersOfPython_GivesItsFacts()
    {
        var examination = Checks.Examine("config.json", """{"model_type":"llama","rope":-Infinity,"hidden_size":64,"vocab_size":NaN}"""u8.ToArray());

        var facts = Assert.IsType<TransformersFacts>(examination.Facts);
        Assert.Equal(("llama", 64L, null), (facts.ModelType, facts.HiddenSize, facts.VocabularySize));
    }

    /// <summary>Its readers take no other JSON than JSON.</summary>
    [Fact]
    public void NumbersOfPython_InAHeaderOfSafetensors_AreRefused() =>
        Checks.AssertSuspicious(Checks.Examine("a.safetensors", SafetensorsTests.Build("""{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,0]}}""", 0)), "safetensors.json");
}
