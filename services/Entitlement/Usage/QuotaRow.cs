namespace ModelGarden.Entitlement.Usage;

/// <summary>A tenant's limits; 0: none.</summary>
internal sealed class QuotaRow
{
    public required string Tenant { get; init; }

    public required long TokensPerDay { get; init; }

    public required long RequestsPerDay { get; init; }
}

/// <summary>What a tenant has used on a day.</summary>
internal sealed class QuotaCounterRow
{
    public required string Tenant { get; init; }

    public required string Day { get; init; }

    public required long Tokens { get; init; }

    public required long Requests { get; init; }
}
