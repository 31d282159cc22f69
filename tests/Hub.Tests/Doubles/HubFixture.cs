namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>One Hub for all tests of a class; each uses repositories of its own.</summary>
public sealed class HubFixture : IAsyncLifetime
{
    public TestHub Hub { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Hub = await TestHub.StartAsync();

    public ValueTask DisposeAsync() => Hub.DisposeAsync();
}
