using System.Text;

namespace ModelGarden.Formats.Tests;

public sealed class RecognitionTests
{
    [Theory]
    [InlineData("model.gguf")]
    [InlineData("model.onnx")]
    [InlineData("model.pt")]
    [InlineData("model.zip")]
    [InlineData("model.json")]
    [InlineData("README.md")]
    public void Safetensors_UnderAnotherFormatsName_IsSuspicious(string name)
    {
        var examination = Checks.Examine(name, SafetensorsTests.Build("{}", 0));

        Assert.Equal(FileFormat.Safetensors, examination.Format);
        Checks.AssertSuspicious(examination, "name.promise");
    }

    [Theory]
    [InlineData("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "safetensors.header-length")]
    [InlineData("model.gguf", "not a model at all", "gguf.magic")]
    [InlineData("model.onnx", "not a model at all", "onnx.field")]
    [InlineData("config.json", "not: json", "json.json")]
    [InlineData("config.json", "", "json.json")]
    [InlineData("config.json", "{\"a\": 1", "json.json")]
    [InlineData("config.json", "{} {}", "json.json")]
    [InlineData("a.npy", "text", "name.promise")]
    [InlineData("a.tar", "text", "name.promise")]
    [InlineData("a.tar.gz", "text", "name.promise")]
    [InlineData("a.h5", "text", "name.promise")]
    [InlineData("a.keras", "text", "name.promise")]
    public void PromiseOfAName_NotKept_IsSuspicious(string name, string content, string rule) => Checks.AssertSuspicious(Checks.Examine(name, Encoding.UTF8.GetBytes(content)), rule);

    [Theory]
    [InlineData("a.jsonl", "{\"a\":1}\n{\"a\":2}\n", FileFormat.Json)]
    [InlineData("config.json", "\uFEFF{\"a\":1}", FileFormat.Json)]
    [InlineData("data", "[1, 2]", FileFormat.Json)]
    [InlineData("data", "[1]: a footnote", FileFormat.Text)]
    [InlineData("README.md", "[1, 2]", FileFormat.Json)]
    [InlineData("README.md", "# Title", FileFormat.Markdown)]
    [InlineData("README.md", "", FileFormat.Empty)]
    [InlineData("empty", "", FileFormat.Empty)]
    [InlineData("a.bin", "\0\u0001\u0002", FileFormat.Binary)]
    public void Content_IsTold(string name, string content, FileFormat format) => Checks.AssertClean(Checks.Examine(name, Encoding.UTF8.GetBytes(content)), format);

    [Fact]
    public void Text_WithACharacterOverTheWindowsEnd_IsText()
    {
        for (var shift = 0; shift < 4; shift++)
        {
            var text = new string('a', shift) + string.Concat(Enumerable.Repeat("😀", 20_000));
            Assert.Equal(FileFormat.Text, Checks.Examine("a", Encoding.UTF8.GetBytes(text)).Format);
        }
    }

    [Fact]
    public void Config_OfAMultimodalModel_GivesTheTextPartsLength()
    {
        var facts = Assert.IsType<TransformersFacts>(Checks.Examine("sub/config.json", """
            {"architectures":["X","Y"],"model_type":"llava","auto_map":{"AutoModel":"modeling.X"},"vision_config":{"hidden_size":1},
             "text_config":{"max_position_embeddings":8192,"model_type":"llama","hidden_size":64},"torch_dtype":"bfloat16","quantization_config":{"quant_method":"gptq","bits":4}}
            """u8.ToArray()).Facts);

        Assert.Equal(("llava", 8192, "bfloat16", 64, "gptq", true), (facts.ModelType, facts.MaxPositionEmbeddings, facts.DataType, facts.HiddenSize, facts.QuantisationMethod, facts.NeedsRemoteCode));
        Assert.Equal(["X", "Y"], facts.Architectures);
    }

    [Theory]
    [InlineData("""{"architectures":7,"model_type":["x"],"max_position_embeddings":"y","dtype":{"a":1}}""")]
    [InlineData("""{"text_config":[{"model_type":"x"}]}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public void Config_OfOddTypes_HasNoFacts(string json)
    {
        var examination = Checks.Examine("config.json", Encoding.UTF8.GetBytes(json));

        Checks.AssertClean(examination, FileFormat.Json);
        Assert.Null(examination.Facts);
    }

    [Fact]
    public void Json_OverManyWindows_IsReadToItsEnd()
    {
        var long1 = new string('x', 300_000);
        Checks.AssertClean(Checks.Examine("a.json", Encoding.UTF8.GetBytes($$"""{"a":"{{long1}}","b":[{{string.Join(',', Enumerable.Range(0, 50_000))}}],"c":"{{long1}}"}""")), FileFormat.Json);
        Checks.AssertSuspicious(Checks.Examine("a.json", Encoding.UTF8.GetBytes($$"""{"a":"{{long1}}","b":[1,],"c":1}""")), "json.json");
        Checks.AssertSuspicious(Checks.Examine("a.json", Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 17_000_000)}}"}""")), "json.token-too-long");
    }

    [Fact]
    public void Finding_OfJson_SaysWhere() =>
        Assert.Equal(8, Checks.AssertSuspicious(Checks.Examine("a.json", "{\"a\": 1,}"u8.ToArray()), "json.json").Offset);

    [Theory]
    [InlineData("garden-formats/3", 3)]
    [InlineData("garden-formats/12+clamav/1", 12)]
    [InlineData("", 0)]
    [InlineData("clamav/7", 0)]
    [InlineData("garden-formats/", 0)]
    [InlineData("garden-formats/-1", 0)]
    public void RulesOf_Examiner_ItsOwnRulesVersion(string examiner, int rules) => Assert.Equal(rules, FileExaminer.RulesOf(examiner));

    [Fact]
    public void Rules_OfThisExaminer_AreItsOwn() => Assert.Equal(FileExaminer.RulesVersion, FileExaminer.RulesOf(FileExaminer.Rules));
}
