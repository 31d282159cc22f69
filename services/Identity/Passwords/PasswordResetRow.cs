namespace ModelGarden.Identity.Passwords;

/// <summary>A one-time link by which a person sets a password, without the link.</summary>
internal sealed class PasswordResetRow
{
    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string Hash { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
