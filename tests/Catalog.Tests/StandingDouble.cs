using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Kernel;

namespace ModelGarden.Catalog.Tests;

/// <summary>Identity and Entitlement as far as Catalog asks them: whether an account is still there.</summary>
internal sealed class StandingDouble
{
    public ServiceDefinition Identity => new(
        ServiceNames.Identity, builder => builder.Services.AddSingleton(new Accounts(this)), app => app.MapGarden<Accounts>(Contracts.V1.Identity.Descriptor));

    public ServiceDefinition Entitlement => new(
        ServiceNames.Entitlement, builder => builder.Services.AddSingleton(new Members(this)), app => app.MapGarden<Members>(Contracts.V1.Entitlement.Descriptor));

    /// <summary>The account that is disabled.</summary>
    public string Disabled { get; set; } = "";

    /// <summary>The account that is no member any more.</summary>
    public string Removed { get; set; } = "";

    /// <summary>Neither answers.</summary>
    public bool IsAway { get; set; }

    private void Answer()
    {
        if (IsAway)
        {
            throw new ErrorException(Error.Conflict("AWAY", "not now"));
        }
    }

    private sealed class Accounts(StandingDouble standing) : Contracts.V1.Identity.IdentityBase
    {
        public override Task<Account> GetAccount(GetAccountRequest request, ServerCallContext context)
        {
            standing.Answer();
            return Task.FromResult(new Account { Name = request.Name, Disabled = request.Name == standing.Disabled });
        }
    }

    private sealed class Members(StandingDouble standing) : Contracts.V1.Entitlement.EntitlementBase
    {
        public override Task<Member> GetMember(GetMemberRequest request, ServerCallContext context)
        {
            standing.Answer();
            return Task.FromResult(new Member { Tenant = request.Tenant, Account = request.Account, Roles = { request.Account == standing.Removed ? [] : ["engineer"] } });
        }
    }
}
