using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Accounts and who may do what with them, on either engine.</summary>
public abstract class AccountContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task CreateAccount_ByAdmin_IsListedAndAMember()
    {
        await using var garden = await StartAsync();

        var account = await garden.As(People.Admin()).CreateAccountAsync(
            new() { Name = "Ann", DisplayName = "Ann Ng", Email = "ann@acme.example", Roles = { Roles.Legal, Roles.Engineer } }, cancellationToken: Cancel);

        Assert.Equal(("Ann", "acme", PrincipalKind.Person, "Ann Ng", "ann@acme.example"), (account.Name, account.Tenant, account.Kind, account.DisplayName, account.Email));
        Assert.Equal([account], (await garden.As(People.Admin()).ListAccountsAsync(new(), cancellationToken: Cancel)).Accounts);
        Assert.Equal([Roles.Legal, Roles.Engineer], await RolesAsync(garden, "ann"));
    }

    [Fact]
    public async Task CreateAccount_NameTaken_ExistsWhateverItsCaseAndTenant()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");

        await IdentityGarden.RefusedAsync(ErrorCode.AlreadyExists, "ACCOUNT_EXISTS", garden.As(People.Admin()).CreateAccountAsync(new() { Name = "ANN" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(
            ErrorCode.AlreadyExists, "ACCOUNT_EXISTS", garden.As(People.Operator).CreateAccountAsync(new() { Name = "ann", Roles = { Roles.Operator } }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.AlreadyExists, "ACCOUNT_EXISTS", garden.As(People.Operator).CreateAccountAsync(new() { Name = "root" }, cancellationToken: Cancel));
        Assert.Equal([Roles.Engineer], await RolesAsync(garden, "ann"));
    }

    [Fact]
    public async Task CreateAccount_EightAtOnce_OneWins()
    {
        await using var garden = await StartAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel);
                return "made";
            }
            catch (Grpc.Core.RpcException exception)
            {
                return exception.StatusCode.ToString();
            }
        })));

        Assert.Equal(1, outcomes.Count(outcome => outcome is "made"));
        Assert.All(outcomes, outcome => Assert.True(outcome is "made" or "AlreadyExists", outcome));
    }

    [Fact]
    public async Task CreateAccount_BrokenOffHalfWay_IsNobodyUntilAskedForAgain()
    {
        await using var garden = await StartAsync();
        await BeginAsync(garden, "ann", "account/ada", garden.Clock.GetUtcNow());

        Assert.Empty((await garden.As(People.Admin()).ListAccountsAsync(new(), cancellationToken: Cancel)).Accounts);
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", garden.As(People.Admin()).CreateTokenAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        foreach (var (other, tenant) in new[] { (People.Operator, "garden"), (People.Operator, "acme"), (People.Person("abe", "acme", Roles.Admin), "acme") })
        {
            await IdentityGarden.RefusedAsync(ErrorCode.AlreadyExists, "ACCOUNT_EXISTS", garden.As(other).CreateAccountAsync(new() { Name = "ann", Tenant = tenant }, cancellationToken: Cancel));
        }

        Assert.Empty(await RolesAsync(garden, "ann"));

        var healed = await garden.EnrolAsync("ann");

        Assert.Equal("ann", (await garden.AuthenticateAsync(healed.Secret)).Principal.Name);
    }

    [Fact]
    public async Task CreateAccount_BrokenOffAndLeft_IsTakenAwayWithItsRoles()
    {
        await using var garden = await StartAsync();
        foreach (var (name, minutes) in new[] { ("ann", 60), ("bob", 59) })
        {
            await garden.Entitlement(People.Operator).SetMemberAsync(new() { Tenant = "acme", Account = name, Roles = { Roles.Admin } }, cancellationToken: Cancel);
            await BeginAsync(garden, name, "invitation/1", garden.Clock.GetUtcNow() - TimeSpan.FromMinutes(minutes));
        }

        await garden.Part<AccountMaker>().SweepAsync(Cancel);

        Assert.Empty(await RolesAsync(garden, "ann"));
        await garden.As(People.Operator).CreateAccountAsync(new() { Name = "ann", Tenant = "acme" }, cancellationToken: Cancel);
        Assert.Equal([Roles.Admin], await RolesAsync(garden, "bob"));
        await IdentityGarden.RefusedAsync(ErrorCode.AlreadyExists, "ACCOUNT_EXISTS", garden.As(People.Operator).CreateAccountAsync(new() { Name = "bob", Tenant = "acme" }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("a", "", "", "BAD_ACCOUNT_NAME")]
    [InlineData("ann", "", "king", "BAD_ROLE")]
    [InlineData("ann", "nowhere", "", "BAD_EMAIL")]
    public async Task CreateAccount_BadInput_IsRefused(string name, string email, string role, string reason)
    {
        await using var garden = await StartAsync();
        var request = new CreateAccountRequest { Name = name, Email = email, Roles = { role.Length > 0 ? [role] : [] } };

        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, reason, garden.As(People.Admin()).CreateAccountAsync(request, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreateAccount_TenantThatIsNotThere_IsNotFoundAndTakesNoName()
    {
        await using var garden = await StartAsync();

        await IdentityGarden.RefusedAsync(
            ErrorCode.NotFound, "TENANT_NOT_FOUND", garden.As(People.Operator).CreateAccountAsync(new() { Name = "ann", Tenant = "nowhere" }, cancellationToken: Cancel));

        await garden.EnrolAsync("ann");
    }

    [Theory]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Curator)]
    [InlineData(Roles.Auditor)]
    public async Task CreateAccount_GardenRole_IsTheOperatorsToGive(string role)
    {
        await using var garden = await StartAsync();
        var request = new CreateAccountRequest { Name = "ann", Tenant = "acme", Roles = { role } };

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", garden.As(People.Admin()).CreateAccountAsync(request, cancellationToken: Cancel));
        await garden.As(People.Operator).CreateAccountAsync(request, cancellationToken: Cancel);

        Assert.Equal([role], await RolesAsync(garden, "ann"));
    }

    [Fact]
    public async Task GetAccount_ByAService_TellsOfEveryTenants()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "Ann", DisplayName = "Ann Example", Email = "ann@acme.test" }, cancellationToken: Cancel);
        var hub = garden.As(People.Service(ServiceNames.Hub));

        var account = await hub.GetAccountAsync(new() { Name = "ANN" }, cancellationToken: Cancel);

        Assert.Equal(("Ann", "acme", "Ann Example", "ann@acme.test"), (account.Name, account.Tenant, account.DisplayName, account.Email));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", hub.GetAccountAsync(new() { Name = "nobody" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task EveryCall_ByAdminOfAnotherTenant_FindsNothing()
    {
        await using var garden = await StartAsync();
        await garden.Entitlement(People.Operator).CreateTenantAsync(new() { Name = "umbrella" }, cancellationToken: Cancel);
        var made = await garden.EnrolAsync("ann");
        var stranger = garden.As(People.Person("eve", "umbrella", Roles.Admin));

        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.CreateAccountAsync(new() { Name = "bob", Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.ListAccountsAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", stranger.SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "SERVICES_ONLY", stranger.GetAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", stranger.CreateTokenAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", stranger.ListTokensAsync(new() { Account = "ann" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TOKEN_NOT_FOUND", stranger.RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel));
        Assert.Empty((await stranger.ListAccountsAsync(new(), cancellationToken: Cancel)).Accounts);
    }

    [Fact]
    public async Task EngineersCalls_AboutOthers_AreRefused()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");
        var bobs = await garden.EnrolAsync("bob");
        var ann = garden.As(People.Engineer());

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", ann.CreateAccountAsync(new() { Name = "eve" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", ann.CreateTokenAsync(new() { Account = "bob" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TOKEN_NOT_FOUND", ann.RevokeTokenAsync(new() { Id = bobs.Token.Id }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task TenantsAdmin_ForAnAccountWithAGardenRole_CannotBecomeIt()
    {
        await using var garden = await StartAsync();
        var admin = garden.As(People.Person("gus", "garden", Roles.Admin));

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", admin.CreateTokenAsync(new() { Account = "root" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", admin.SetAccountDisabledAsync(new() { Name = "root", Disabled = true }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task GetAccount_ByAService_SaysHowItIsNow()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("Ann");
        var service = garden.As(People.Service(ServiceNames.Catalog));

        Assert.False((await service.GetAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel)).Disabled);
        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);

        var account = await service.GetAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel);
        Assert.Equal(("Ann", "acme", true), (account.Name, account.Tenant, account.Disabled));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "ACCOUNT_NOT_FOUND", service.GetAccountAsync(new() { Name = "nobody" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "SERVICES_ONLY", garden.As(People.Admin()).GetAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Changes_OfAccountsAndTokens_StandOnTheFeed()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("Ann");
        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);
        await garden.As(People.Admin()).RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel);

        var states = await garden.FeedAsync();

        Assert.Equal(("Ann", true), (states["account/ann"]!.Unpack<Account>().Name, states["account/ann"]!.Unpack<Account>().Disabled));
        Assert.NotNull(states[$"token/{made.Token.Id}"]!.Unpack<Token>().RevokedAt);
        Assert.True(states.ContainsKey("account/root"));
        Assert.DoesNotContain(states.Values, state => state!.ToString().Contains(made.Secret, StringComparison.Ordinal));
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    /// <summary>An account of acme as it is before it has its roles.</summary>
    private static async Task BeginAsync(IdentityGarden garden, string name, string owner, DateTimeOffset at)
    {
        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        context.Add(new AccountRow
        {
            Key = name, Name = name, Kind = PrincipalKind.Person, Tenant = "acme", TenantKey = "acme", DisplayName = "", Email = "", Pending = true, Owner = owner, CreatedAt = at,
        });
        await context.SaveChangesAsync(Cancel);
    }

    private static async Task<IEnumerable<string>> RolesAsync(IdentityGarden garden, string account) =>
        (await garden.Entitlement(People.Service(ServiceNames.Identity)).GetMemberAsync(new() { Tenant = "acme", Account = account }, cancellationToken: Cancel)).Roles;
}

public sealed class SqliteAccountTests : AccountContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresAccountTests : AccountContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
