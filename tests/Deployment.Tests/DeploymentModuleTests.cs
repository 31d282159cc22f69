using ModelGarden.Testing;

namespace ModelGarden.Deployment.Tests;

public sealed class DeploymentModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(DeploymentModule.Definition);

        Assert.Equal("alive", await garden.Http(DeploymentModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
