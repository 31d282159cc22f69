using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;
using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;

namespace ModelGarden.Identity.Trust;

/// <summary>A trusted issuer that somebody wants, checked: its tokens can do no more than his own.</summary>
internal sealed record TrustWish(
    TenantName Tenant, string Issuer, string Audience, IReadOnlyDictionary<string, string> Claims, AccountName Account, (RepositoryKind Kind, RepositoryName Name) Repository, string[] Scopes, int LifetimeMinutes)
{
    private const int Longest = 500;
    private const int MostClaims = 20;
    private const int ShortestMinutes = 5;
    private const int LongestMinutes = 60;

    /// <summary>A job reads and writes files: what reaches beyond a repository is not bound to one.</summary>
    private static readonly string[] Bindable = [Hosting.Access.Scopes.Read, Hosting.Access.Scopes.Write];

    /// <summary>As tokens have it.</summary>
    public string Bound => RepositoryPaths.PrefixOf(Repository.Kind) + Repository.Name.Value;

    public static Result<TrustWish> Create(Caller caller, CreateTrustedIssuerRequest request, IssuerAddresses networks, string garden)
    {
        var tenant = AccountErrors.TenantFor(caller, request.Tenant);
        var (kind, name) = RepositoryPaths.Split(request.Repository);
        var (account, repository) = (AccountName.Create(request.Account), RepositoryName.Create(name));
        var audience = request.Audience.Length > 0 ? request.Audience : garden;
        string[] scopes = request.Scopes.Count > 0 ? [.. request.Scopes.Distinct()] : Bindable;
        return (tenant.Error ?? IssuerRefusal(request.Issuer, networks) ?? Text.Refusal("audience", audience, 1, Longest) ?? ClaimsRefusal(request.Claims) ?? account.Error ?? repository.Error
            ?? OwnerRefusal(tenant.Value, repository.Value) ?? ScopeRefusal(caller, scopes) ?? LifetimeRefusal(request.LifetimeMinutes)) is { } refusal
            ? refusal
            : new TrustWish(
                tenant.Value, request.Issuer, audience, request.Claims, account.Value, (kind, repository.Value), scopes, request.LifetimeMinutes is 0 ? LongestMinutes : request.LifetimeMinutes);
    }

    private static Error? IssuerRefusal(string issuer, IssuerAddresses networks) =>
        issuer.Length is > 0 and <= Longest && issuer.All(c => c is > ' ' and <= '~') && Uri.TryCreate(issuer, UriKind.Absolute, out var uri)
            && uri is { Query: "", Fragment: "", UserInfo: "" } && !issuer.Contains('?', StringComparison.Ordinal) && !issuer.Contains('#', StringComparison.Ordinal) && networks.IsSafe(uri)
            ? null
            : Error.Invalid("BAD_ISSUER", $"'{Text.Shorten(issuer)}' is not an issuer: an https address without query and fragment is expected, at most {Longest} characters, as its tokens have it in `iss`");

    private static Error? ClaimsRefusal(Google.Protobuf.Collections.MapField<string, string> claims) => claims.Count is 0 or > MostClaims || !claims.Any(claim => ClaimPattern.IsTelling(claim.Key, claim.Value))
        ? Error.Invalid("BAD_CONDITION", $"1 to {MostClaims} claims are expected that tell your jobs from those of others, such as sub: repo:acme/app:*, with stars behind whole names only; a branch or an event alone tells nobody apart; an issuer signs for all the world")
        : claims.Select(claim => ClaimPattern.Refusal(claim.Key, claim.Value)).FirstOrDefault(refusal => refusal is not null);

    private static Error? OwnerRefusal(TenantName tenant, RepositoryName repository) => repository.Owner.Equals(tenant)
        ? null
        : Error.Denied("NOT_YOUR_NAMESPACE", $"{repository} is not a repository of {tenant}: its jobs work on its own");

    private static Error? ScopeRefusal(Caller caller, string[] scopes)
    {
        if (Array.Find(scopes, scope => !Bindable.Contains(scope)) is { } unknown)
        {
            return Error.Invalid("BAD_SCOPE", $"'{Text.Shorten(unknown)}' is not a scope for one repository: {string.Join(", ", Bindable)}");
        }

        return Array.Find(scopes, scope => !caller.HasScope(scope)) is { } beyond
            ? Error.Denied("SCOPE_MISSING", $"your own token lacks the scope {beyond}, so it cannot give it to another: use one that has it")
            : null;
    }

    private static Error? LifetimeRefusal(int minutes) => minutes is 0 or (>= ShortestMinutes and <= LongestMinutes)
        ? null
        : Error.Invalid("BAD_LIFETIME", $"a job's token lives {ShortestMinutes} to {LongestMinutes} minutes (0: {LongestMinutes}), not {minutes}");
}
