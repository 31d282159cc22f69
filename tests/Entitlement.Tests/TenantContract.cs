using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Entitlement.Tests;

/// <summary>Tenants, members and what one tenant may know of another, on either engine.</summary>
public abstract class TenantContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Start_NewGarden_HasItsTenantWithRoot()
    {
        await using var garden = await StartAsync();

        var members = await garden.As(People.Operator).ListMembersAsync(new() { Tenant = "garden" }, cancellationToken: Cancel);

        var root = Assert.Single(members.Members);
        Assert.Equal("root", root.Account);
        Assert.Equal([Roles.Operator, Roles.Curator, Roles.Admin], root.Roles);
    }

    [Fact]
    public async Task Start_Again_ChangesNothing()
    {
        await using var garden = await StartAsync();
        var before = await garden.AuditAsync();

        await garden.Garden.RestartAsync(EntitlementModule.Definition);

        Assert.Equal(before, await garden.AuditAsync());
    }

    [Theory]
    [InlineData("ACME", ErrorCode.AlreadyExists, "TENANT_EXISTS")]
    [InlineData("a", ErrorCode.InvalidArgument, "BAD_TENANT_NAME")]
    [InlineData("datasets", ErrorCode.InvalidArgument, "NAME_RESERVED")]
    public async Task CreateTenant_NameThatCannotBe_IsRefused(string name, ErrorCode code, string reason)
    {
        await using var garden = await StartAsync();

        await EntitlementGarden.RefusedAsync(code, reason, garden.As(People.Operator).CreateTenantAsync(new() { Name = name }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task ListTenants_ByOperator_HasAll()
    {
        await using var garden = await StartAsync();

        var tenants = await garden.As(People.Operator).ListTenantsAsync(new(), cancellationToken: Cancel);

        Assert.Equal(["acme", "garden", "umbrella"], tenants.Tenants.Select(tenant => tenant.Name));
        Assert.Equal("Acme Ltd", tenants.Tenants[0].DisplayName);
    }

    [Fact]
    public async Task SetMember_SeveralTimes_LastOneStandsAndNoneTakesAway()
    {
        await using var garden = await StartAsync();
        var admin = garden.As(People.Admin());

        await admin.SetMemberAsync(new() { Tenant = "acme", Account = "Ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await admin.SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Legal, Roles.Admin, Roles.Legal } }, cancellationToken: Cancel);
        Assert.Equal([Roles.Admin, Roles.Legal], await RolesAsync(garden, "acme", "ann"));
        await admin.SetMemberAsync(new() { Tenant = "acme", Account = "ann" }, cancellationToken: Cancel);

        Assert.Empty(await RolesAsync(garden, "acme", "ann"));
        Assert.Empty((await admin.ListMembersAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).Members);
    }

    [Theory]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Curator)]
    [InlineData(Roles.Auditor)]
    public async Task SetMember_GardenRoleByAdmin_IsDeniedBothWays(string role)
    {
        await using var garden = await StartAsync();
        var admin = garden.As(People.Admin());
        await EntitlementGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", admin.SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { role } }, cancellationToken: Cancel));

        await garden.As(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { role } }, cancellationToken: Cancel);
        await EntitlementGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", admin.SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel));
        await admin.SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { role, Roles.Engineer } }, cancellationToken: Cancel);

        Assert.Equal([role, Roles.Engineer], await RolesAsync(garden, "acme", "ann"));
    }

    [Fact]
    public async Task SetMember_OfWhoSignedInAWhileAgo_AsksHimToConfirmFirst()
    {
        await using var garden = await StartAsync();
        var admin = new Principal(People.Admin()) { TokenId = "", SessionId = "session-of-ada" };
        Grpc.Core.AsyncUnaryCall<Member> Set(TimeSpan? ago)
        {
            admin.ProvedAt = ago is { } time ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(garden.Clock.GetUtcNow() - time) : null;
            return garden.As(admin).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        }

        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", Set(null));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "STEP_UP_NEEDED", Set(Caller.Fresh + TimeSpan.FromSeconds(1)));

        Assert.Equal([Roles.Engineer], (await Set(Caller.Fresh)).Roles);
    }

    [Fact]
    public async Task SetMember_UnknownRole_NamesTheRolesThereAre()
    {
        await using var garden = await StartAsync();

        var message = await EntitlementGarden.RefusedAsync(
            ErrorCode.InvalidArgument, "BAD_ROLE", garden.As(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { "king" } }, cancellationToken: Cancel));

        Assert.Contains("engineer", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryCall_ByAdminOfAnotherTenant_FindsNoSuchTenant()
    {
        await using var garden = await StartAsync();
        var stranger = garden.As(People.Admin("umbrella"));

        const string reason = "TENANT_NOT_FOUND";
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, reason, stranger.SetMemberAsync(new() { Tenant = "acme", Account = "eve", Roles = { Roles.Admin } }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, reason, stranger.ListMembersAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, reason, stranger.GetUsageAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, reason, stranger.GetQuotaAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task GardenCalls_ByTenantsAdmin_AreDenied()
    {
        await using var garden = await StartAsync();
        var admin = garden.As(People.Admin());

        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", admin.CreateTenantAsync(new() { Name = "mine" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", admin.ListTenantsAsync(new(), cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", admin.PutLicenseAsync(new() { Id = "mit", Title = "Mine", Text = "all mine" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", admin.SetQuotaAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "SERVICES_ONLY", admin.GetMemberAsync(new() { Tenant = "acme", Account = "ann" }, cancellationToken: Cancel));
        await EntitlementGarden.RefusedAsync(ErrorCode.PermissionDenied, "SERVICES_ONLY", admin.ReportUsageAsync(new(), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Lists_OfOneTenant_ShowNothingOfAnother()
    {
        await using var garden = await StartAsync();
        await garden.AcceptAsync(People.Admin(), "mit");
        await garden.As(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        var stranger = garden.As(People.Admin("umbrella"));

        Assert.Empty((await stranger.ListAcceptancesAsync(new(), cancellationToken: Cancel)).Acceptances);
        Assert.False((await stranger.GetLicenseAsync(new() { Id = "mit" }, cancellationToken: Cancel)).Accepted);
        Assert.All((await stranger.ListAuditAsync(new(), cancellationToken: Cancel)).Records, record => Assert.Equal("umbrella", record.Tenant));
        await EntitlementGarden.RefusedAsync(ErrorCode.NotFound, "NOT_ACCEPTED", stranger.WithdrawAcceptanceAsync(new() { Id = "mit" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Changes_OfAllKinds_StandOnTheFeedWithTheirState()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await garden.As(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "bob", Roles = { Roles.Engineer } }, cancellationToken: Cancel);
        await garden.As(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "bob" }, cancellationToken: Cancel);
        await garden.AcceptAsync(People.Admin(), "mit");
        await garden.As(People.Operator).SetQuotaAsync(new() { Tenant = "acme", TokensPerDay = 10 }, cancellationToken: Cancel);

        var states = (await garden.FeedAsync()).ToDictionary(change => change.Key, change => change.State);

        Assert.Equal("Acme Ltd", states["tenant/acme"].Unpack<Tenant>().DisplayName);
        Assert.Equal([Roles.Engineer], states["member/acme/ann"].Unpack<Member>().Roles);
        Assert.Null(states["member/acme/bob"]);
        Assert.Equal((1, ""), (states["license/mit"].Unpack<License>().Version, states["license/mit"].Unpack<License>().Text));
        Assert.Equal("ada", states["acceptance/acme/mit"].Unpack<Acceptance>().Account);
        Assert.Equal(10, states["quota/acme"].Unpack<Quota>().TokensPerDay);
    }

    private protected abstract Task<EntitlementGarden> StartAsync();

    private static async Task<IEnumerable<string>> RolesAsync(EntitlementGarden garden, string tenant, string account) =>
        (await garden.As(People.Service(ServiceNames.Identity)).GetMemberAsync(new() { Tenant = tenant, Account = account }, cancellationToken: Cancel)).Roles;
}

public sealed class SqliteTenantTests : TenantContract
{
    private protected override Task<EntitlementGarden> StartAsync() => EntitlementGarden.StartAsync(null);
}

public sealed class PostgresTenantTests : TenantContract
{
    private protected override async Task<EntitlementGarden> StartAsync() => await EntitlementGarden.StartAsync(await TestDatabase.CreateAsync());
}
