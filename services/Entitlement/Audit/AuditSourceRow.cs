namespace ModelGarden.Entitlement.Audit;

/// <summary>How far another service's events are taken over.</summary>
internal sealed class AuditSourceRow
{
    public required string Service { get; init; }

    /// <summary>In its change feed.</summary>
    public required long Position { get; init; }
}
