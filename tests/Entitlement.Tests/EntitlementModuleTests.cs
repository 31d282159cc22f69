using ModelGarden.Testing;

namespace ModelGarden.Entitlement.Tests;

public sealed class EntitlementModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(EntitlementModule.Definition);

        Assert.Equal("alive", await garden.Http(EntitlementModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
