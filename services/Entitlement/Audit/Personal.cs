namespace ModelGarden.Entitlement.Audit;

/// <summary>What a record says of a person: it stands apart from the chain, by the person's account, and can be erased.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Value">What is said.</param>
internal sealed record Personal(string Account, string Value)
{
    /// <summary>That it is about him.</summary>
    public static Personal Name(string account) => new(account, account);
}

/// <summary>What a commitment in a record stands for.</summary>
internal sealed class AuditPersonRow
{
    public required string Commitment { get; init; }

    /// <summary>The record's.</summary>
    public required long Sequence { get; init; }

    /// <summary>In lower case.</summary>
    public required string Account { get; init; }

    public required string Value { get; init; }

    public required byte[] Salt { get; init; }
}
