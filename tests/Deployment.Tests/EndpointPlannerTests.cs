using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Engines;
using ModelGarden.Deployment.Planner;

namespace ModelGarden.Deployment.Tests;

public sealed class EndpointPlannerTests
{
    private const long Mega = 1L << 20;
    private const long Giga = 1L << 30;

    [Theory]
    [InlineData(1, 16, "F16")]
    [InlineData(14, 16, "Q4_K_M")]
    [InlineData(14, 64, "Q8_0")]
    [InlineData(14, 128, "F16")]
    [InlineData(2, 3, "Q4_K_M")]
    public void Choose_QuantisationsOfOneModel_TakesTheTruestThatIsComfortableElseTheSmallest(int f16Gigabytes, int memoryGigabytes, string expected)
    {
        var size = f16Gigabytes * Giga;
        var plan = Choose(memoryGigabytes * Giga, Gguf("F32", size * 2), Gguf("Q4_K_M", size / 4), Gguf("F16", size), Gguf("Q8_0", size / 2), Gguf("Q2_K", size / 6)).OrThrow();

        Assert.Equal(expected, plan.Choice.File.Facts.Quantization);
        Assert.Equal(plan.Choice, plan.Ranking[0]);
        Assert.True(plan.Choice.MemoryEstimate <= memoryGigabytes * Giga);
    }

    [Fact]
    public void Choose_OnlyTwoBitsFit_TakesThemForWantOfBetter() =>
        Assert.Equal("Q2_K", Choose(3 * Giga, Gguf("F16", 14 * Giga), Gguf("Q2_K", 2 * Giga)).OrThrow().Choice.File.Facts.Quantization);

    [Theory]
    [InlineData(0, 1, "F16")]
    [InlineData(40, 1, "Q4_K_M")]
    [InlineData(0, 3, "Q4_K_M")]
    public void Choose_MemoryThatIsKeptForOthersOrNeededManyTimes_IsNotFree(int keptGigabytes, int replicas, string expected)
    {
        var request = new PlanRequest([Gguf("F16", 14 * Giga), Gguf("Q4_K_M", 4 * Giga)], "", Offers(llamaServer: false), 80 * Giga) { Kept = keptGigabytes * Giga, Replicas = replicas };

        Assert.Equal(expected, EndpointPlanner.Choose(request).OrThrow().Choice.File.Facts.Quantization);
    }

