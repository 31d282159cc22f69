using ModelGarden.Deployment.Engines;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class EngineManifestTests
{
    private static readonly EngineManifest Manifest = EngineManifest.Load(Repo.PathOf("deploy/engines")).OrThrow();

    [Theory]
    [InlineData("", "gguf-llama-server gguf-node onnx-node")]
    [InlineData("onnx-node, gguf-node,", "onnx-node gguf-node")]
    public void Offering_SomeEngines_OffersTheseInThisOrderAndKnowsAll(string runtimes, string offered)
    {
        var manifest = Manifest.Offering(runtimes).OrThrow();

        Assert.Equal(offered, string.Join(' ', manifest.Offered));
        Assert.NotNull(manifest.Find("gguf-llama-server"));
    }

    [Fact]
    public async Task Start_UnknownRuntime_SaysWhichThereAre()
    {
        var exception = await Assert.ThrowsAsync<ErrorException>(() => DeploymentGarden.StartAsync(settings: ("Runtimes", "gguf-nodes")));

        Assert.Equal("Garden:Deployment:Runtimes names 'gguf-nodes', which engines.json does not: it has fake-events, fake-probed, missing", exception.Error.Message);
    }
}
