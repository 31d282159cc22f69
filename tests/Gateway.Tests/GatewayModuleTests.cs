using ModelGarden.Testing;

namespace ModelGarden.Gateway.Tests;

public sealed class GatewayModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(GatewayModule.Definition);

        Assert.Equal("alive", await garden.Http(GatewayModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
