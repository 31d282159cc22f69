using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;

namespace ModelGarden.Hub.Tests.Doubles;

/// <summary>Entitlement: licences, and who has accepted them.</summary>
public sealed class EntitlementDouble(LicenseBook book) : Entitlement.EntitlementBase
{
    public override Task<ListLicensesResponse> ListLicenses(ListLicensesRequest request, ServerCallContext context) => Task.FromResult(new ListLicensesResponse
    {
        Licenses = { book.RequiresAcceptance.Select(license => new License { Id = license.Key, RequiresAcceptance = license.Value }) },
    });

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
            _ => new Decision { Allowed = true, Rule = "LICENSE_ACCEPTED" },
        };
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

    public bool QuotaExceeded { get; set; }

    /// <summary>When what was accepted ends.</summary>
    public DateTimeOffset? EndsAt { get; set; }
}

/// <summary>Identity: says back who the caller is, and knows one token.</summary>
public sealed class IdentityDouble : Identity.IdentityBase
{
    public static DateTime TokenMade { get; } = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    public override Task<Principal> WhoAmI(WhoAmIRequest request, ServerCallContext context) => Task.FromResult(context.GetCaller().Principal);

    public override Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context) => Task.FromResult(new ListTokensResponse
    {
        Tokens = { new Token { Id = context.GetCaller().Principal.TokenId, DisplayName = "laptop", CreatedAt = Timestamp.FromDateTime(TokenMade) } },
    });
}
