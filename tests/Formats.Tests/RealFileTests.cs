using System.Text.Json;
using ModelGarden.Formats.Cards;

namespace ModelGarden.Formats.Tests;

public sealed class RealFileTests
{
    [Fact]
    public void Safetensors_Llama_IsCleanWithItsParameters()
    {
        var examination = Samples.Examine("kjv-llama/model.safetensors");

        Assert.Empty(examination.Findings);
        Assert.Equal((Verdict.Clean, FileFormat.Safetensors), (examination.Verdict, examination.Format));
        var facts = Assert.IsType<SafetensorsFacts>(examination.Facts);
        Assert.Equal("pt", facts.Metadata["format"]);
        Assert.Equal([1024, 128], Assert.Single(facts.Tensors, tensor => tensor.Name == "model.embed_tokens.weight").Shape);
        Assert.Equal(935_040, facts.Parameters);
        Assert.Equal(935_040, facts.ParametersByType["F32"]);
        Assert.Equal(facts.TensorCount, facts.Tensors.Count);
    }

    [Theory]
    [InlineData("kjv-llama/kjv-llama-f16.gguf", "F16")]
    [InlineData("kjv-llama/kjv-llama-q8_0.gguf", "Q8_0")]
    public void Gguf_Llama_IsCleanWithItsFacts(string name, string quantisation)
    {
        var examination = Samples.Examine(name);

        Assert.Empty(examination.Findings);
        Assert.Equal((Verdict.Clean, FileFormat.Gguf), (examination.Verdict, examination.Format));
        var facts = Assert.IsType<GgufFacts>(examination.Facts);
        Assert.Equal((3, "llama", "Kjv Llama"), (facts.Version, facts.Architecture, facts.Name));
        Assert.Equal((256, 128, 4), (facts.ContextLength, facts.EmbeddingLength, facts.BlockCount));
        Assert.Equal((quantisation, quantisation), (facts.Quantisation, facts.DominantType));
        Assert.Equal(("gpt2", 1024), (facts.TokenizerModel, facts.VocabularySize));
        Assert.Equal(38, facts.TensorCount);
        Assert.Equal(935_040, facts.Parameters);
    }

    [Fact]
    public void Onnx_Digits_IsCleanWithItsGraph()
    {
        var examination = Samples.Examine("digits/digits.onnx");

        Assert.Empty(examination.Findings);
        Assert.Equal((Verdict.Clean, FileFormat.Onnx), (examination.Verdict, examination.Format));
        var facts = Assert.IsType<OnnxFacts>(examination.Facts);
        Assert.Equal(7, facts.IrVersion);
        Assert.Equal(("pytorch", "1.13.0"), (facts.Producer, facts.ProducerVersion));
        Assert.Equal("", Assert.Single(facts.OperatorSets).Domain);
        Assert.Equal(("x", "FLOAT"), (Assert.Single(facts.Inputs).Name, facts.Inputs[0].Type));
        Assert.Equal(["1", "8", "8"], facts.Inputs[0].Shape!.Skip(1));
        Assert.Single(facts.Outputs);
        Assert.Contains("Conv", facts.Operators);
        Assert.Equal(Assert.IsType<SafetensorsFacts>(Samples.Examine("digits/digits.safetensors").Facts).Parameters, facts.ParametersByType["FLOAT"]);
    }

    [Fact]
    public void Torch_Digits_IsCleanWithItsTensors()
    {
        var examination = Samples.Examine("../../tests/Samples/digits.pth");

        Checks.AssertClean(examination, FileFormat.TorchZip);
        var facts = Assert.IsType<TorchFacts>(examination.Facts);
        var same = Assert.IsType<SafetensorsFacts>(Samples.Examine("digits/digits.safetensors").Facts);
        Assert.Equal(("zip", 8, 8, same.Parameters), (facts.Layout, facts.TensorCount, facts.StorageCount, facts.Parameters));
        Assert.Equal(same.ParametersByType, facts.ParametersByType);
        Assert.Equal(same.Tensors.Select(tensor => tensor.Name).Order(), facts.Tensors.Select(tensor => tensor.Name).Order());
    }

