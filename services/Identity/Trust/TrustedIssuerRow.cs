using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Identity.Trust;

/// <summary>Whom a tenant takes for a job of its CI, and what the job may do.</summary>
internal sealed class TrustedIssuerRow
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string TenantKey { get; init; }

    public required string Issuer { get; init; }

    public required string Audience { get; init; }

    /// <summary>An object of JSON: patterns by the names of claims.</summary>
    public required string Claims { get; init; }

    /// <summary>The service account's key.</summary>
    public required string Account { get; init; }

    public required string AccountName { get; init; }

    public required string Repository { get; init; }

    public required string RepositoryKey { get; init; }

    public required string Scopes { get; init; }

    public required int LifetimeMinutes { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public IReadOnlyDictionary<string, string> ClaimPatterns => JsonSerializer.Deserialize<Dictionary<string, string>>(Claims)!;

    public string[] ScopeList => Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public TrustedIssuer ToMessage() => new()
    {
        Id = Id,
        Tenant = Tenant,
        Issuer = Issuer,
        Audience = Audience,
        Claims = { new Dictionary<string, string>(ClaimPatterns) },
        Account = AccountName,
        Repository = Repository,
        Scopes = { ScopeList },
        LifetimeMinutes = LifetimeMinutes,
        CreatedBy = CreatedBy,
        CreatedAt = CreatedAt.ToTimestamp(),
    };
}
