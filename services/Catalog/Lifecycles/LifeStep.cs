namespace ModelGarden.Catalog.Lifecycles;

/// <summary>A step that somebody wants to take, with what its action needs. Accounts are in small letters.</summary>
internal sealed record LifeStep(LifecycleAction Action)
{
    /// <summary>Who takes it.</summary>
    public string Account { get; init; } = "";

    /// <summary>For submit.</summary>
    public string Revision { get; init; } = "";

    /// <summary>For deprecate.</summary>
    public string Successor { get; init; } = "";

    /// <summary>For deprecate.</summary>
    public DateTimeOffset? RetiresAt { get; init; }

    /// <summary>For assign and unassign.</summary>
    public string Reviewer { get; init; } = "";

    /// <summary>For approve: how many it takes.</summary>
    public int RequiredApprovals { get; init; } = 1;

    /// <summary>For approve: the account does not approve of what it has submitted.</summary>
    public bool IsBoundByFourEyes { get; init; }
}
