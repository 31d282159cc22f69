using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Tokens;

/// <summary>A token that was given out, without the token.</summary>
internal sealed class TokenRow
{
    public required string Id { get; init; }

    public required string Hash { get; init; }

    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string AccountName { get; init; }

    public required string DisplayName { get; init; }

    public required string Scopes { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>The client or trusted issuer that it was given to; empty: its account made it.</summary>
    public string Client { get; init; } = "";

    /// <summary>The grant that it belongs to; empty: none.</summary>
    public string GrantId { get; init; } = "";

    /// <summary>The one repository that it is for; empty: no such bound.</summary>
    public string Repository { get; init; } = "";

    public string[] ScopeList => Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public Token ToMessage() => new()
    {
        Id = Id,
        Account = AccountName,
        DisplayName = DisplayName,
        Scopes = { ScopeList },
        CreatedAt = CreatedAt.ToTimestamp(),
        ExpiresAt = ExpiresAt?.ToTimestamp(),
        LastUsedAt = LastUsedAt?.ToTimestamp(),
        RevokedAt = RevokedAt?.ToTimestamp(),
        Client = Client,
        Repository = Repository,
    };
}
