using Grpc.Core;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Testing;

namespace ModelGarden.Hosting.Tests.Access;

/// <summary>Every kind of caller against every kind of rule, over real calls: what is let through meets a service that implements nothing.</summary>
public sealed class AccessTests(AccessTests.Doubles doubles) : IClassFixture<AccessTests.Doubles>
{
    private const string Allowed = "";

    private static readonly Dictionary<string, Principal> Callers = new()
    {
        ["anonymous"] = People.Anonymous,
        ["of no kind"] = new() { Name = "ghost", Tenant = "acme", Roles = { Roles.All }, Scopes = { Scopes.All } },
        ["of a kind to come"] = new() { Kind = (PrincipalKind)99, Tenant = "acme", Roles = { Roles.All }, Scopes = { Scopes.All } },
        ["engineer"] = People.Engineer(),
        ["reader"] = new() { Kind = PrincipalKind.Person, Name = "rea", Tenant = "acme", Roles = { Roles.Engineer }, Scopes = { Scopes.Read } },
        ["lawyer"] = People.Person("lea", "acme", Roles.Legal),
        ["without roles"] = People.Person("nil", "acme"),
        ["service account"] = new() { Kind = PrincipalKind.ServiceAccount, Name = "bot", Tenant = "acme", Roles = { Roles.Engineer }, Scopes = { Scopes.All } },
        ["operator"] = People.Person("ops", "garden", Roles.Operator),
        ["operator that reads"] = new() { Kind = PrincipalKind.Person, Name = "ops", Tenant = "garden", Roles = { Roles.Operator }, Scopes = { Scopes.Read } },
        ["service"] = People.Service("hub"),
    };

    private static readonly Dictionary<string, Func<CallInvoker, Task>> Calls = new()
    {
        ["anyone"] = async invoker => await new Identity.IdentityClient(invoker).ListSigningKeysAsync(new()),
        ["visitor"] = async invoker => await new Entitlement.EntitlementClient(invoker).GetLicenseAsync(new()),
        ["service"] = async invoker => await new Entitlement.EntitlementClient(invoker).GetMemberAsync(new()),
        ["member with scope"] = async invoker => await new Deployment.DeploymentClient(invoker).GetEndpointAsync(new()),
        ["member with scope, streamed"] = async invoker => await new Deployment.DeploymentClient(invoker).WatchEndpoint(new()).ResponseStream.MoveNext(CancellationToken.None),
        ["engineer or admin with scope"] = async invoker => await new Deployment.DeploymentClient(invoker).CreateEndpointAsync(new()),
    };

    public static TheoryData<string, string, string> Matrix()
    {
        string[] calls = ["anyone", "visitor", "member with scope", "member with scope, streamed", "engineer or admin with scope", "service"];
        return new(
            from row in new (string Caller, string[] Expected)[]
            {
                ("nobody", [Allowed, "NO_INTERNAL_TOKEN", "NO_INTERNAL_TOKEN", "NO_INTERNAL_TOKEN", "NO_INTERNAL_TOKEN", "NO_INTERNAL_TOKEN"]),
                ("anonymous", [Allowed, Allowed, "SIGN_IN", "SIGN_IN", "SIGN_IN", "SERVICES_ONLY"]),
                ("of no kind", [Allowed, Allowed, "SIGN_IN", "SIGN_IN", "SIGN_IN", "SERVICES_ONLY"]),
                ("of a kind to come", [Allowed, Allowed, "SIGN_IN", "SIGN_IN", "SIGN_IN", "SERVICES_ONLY"]),
                ("engineer", [Allowed, Allowed, Allowed, Allowed, Allowed, "SERVICES_ONLY"]),
                ("reader", [Allowed, Allowed, Allowed, Allowed, "SCOPE_MISSING", "SERVICES_ONLY"]),
                ("lawyer", [Allowed, Allowed, Allowed, Allowed, "ROLE_MISSING", "SERVICES_ONLY"]),
                ("without roles", [Allowed, Allowed, Allowed, Allowed, "ROLE_MISSING", "SERVICES_ONLY"]),
                ("service account", [Allowed, Allowed, Allowed, Allowed, Allowed, "SERVICES_ONLY"]),
                ("operator", [Allowed, Allowed, Allowed, Allowed, Allowed, "SERVICES_ONLY"]),
                ("operator that reads", [Allowed, Allowed, Allowed, Allowed, "SCOPE_MISSING", "SERVICES_ONLY"]),
                ("service", [Allowed, Allowed, Allowed, Allowed, Allowed, Allowed]),
            }
            from pair in calls.Zip(row.Expected)
            select new TheoryDataRow<string, string, string>(row.Caller, pair.First, pair.Second));
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Call_OfOneKindByOneKind_IsAllowedOrRefusedWithTheReason(string caller, string call, string expected)
    {
        var service = call switch
        {
            "anyone" => ServiceNames.Identity,
            "visitor" or "service" => ServiceNames.Entitlement,
            _ => ServiceNames.Deployment,
        };
        var invoker = caller is "nobody" ? doubles.Garden.AsNobody(service) : doubles.Garden.As(Callers[caller], service);

        var exception = await Assert.ThrowsAsync<RpcException>(() => Calls[call](invoker));

        Assert.Equal(expected, exception.StatusCode is StatusCode.Unimplemented ? Allowed : exception.Trailers.GetValue("garden-reason"));
    }

    [Fact]
    public async Task Call_OfAMethodThatIsNotMapped_IsUnimplementedToAServiceAndNothingToNobody()
    {
        var known = await Assert.ThrowsAsync<RpcException>(async () => await new Search.SearchClient(doubles.Garden.As(People.Service("hub"), ServiceNames.Identity)).QueryAsync(new(), cancellationToken: TestContext.Current.CancellationToken));
        var nobody = await Assert.ThrowsAsync<RpcException>(async () => await new Search.SearchClient(doubles.Garden.AsNobody(ServiceNames.Identity)).QueryAsync(new(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.Unimplemented, known.StatusCode);
        Assert.Equal(StatusCode.Unauthenticated, nobody.StatusCode);
    }

    /// <summary>Services that implement nothing.</summary>
    public sealed class Doubles : IAsyncLifetime
    {
        public TestGarden Garden { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Garden = await TestGarden.StartAsync(
            new ServiceDefinition(ServiceNames.Identity, _ => { }, app => app.MapGarden<NoIdentity>(Identity.Descriptor)),
            new ServiceDefinition(ServiceNames.Entitlement, _ => { }, app => app.MapGarden<NoEntitlement>(Entitlement.Descriptor)),
            new ServiceDefinition(ServiceNames.Deployment, _ => { }, app => app.MapGarden<NoDeployment>(Deployment.Descriptor)));

        public ValueTask DisposeAsync() => Garden.DisposeAsync();

        private sealed class NoIdentity : Identity.IdentityBase;

        private sealed class NoEntitlement : Entitlement.EntitlementBase;

        private sealed class NoDeployment : Deployment.DeploymentBase;
    }
}
