using ModelGarden.Hosting;

namespace ModelGarden.Persistence.Victim;

/// <summary>A service that has a store and a feed, and nothing else.</summary>
public static class VictimModule
{
    public static ServiceDefinition Definition { get; } = new(
        ServiceNames.Catalog, builder => builder.Services.AddGardenStore<ThingsDbContext>(), app => app.MapChangeFeed<ThingsDbContext>());
}
