using Microsoft.EntityFrameworkCore;

namespace ModelGarden.Persistence.Victim;

/// <summary>Something to store.</summary>
public sealed class Thing
{
    public long Id { get; init; }

    public required string Name { get; set; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public byte[]? Payload { get; init; }

    public string Notes { get; init; } = "{}";

    public long Count { get; set; }
}

/// <summary>A store of things.</summary>
public sealed class ThingsDbContext(DbContextOptions<ThingsDbContext> options) : GardenDbContext(options)
{
    public DbSet<Thing> Things => Set<Thing>();
}
