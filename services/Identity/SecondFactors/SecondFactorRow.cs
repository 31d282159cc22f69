namespace ModelGarden.Identity.SecondFactors;

/// <summary>What an account's authenticator app shares with the garden.</summary>
internal sealed class SecondFactorRow
{
    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required byte[] Secret { get; init; }

    /// <summary>The newest step whose code was used: no code of it or of one before is taken.</summary>
    public required long LastStep { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: it is being set up, and asked of nobody.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }
}

/// <summary>One of the codes by which someone gets in who has lost his app.</summary>
internal sealed class RecoveryCodeRow
{
    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string Hash { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}
