using ModelGarden.Testing;

namespace ModelGarden.Hub.Tests;

public sealed class HubModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(HubModule.Definition);

        Assert.Equal("alive", await garden.Http(HubModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
