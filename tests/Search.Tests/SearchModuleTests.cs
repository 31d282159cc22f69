using ModelGarden.Testing;

namespace ModelGarden.Search.Tests;

public sealed class SearchModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(SearchModule.Definition);

        Assert.Equal("alive", await garden.Http(SearchModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
