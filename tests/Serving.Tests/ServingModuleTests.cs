using ModelGarden.Testing;

namespace ModelGarden.Serving.Tests;

public sealed class ServingModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(ServingModule.Definition);

        Assert.Equal("alive", await garden.Http(ServingModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
