using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.OAuth;

/// <summary>What a person said a client may do once, and the family of tokens that came of it.</summary>
internal sealed class GrantRow
{
    public required string Id { get; init; }

    /// <summary>The account's key.</summary>
    public required string Account { get; init; }

    public required string Client { get; init; }

    public required string Scopes { get; init; }

    /// <summary>The person had given his second factor.</summary>
    public required bool IsStrong { get; init; }

    /// <summary>When he had last proved himself.</summary>
    public required DateTimeOffset ProvedAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Until when something can still come of it, if it is not used before.</summary>
    public required DateTimeOffset GoodUntil { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string[] ScopeList => Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <param name="account">Whose, by name.</param>
    /// <param name="client">Whom it was given to; null: the program was just taken away.</param>
    /// <param name="used">The latest use of its tokens.</param>
    public ProgramGrant ToMessage(string account, ClientRow? client, DateTimeOffset? used) => new()
    {
        Id = Id,
        Account = account,
        Client = Client,
        ClientName = client?.Name ?? "",
        ClientTenant = client?.Tenant ?? "",
        Scopes = { ScopeList },
        CreatedAt = CreatedAt.ToTimestamp(),
        ExpiresAt = GoodUntil.ToTimestamp(),
        LastUsedAt = used?.ToTimestamp(),
    };
}

/// <summary>A code on its way through a browser.</summary>
internal sealed class AuthorizationCodeRow
{
    public required string Hash { get; init; }

    public required string GrantId { get; init; }

    public required string RedirectUri { get; init; }

    /// <summary>The SHA-256 of what the client has to show (RFC 7636, S256).</summary>
    public required string Challenge { get; init; }

    public required string Nonce { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>A refresh token, without the token.</summary>
internal sealed class RefreshTokenRow
{
    public required string Hash { get; init; }

    public required string GrantId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>What a person has allowed a client before.</summary>
internal sealed class ConsentRow
{
    public required string Account { get; init; }

    public required string Client { get; init; }

    public required string Scopes { get; init; }

    public required DateTimeOffset GivenAt { get; init; }
}
