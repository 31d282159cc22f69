using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Identity.Accounts;

namespace ModelGarden.Identity.OAuth;

/// <summary>A program that signs people in or acts for them, without its secret.</summary>
internal sealed class ClientRow
{
    /// <summary>How long an access token is good that a registered client gets.</summary>
    public static readonly TimeSpan AccessLifetime = TimeSpan.FromHours(1);

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string TenantKey { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty: a public client, which can keep none.</summary>
    public required string SecretHash { get; init; }

    public required string RedirectUris { get; init; }

    public required string Grants { get; init; }

    public required string Scopes { get; init; }

    /// <summary>The key of the service account that its own token stands for; empty: none.</summary>
    public required string Account { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool IsConfidential => SecretHash.Length > 0;

    public string[] RedirectUriList => Words(RedirectUris);

    public string[] ScopeList => Words(Scopes);

    public bool May(string grant) => Words(Grants).Contains(grant);

    /// <summary>A program of the garden's own tenant is for everybody, another tenant's for its own people.</summary>
    public bool IsFor(AccountRow account) => TenantKey is Bootstrap.Tenant || TenantKey == account.TenantKey;

    public OAuthClient ToMessage() => new()
    {
        Id = Id,
        Tenant = Tenant,
        Name = Name,
        IsConfidential = IsConfidential,
        RedirectUris = { RedirectUriList },
        Grants = { Words(Grants) },
        Scopes = { ScopeList },
        Account = Account,
        CreatedBy = CreatedBy,
        CreatedAt = CreatedAt.ToTimestamp(),
    };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
