using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

public sealed class IdentityModuleTests
{
    [Fact]
    public async Task Start_Alone_ListensAndStops()
    {
        await using var garden = await TestGarden.StartAsync(IdentityModule.Definition);

        Assert.Equal("alive", await garden.Http(IdentityModule.Definition.Name).GetStringAsync("/healthz/live", TestContext.Current.CancellationToken));
    }
}
