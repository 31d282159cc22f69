using Microsoft.EntityFrameworkCore;
using ModelGarden.Persistence;

namespace ModelGarden.Serving.Metering;

/// <summary>Serving's store: usage on its way to Entitlement.</summary>
internal sealed class ServingDbContext(DbContextOptions<ServingDbContext> options) : GardenDbContext(options)
{
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxRow>(row =>
        {
            row.ToTable("usage_outbox");
            row.HasKey(r => r.Id);
        });
        base.OnModelCreating(modelBuilder);
    }
}

/// <summary>One finished call's usage, as the bytes of a <c>UsageRecord</c>.</summary>
internal sealed class OutboxRow
{
    public required string Id { get; init; }

    public required byte[] Record { get; init; }

    public required DateTimeOffset At { get; init; }
}