    [Fact]
    public void Config_Llama_GivesItsFacts()
    {
        var examination = Samples.Examine("kjv-llama/config.json");

        Assert.Empty(examination.Findings);
        var facts = Assert.IsType<TransformersFacts>(examination.Facts);
        Assert.Equal("LlamaForCausalLM", Assert.Single(facts.Architectures));
        Assert.Equal(("llama", 256, "float32", 128), (facts.ModelType, facts.MaxPositionEmbeddings, facts.DataType, facts.HiddenSize));
        Assert.False(facts.NeedsRemoteCode);
    }

    [Theory]
    [InlineData("kjv-llama/tokenizer.json", FileFormat.Json)]
    [InlineData("kjv-llama/README.md", FileFormat.Markdown)]
    [InlineData("kjv-llama/tokenizer_config.json", FileFormat.Json)]
    public void OtherFile_IsClean(string name, FileFormat format)
    {
        var examination = Samples.Examine(name);

        Assert.Empty(examination.Findings);
        Assert.Equal(format, examination.Format);
        Assert.Null(examination.Facts);
    }

    [Fact]
    public void Python_OfTheSample_IsWarnedOf()
    {
        var examination = Samples.Examine("kjv-llama/train.py");

        Assert.Equal(("python.code", FindingSeverity.Warning), (Assert.Single(examination.Findings).Rule, examination.Findings[0].Severity));
        Assert.Equal((Verdict.Clean, FileFormat.Text), (examination.Verdict, examination.Format));
    }

    [Fact]
    public void Card_Llama_HasNoIssues()
    {
        var card = ModelCard.Parse(File.ReadAllText(Samples.PathOf("kjv-llama/README.md")));

        Assert.Empty(card.Issues);
        Assert.Equal(("apache-2.0", "text-generation", "transformers"), (card.License, card.PipelineTag, card.LibraryName));
        Assert.Equal("en", Assert.Single(card.Languages));
        Assert.Equal(["llama", "gguf", "safetensors", "tiny"], card.Tags);
        Assert.StartsWith("A genuine Llama of 0.94 million parameters (4 layers, width 128, context 256, byte-level BPE of 1,024 tokens), trained", card.Summary, StringComparison.Ordinal);
        Assert.Contains("with train.py beside this file", card.Summary, StringComparison.Ordinal);
        Assert.StartsWith("# kjv-llama", card.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kjv-llama/model.safetensors")]
    [InlineData("kjv-llama/kjv-llama-q8_0.gguf")]
    [InlineData("digits/digits.onnx")]
    public void ForwardOnlyStream_SameResult(string name)
    {
        var bytes = Samples.Bytes(name);
        using var stream = new ForwardOnlyStream(bytes, 777);

        var examination = FileExaminer.Examine(name, stream, bytes.Length, TestContext.Current.CancellationToken);

        Assert.Empty(examination.Findings);
        Assert.Equal(JsonSerializer.Serialize(Samples.Examine(name)), JsonSerializer.Serialize(examination));
    }

    [Theory]
    [InlineData("kjv-llama/model.safetensors")]
    [InlineData("kjv-llama/kjv-llama-q8_0.gguf")]
    [InlineData("digits/digits.onnx")]
    [InlineData("../../tests/Samples/digits.pth")]
    [InlineData("kjv-llama/config.json")]
    public void Examination_ThroughJson_StaysTheSame(string name)
    {
        var json = JsonSerializer.Serialize(Samples.Examine(name));

        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<Examination>(json)));
    }

    [Fact]
    public async Task ExamineAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        using var stream = new MemoryStream([1, 2, 3]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileExaminer.ExamineAsync("x", stream, 3, cancel.Token));
    }

    [Fact]
    public void BrokenStream_Throws()
    {
        using var stream = new ForwardOnlyStream([1, 2, 3], 1, fails: true);

        Assert.Throws<IOException>(() => FileExaminer.Examine("x", stream, 3, TestContext.Current.CancellationToken));
    }
}