    [Fact]
    public void Choose_NotEnoughIsFree_SaysWhatIsKept()
    {
        var request = new PlanRequest([Gguf("F16", 2 * Giga)], "", Offers(llamaServer: false), 8 * Giga) { Kept = 4 * Giga, Replicas = 2 };

        Assert.Contains(
            "m-F16.gguf: needs about 2.5 GiB of memory for each of 2 replicas, this machine has 8 GiB, 4 GiB of it kept for endpoints that never sleep",
            EndpointPlanner.Choose(request).Error!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_LongContext_CountsItsKeysAndValuesAsFarAsTheEngineGoes()
    {
        var plain = Choose(64 * Giga, Gguf("F16", Giga)).OrThrow().Choice.MemoryEstimate;
        var facts = new FileFacts { Format = "gguf", Quantization = "F16", ContextLength = 131_072, EmbeddingLength = 4096, TensorCount = 291 };
        var withContext = Choose(64 * Giga, Stored("a.gguf", Giga, facts)).OrThrow().Choice.MemoryEstimate;

        Assert.Equal(2L * 2 * 32 * 4096 * 4096 * 4, withContext - plain);
    }

    [Fact]
    public void Choose_GgufBesideOnnx_PrefersTheManifestsFirstFormat()
    {
        var plan = Choose(16 * Giga, Stored("model.onnx", Mega, new() { Format = "onnx" }), Gguf("Q8_0", Mega)).OrThrow();

        Assert.Equal(["gguf-node", "onnx-node"], plan.Ranking.Select(candidate => candidate.Engine.Id));
    }

    [Fact]
    public void Choose_ServerOnThePath_IsPreferredToNode()
    {
        var plan = EndpointPlanner.Choose(new([Gguf("F16", Mega)], "", Offers(llamaServer: true), Giga)).OrThrow();

        Assert.Equal("gguf-llama-server", plan.Choice.Engine.Id);
    }

    [Fact]
    public void Choose_EncoderOfText_IsAnEmbedding() =>
        Assert.True(Choose(Giga, Stored("e.gguf", Mega, new() { Format = "gguf", Architecture = "nomic-bert" })).OrThrow().Choice.Embedding);

    [Theory]
    [InlineData("sentence-similarity", true)]
    [InlineData("feature-extraction", true)]
    [InlineData("text-generation", false)]
    public void Choose_GenerativeArchitecture_EmbedsWhenItsCardSaysSo(string task, bool embeds)
    {
        var file = Stored("e.gguf", Mega, new() { Format = "gguf", Architecture = "qwen3" });

        Assert.Equal(embeds, EndpointPlanner.Choose(new([file], "", Offers(llamaServer: true), Giga) { Task = task }).OrThrow().Choice.Embedding);
    }

    [Fact]
    public void Choose_SplitModel_NeedsAllItsParts()
    {
        var plan = Choose(Giga, Part(1), Part(2), Part(3)).OrThrow();

        Assert.Equal(["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"], plan.Choice.Needed.Select(file => file.Path));
        Assert.Single(plan.Ranking);
        Assert.Contains("only 2 are there", Choose(Giga, Part(1), Part(3)).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_GraphWithData_TakesTheDataAlong()
    {
        var plan = Choose(Giga, Stored("onnx/m.onnx", Mega, new() { Format = "onnx" }), Stored("onnx/m.onnx_data", Mega, new() { Format = "binary" }), Stored("onnx/other.bin", 1, new() { Format = "binary" })).OrThrow();

        Assert.Equal(["onnx/m.onnx", "onnx/m.onnx_data"], plan.Choice.Needed.Select(file => file.Path));
    }

    [Theory]
    [InlineData(Verdict.Pending, "has not been examined yet")]
    [InlineData(Verdict.Suspicious, "was found suspicious (GGUF_ABSURD)")]
    [InlineData(Verdict.Malicious, "was found malicious")]
    public void Choose_FileThatIsNotClean_IsNoCandidate(Verdict verdict, string why)
    {
        var file = Gguf("F16", Mega);
        file.Stored!.Verdict = verdict;
        file.Stored.Findings.Add(new Finding { Rule = "GGUF_ABSURD" });

        var error = Choose(Giga, file).Error!;

        Assert.Equal("NO_RUNTIME", error.Reason);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_NothingToServe_NamesEachFileAndWhy()
    {
        var error = Choose(
            Giga,
            Stored("model.safetensors", Mega, new() { Format = "safetensors" }),
            Stored("big.gguf", 8 * Giga, new() { Format = "gguf" }),
            new ModelFile("small.gguf", 10, "", null),
            new ModelFile("lost.gguf", 10, new string('a', 64), null),
            Stored("mmproj.gguf", Mega, new() { Format = "gguf", Architecture = "clip" })).Error!;

        Assert.Equal("NO_RUNTIME", error.Reason);
        Assert.Contains("model.safetensors: no engine loads the format 'safetensors'", error.Message, StringComparison.Ordinal);
        Assert.Contains("big.gguf: needs about 9.7 GiB of memory, this machine has 1 GiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("small.gguf is kept in the repository itself", error.Message, StringComparison.Ordinal);
        Assert.Contains("the bytes of lost.gguf are not in this garden", error.Message, StringComparison.Ordinal);
        Assert.Contains("mmproj.gguf: is a projector", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_ThousandsOfFiles_NamesAFewAndCountsTheRest()
    {
        var error = Choose(Giga, [.. Enumerable.Range(0, 5000).Select(i => Stored($"{i}.bin", i, new() { Format = "binary" }))]).Error!;

        Assert.True(error.Message.Length < 8000);
        Assert.Contains("and 4980 more files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_EngineMissing_SaysWhatToInstall()
    {
        var offers = Offers(llamaServer: false).Select(offer => offer with { Missing = $"{offer.Engine} needs '{offer.Engine.Executable}' on the PATH" });

        var error = EndpointPlanner.Choose(new([Gguf("F16", Mega)], "", [.. offers], Giga)).Error!;

        Assert.Contains("gguf-llama-server needs 'llama-server' on the PATH, or gguf-node needs 'node' on the PATH", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b-Q8_0.gguf", "Q8_0")]
    [InlineData("nothing.gguf", null)]
    public void Choose_WishedFile_IsTakenOrNothing(string wished, string? expected)
    {
        ModelFile[] files = [Gguf("F16", Mega), Stored("b-Q8_0.gguf", Mega, new() { Format = "gguf", Quantization = "Q8_0" })];

        var plan = EndpointPlanner.Choose(new(files, wished, Offers(llamaServer: false), Giga));

        Assert.Equal(expected, plan.Error is null ? plan.Value.Choice.File.Facts.Quantization : null);
        Assert.Equal(expected is null, plan.Error?.Message.Contains("the revision has no file 'nothing.gguf'", StringComparison.Ordinal) ?? false);
    }

    private static Kernel.Result<Plan> Choose(long memory, params ModelFile[] files) =>
        EndpointPlanner.Choose(new(files, "", Offers(llamaServer: false), memory));

    private static ModelFile Gguf(string quantization, long size) =>
        Stored($"m-{quantization}.gguf", size, new() { Format = "gguf", Quantization = quantization });

    private static ModelFile Part(int number) => Stored($"m-{number:d5}-of-00003.gguf", Mega, new() { Format = "gguf" });

    private static ModelFile Stored(string path, long size, FileFacts facts)
    {
        var sha256 = Kernel.Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(path)).Hex;
        return new(path, size, sha256, new() { Sha256 = sha256, Size = size, Verdict = Verdict.Clean, Facts = facts });
    }

    private static List<EngineOffer> Offers(bool llamaServer) =>
    [
        .. EngineManifest.Load(Testing.Repo.PathOf("deploy/engines")).OrThrow().Engines
            .Select(engine => new EngineOffer(engine, engine.Executable is "llama-server" && !llamaServer ? $"{engine} needs 'llama-server' on the PATH" : null)),
    ];
}
