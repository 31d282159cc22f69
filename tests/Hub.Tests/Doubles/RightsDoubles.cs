using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Entitlement: licences, and who has accepted them.</summary>
public sealed partial class EntitlementDouble(LicenseBook book) : Entitlement.EntitlementBase
{
    public override Task<ListLicensesResponse> ListLicenses(ListLicensesRequest request, ServerCallContext context) => Task.FromResult(new ListLicensesResponse
    {
        Licenses = { book.RequiresAcceptance.Select(license => new License { Id = license.Key, RequiresAcceptance = license.Value }) },
    });

    public override Task<ListTenantsResponse> ListTenants(ListTenantsRequest request, ServerCallContext context) => Task.FromResult(new ListTenantsResponse
    {
        Tenants = { new Tenant { Name = "acme", DisplayName = "Acme Ltd" }, new Tenant { Name = "globex" } },
    });

    public override Task<ListMembersResponse> ListMembers(ListMembersRequest request, ServerCallContext context) => context.GetCaller() is { } caller && (caller.IsOperator || caller.IsOf(request.Tenant))
        ? Task.FromResult(new ListMembersResponse { Members = { new Member { Tenant = request.Tenant, Account = "ann", Roles = { "engineer" } }, new Member { Tenant = request.Tenant, Account = "bob", Roles = { "admin" } } } })
        : throw new InvalidOperationException("asked for another's members");

    public int Asked { get; private set; }

    public override Task<Decision> Decide(DecideRequest request, ServerCallContext context)
    {
        Asked++;
        var (caller, resource) = (context.GetCaller(), request.Resource);
        var missing = resource.Licenses.FirstOrDefault(license => book.RequiresAcceptance.GetValueOrDefault(license, true) && !book.Accepted.ContainsKey((caller.Principal.Tenant, license)));
        var decision = caller switch
        {
            _ when book.QuotaExceeded => new Decision { Rule = "QUOTA_EXCEEDED", Message = "the daily quota is used up", RetryAfterSeconds = 77 },
            _ when caller.IsOf(resource.Repository[..resource.Repository.IndexOf('/', StringComparison.Ordinal)]) => new Decision { Allowed = true, Rule = "OWNER" },
            { IsAnonymous: true } => new Decision { Rule = "SIGN_IN", Message = "to download a model needs a token", MissingStep = "sign in", Who = "you" },
            _ when missing is not null => new Decision
            {
                Rule = "LICENSE_NOT_ACCEPTED",
                Message = $"{caller.Principal.Tenant} has not accepted the licence {missing}",
                MissingStep = $"accept the licence {missing} – “for all”",
                Who = $"an admin of {caller.Principal.Tenant}",
            },
            _ when resource.Gate is AccessGate.Automatic or AccessGate.Manual && book.Requests.GetValueOrDefault((resource.RepositoryId, caller.Principal.Name)) is not { Status: AccessStatus.Accepted } => new Decision
            {
                Rule = "ACCESS_NOT_REQUESTED",
                Message = $"{resource.Repository} is gated and {caller.Principal.Name} has not asked for access",
                MissingStep = $"ask for access at /{resource.Repository}/ask-access",
                Who = "you",
            },
            _ when resource.Gate is AccessGate.Automatic or AccessGate.Manual => new Decision { Allowed = true, Rule = "ACCESS_GRANTED" },
            _ => new Decision { Allowed = true, Rule = resource.Licenses.Any(license => book.RequiresAcceptance.GetValueOrDefault(license, true)) ? "LICENSE_ACCEPTED" : "LICENSE_FREE" },
        };
        decision.Why = decision.Allowed ? "" : $"/garden/v1/why?action=ACTION_DOWNLOAD&repository={Uri.EscapeDataString(resource.Repository)}";
        decision.ValidUntil = decision.Allowed ? DateTime.UtcNow.AddSeconds(5).ToTimestamp() : null;
        decision.EndsAt = decision.Allowed ? book.EndsAt?.ToTimestamp() : null;
        return Task.FromResult(decision);
    }
}

/// <summary>What <see cref="EntitlementDouble"/> knows.</summary>
public sealed class LicenseBook
{
    public ConcurrentDictionary<string, bool> RequiresAcceptance { get; } = new(StringComparer.OrdinalIgnoreCase) { ["apache-2.0"] = false, ["llama3"] = true };

    public ConcurrentDictionary<(string Tenant, string License), bool> Accepted { get; } = new();

    /// <summary>Who asked for access to what, by repository and account.</summary>
    public ConcurrentDictionary<(string RepositoryId, string Account), AccessRequest> Requests { get; } = new();

    /// <summary>What was asked for last, as the Hub put it.</summary>
    public RequestAccessRequest? Asking { get; set; }

    public bool QuotaExceeded { get; set; }

    /// <summary>When what was accepted ends.</summary>
    public DateTimeOffset? EndsAt { get; set; }
}

/// <summary>Identity: says back who the caller is, knows one token, and two accounts.</summary>
public sealed class IdentityDouble : Identity.IdentityBase
{
    public override Task<Account> GetAccount(GetAccountRequest request, ServerCallContext context) => !context.GetCaller().IsService ? throw new InvalidOperationException("asked by somebody who is no service")
        : request.Name.ToUpperInvariant() switch
        {
            "ANN" => Task.FromResult(new Account { Name = "ann", Tenant = "globex", DisplayName = "Ann Example", Email = "ann@globex.test" }),
            "BOB" => Task.FromResult(new Account { Name = "bob", Tenant = "globex" }),
            _ => throw new ErrorException(Error.NotFound("ACCOUNT_NOT_FOUND", "there is no such account")),
        };

    public static DateTime TokenMade { get; } = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    public override Task<Principal> WhoAmI(WhoAmIRequest request, ServerCallContext context) => Task.FromResult(context.GetCaller().Principal);

    public override Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context) => Task.FromResult(new ListTokensResponse
    {
        Tokens = { new Token { Id = context.GetCaller().Principal.TokenId, DisplayName = "laptop", CreatedAt = Timestamp.FromDateTime(TokenMade) } },
    });
}
