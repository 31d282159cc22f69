using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Entitlement.Tenants;

/// <summary>An organisation of the garden.</summary>
internal sealed class TenantRow
{
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required string DisplayName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public Tenant ToMessage() => new() { Name = Name, DisplayName = DisplayName, CreatedAt = CreatedAt.ToTimestamp() };
}
