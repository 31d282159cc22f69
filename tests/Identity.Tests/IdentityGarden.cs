using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Errors;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Identity and Entitlement, both real, with a tenant <c>acme</c>.</summary>
internal sealed class IdentityGarden : IAsyncDisposable
{
    public const string AdminToken = "any-text-of-the-admin";
    private readonly TestDatabase? _database;

    private IdentityGarden(TestGarden garden, TestDatabase? database, ManualClock clock) => (Garden, _database, Clock) = (garden, database, clock);

    public TestGarden Garden { get; }

    public ManualClock Clock { get; }

    private static CancellationToken Cancel => Patience.Cancel;

    public static async Task<IdentityGarden> StartAsync(TestDatabase? database)
    {
        var clock = new ManualClock();
        var settings = new Dictionary<string, string> { ["AdminToken"] = AdminToken };
        var garden = await TestGarden.StartAsync(database, clock, settings, EntitlementModule.Definition, IdentityModule.Definition);
        await EntitlementOf(garden, People.Operator).CreateTenantAsync(new() { Name = "acme" }, cancellationToken: Cancel);
        return new(garden, database, clock);
    }

    public Contracts.V1.Identity.IdentityClient As(Principal principal) => new(Garden.As(principal, ServiceNames.Identity));

    public Contracts.V1.Identity.IdentityClient With(string internalToken) => new(Garden.With(internalToken, ServiceNames.Identity));

    public Contracts.V1.Identity.IdentityClient AsGateway() => As(People.Service(ServiceNames.Gateway));

    public Contracts.V1.Entitlement.EntitlementClient Entitlement(Principal principal) => EntitlementOf(Garden, principal);

    public T Part<T>()
        where T : notnull => Garden.PartsOf(ServiceNames.Identity).GetRequiredService<T>();

    public async Task<AuthenticateResponse> AuthenticateAsync(string credential) =>
        await AsGateway().AuthenticateAsync(new() { Credential = credential }, cancellationToken: Cancel);

    /// <summary>Makes an account of acme and a token of its own with these scopes.</summary>
    public async Task<CreateTokenResponse> EnrolAsync(string name, params string[] scopes)
    {
        var admin = People.Admin();
        await As(admin).CreateAccountAsync(new() { Name = name }, cancellationToken: Cancel);
        return await As(admin).CreateTokenAsync(new() { Account = name, Scopes = { scopes } }, cancellationToken: Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Garden.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>The call is refused with this code and reason; answers what it said.</summary>
    public static async Task<string> RefusedAsync<T>(ErrorCode code, string reason, AsyncUnaryCall<T> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await call);
        var error = exception.ToError("the service");
        Assert.Equal((code, reason), (error.Code, error.Reason));
        return error.Message;
    }

    private static Contracts.V1.Entitlement.EntitlementClient EntitlementOf(TestGarden garden, Principal principal) => new(garden.As(principal, ServiceNames.Entitlement));
}
