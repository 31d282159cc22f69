namespace ModelGarden.Identity.OAuth;

/// <summary>What became of a device's request.</summary>
internal enum DeviceAnswer
{
    None,
    Allowed,
    Denied,

    /// <summary>It has its token.</summary>
    Taken,
}

/// <summary>A device that waits for its person.</summary>
internal sealed class DeviceCodeRow
{
    public required string Hash { get; init; }

    public required string UserCodeHash { get; init; }

    public required string Client { get; init; }

    public required string Scopes { get; init; }

    /// <summary>Where it is.</summary>
    public required string Address { get; init; }

    /// <summary>What it is counted by.</summary>
    public required string Network { get; init; }

    public required string Agent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? PolledAt { get; init; }

    public required int PauseSeconds { get; init; }

    public required DeviceAnswer Answer { get; init; }

    public required string GrantId { get; init; }
}
