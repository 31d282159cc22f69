using System.Net.Http.Json;
using System.Text.Json;
using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Engines;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

/// <summary>The engines of deploy/engines, installed once for all runs on this machine.</summary>
public sealed class RealEngineTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Gguf_OfTheSample_AnswersChat()
    {
        await using var garden = await StartAsync("gguf-node");
        garden.Shelf.Commit("acme/model", Sample("kjv-llama/kjv-llama-q8_0.gguf"), Sample("kjv-llama/kjv-llama-f16.gguf"), Sample("kjv-llama/config.json"));
        Measure(garden, "Q8_0", "kjv-llama-q8_0.gguf");
        Measure(garden, "F16", "kjv-llama-f16.gguf");

        var created = await garden.CreateAsync("kjv");
        var (_, address) = await garden.ReplicaAsync("kjv");
        using var answer = await Http.PostAsJsonAsync(
            new Uri($"{address}/v1/completions"), new { model = "kjv", prompt = "And the LORD said unto", max_tokens = 4, temperature = 0 }, Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal(("kjv-llama-f16.gguf", "gguf-node", "openai"), (created.File, created.Runtime, created.Protocol));
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        Assert.Equal("kjv", body.GetProperty("model").GetString());
        Assert.NotEmpty(body.GetProperty("choices")[0].GetProperty("text").GetString()!);
    }

    [Fact]
    public async Task Onnx_OfTheSample_DescribesItself()
    {
        await using var garden = await StartAsync("onnx-node");
        garden.Shelf.Commit("acme/model", Sample("digits/digits.onnx"), Sample("digits/digits.safetensors"));

        var created = await garden.CreateAsync("digits");
        var (_, address) = await garden.ReplicaAsync("digits");
        var model = await Http.GetFromJsonAsync<JsonElement>(new Uri($"{address}/v2/models/digits"), Cancel);

        Assert.Equal(("digits.onnx", "onnx-node", "oip-v2"), (created.File, created.Runtime, created.Protocol));
        Assert.Equal("digits", model.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Gguf_ThatIsNone_FailsWithTheEnginesReason()
    {
        await using var garden = await StartAsync("gguf-node");
        garden.Shelf.Commit("acme/model", ("model.gguf", "no GGUF at all"u8.ToArray()));
        await garden.CreateAsync("kjv");

        var failed = await garden.UntilAsync("kjv", EndpointState.Failed);

        Assert.Contains("is not a GGUF file", failed.Reason, StringComparison.Ordinal);
    }

    private static async Task<DeploymentGarden> StartAsync(string engineId)
    {
        var folder = Repo.PathOf("deploy/engines");
        var manifest = EngineManifest.Load(folder).OrThrow();
        var installer = new EngineInstaller(manifest, Path.Combine(Path.GetTempPath(), "modelgarden-test-engines"), "", TimeSpan.FromMinutes(10));
        var installed = (await installer.EnsureAsync(manifest.Find(engineId)!, _ => { }, Cancel)).OrThrow();
        return await DeploymentGarden.StartAsync(settings: [("Engines", folder), ("InstalledEngines", installed), ("Runtimes", "gguf-node,onnx-node")]);
    }

    private static (string Path, byte[] Content) Sample(string path) => (Path.GetFileName(path), File.ReadAllBytes(Repo.PathOf($"deploy/samples/{path}")));

    /// <summary>What Artifacts would have read in the file.</summary>
    private static void Measure(DeploymentGarden garden, string quantization, string file)
    {
        var entry = garden.Shelf.Find("acme/model", "HEAD")!.Value.Entries.Single(entry => entry.Path == file);
        var facts = garden.Shelf.Files[entry.Sha256].Facts;
        (facts.Quantization, facts.Architecture, facts.ContextLength, facts.EmbeddingLength, facts.TensorCount) = (quantization, "llama", 256, 128, 38);
    }
}
