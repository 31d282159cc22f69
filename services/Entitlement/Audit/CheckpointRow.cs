namespace ModelGarden.Entitlement.Audit;

/// <summary>A signed statement of what the chain's hash was after a record.</summary>
internal sealed class CheckpointRow
{
    public required long Sequence { get; init; }

    public required byte[] Hash { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A DSSE envelope in JSON.</summary>
    public required string Envelope { get; init; }
}
