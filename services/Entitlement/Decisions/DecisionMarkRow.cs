namespace ModelGarden.Entitlement.Decisions;

/// <summary>The audit trail tells of this decision already.</summary>
internal sealed record DecisionMarkRow
{
    public required string Tenant { get; init; }

    public required string Account { get; init; }

    public required string Action { get; init; }

    public required string Repository { get; init; }

    public required string Rule { get; init; }

    /// <summary>Of a refusal; empty for a grant, which is told once for ever.</summary>
    public required string Day { get; init; }
}
