namespace ModelGarden.Identity.Passwords;

/// <summary>A one-time link by which a person sets a password, without the link.</summary>
internal sealed class PasswordResetRow
{
    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string Hash { get; init; }

    /// <summary>The name of the account that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Made with the garden's admin token.</summary>
    public required bool ByAdminToken { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
