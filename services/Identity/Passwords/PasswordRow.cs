namespace ModelGarden.Identity.Passwords;

/// <summary>A person's password, hashed.</summary>
internal sealed class PasswordRow
{
    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string Hash { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
