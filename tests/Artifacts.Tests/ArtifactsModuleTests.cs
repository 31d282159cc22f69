using ModelGarden.Testing;

namespace ModelGarden.Artifacts.Tests;

public sealed class ArtifactsModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(ArtifactsModule.Definition);

        Assert.Equal("alive", await garden.Http(ArtifactsModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
