using ModelGarden.Testing;

namespace ModelGarden.Catalog.Tests;

public sealed class CatalogModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(CatalogModule.Definition);

        Assert.Equal("alive", await garden.Http(CatalogModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
