namespace ModelGarden.Identity.SecondFactors;

/// <summary>What a tenant asks of its people when they sign in.</summary>
internal sealed class SignInRuleRow
{
    /// <summary>The tenant's key.</summary>
    public required string Tenant { get; init; }

    public required bool SecondFactorRequired { get; init; }

    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
