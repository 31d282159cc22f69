using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Persistence;

namespace ModelGarden.Deployment.Endpoints;

/// <summary>Deployment's store: one row an endpoint.</summary>
internal sealed class DeploymentDbContext(DbContextOptions<DeploymentDbContext> options) : GardenDbContext(options)
{
    public DbSet<StoredEndpoint> Endpoints => Set<StoredEndpoint>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var endpoint = modelBuilder.Entity<StoredEndpoint>();
        endpoint.ToTable("endpoints").HasKey(row => new { row.TenantKey, row.Name });
        endpoint.Ignore(row => row.Key);
        endpoint.Property(row => row.Wish).HasConversion(
            wish => JsonSerializer.Serialize(wish, DeploymentJson.Default.Wish),
            text => JsonSerializer.Deserialize(text, DeploymentJson.Default.Wish)!);
        endpoint.Property(row => row.Standing).HasConversion(
            target => JsonSerializer.Serialize(target, DeploymentJson.Default.Target!),
            text => JsonSerializer.Deserialize(text, DeploymentJson.Default.Target));
        endpoint.Property(row => row.Status).HasConversion(
            status => JsonSerializer.Serialize(status, DeploymentJson.Default.EndpointStatus),
            text => JsonSerializer.Deserialize(text, DeploymentJson.Default.EndpointStatus)!);
        base.OnModelCreating(modelBuilder);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(Wish)), JsonSerializable(typeof(Target)), JsonSerializable(typeof(EndpointStatus))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
