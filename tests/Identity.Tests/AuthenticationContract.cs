using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Whose a credential is, on either engine.</summary>
public abstract class AuthenticationContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Authenticate_Empty_IsAnonymousWithReadOnly()
    {
        await using var garden = await StartAsync();

        var answer = await garden.AuthenticateAsync("");

        Assert.Equal(PrincipalKind.Anonymous, answer.Principal.Kind);
        Assert.Equal([Scopes.Read], answer.Principal.Scopes);
        Assert.Empty(answer.Principal.Roles);
    }

    [Fact]
    public async Task Authenticate_AdminToken_IsRootWithAllScopes()
    {
        await using var garden = await StartAsync();

        var answer = await garden.AuthenticateAsync(IdentityGarden.AdminToken);
        var self = await garden.With(answer.InternalToken).WhoAmIAsync(new(), cancellationToken: Cancel);

        Assert.Equal(("root", "garden", "admin", PrincipalKind.Person), (self.Name, self.Tenant, self.TokenId, self.Kind));
        Assert.Equal([Roles.Operator, Roles.Curator, Roles.Admin], self.Roles);
        Assert.Equal(Scopes.All, self.Scopes);
        Assert.Equal(answer.Principal, self);
    }

    [Fact]
    public async Task Authenticate_AdminToken_MakesTokensForRootThatCarryItsRoles()
    {
        await using var garden = await StartAsync();
        var admin = await garden.AuthenticateAsync(IdentityGarden.AdminToken);

        var made = await garden.With(admin.InternalToken).CreateTokenAsync(new() { Scopes = { Scopes.Curate } }, cancellationToken: Cancel);
        var answer = await garden.AuthenticateAsync(made.Secret);

        Assert.Equal([Roles.Operator, Roles.Curator, Roles.Admin], answer.Principal.Roles);
        Assert.Equal([Scopes.Curate], answer.Principal.Scopes);
    }

    [Theory]
    [InlineData("any-text-of-the-admin2")]
    [InlineData("hf_something")]
    [InlineData("hf_garden_000000000000000000000000000000000")]
    [InlineData("hf_garden_Ünicode00000000000000000000000000")]
    public async Task Authenticate_Wrong_IsBadToken(string credential)
    {
        await using var garden = await StartAsync();

        await IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, "BAD_TOKEN", garden.AsGateway().AuthenticateAsync(new() { Credential = credential }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Authenticate_WellFormedButNeverGivenOut_IsBadToken()
    {
        await using var garden = await StartAsync();

        await RefusedAsync(garden, TokenText.Make(), "BAD_TOKEN");
    }

    [Fact]
    public async Task Authenticate_Token_NamesAccountRolesScopesAndToken()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann", Scopes.Read, Scopes.Deploy);

        var answer = await garden.AuthenticateAsync(made.Secret);

        Assert.Equal(("ann", "acme", made.Token.Id, PrincipalKind.Person), (answer.Principal.Name, answer.Principal.Tenant, answer.Principal.TokenId, answer.Principal.Kind));
        Assert.Equal([Roles.Engineer], answer.Principal.Roles);
        Assert.Equal([Scopes.Read, Scopes.Deploy], answer.Principal.Scopes);
        Assert.Equal(garden.Clock.GetUtcNow() + InternalToken.Lifetime, answer.ExpiresAt.ToDateTimeOffset(), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Authenticate_Expired_IsRefusedFromThatMomentOn()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "ann" }, cancellationToken: Cancel);
        var made = await garden.As(People.Admin()).CreateTokenAsync(new() { Account = "ann", LifetimeDays = 1 }, cancellationToken: Cancel);

        garden.Clock.Jump(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal("ann", (await garden.AuthenticateAsync(made.Secret)).Principal.Name);
        garden.Clock.Jump(TimeSpan.FromSeconds(1));

        await RefusedAsync(garden, made.Secret, "TOKEN_EXPIRED");
    }

    [Fact]
    public async Task Authenticate_Revoked_IsRefused()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        await garden.As(People.Engineer()).RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel);

        await RefusedAsync(garden, made.Secret, "TOKEN_REVOKED");
    }

    [Fact]
    public async Task Authenticate_DisabledAccount_IsRefusedUntilEnabledAgain()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = true }, cancellationToken: Cancel);
        await RefusedAsync(garden, made.Secret, "ACCOUNT_DISABLED");
        await garden.As(People.Admin()).SetAccountDisabledAsync(new() { Name = "ann", Disabled = false }, cancellationToken: Cancel);

        Assert.Equal("ann", (await garden.AuthenticateAsync(made.Secret)).Principal.Name);
    }

    [Fact]
    public async Task Authenticate_RolesTakenAway_IsNoMemberAnyMore()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");
        Assert.Equal([Roles.Engineer], (await garden.AuthenticateAsync(made.Secret)).Principal.Roles);

        await WithMemberChangeAsync(garden, () => garden.Entitlement(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "ann" }, cancellationToken: Cancel).ResponseAsync);

        await RefusedAsync(garden, made.Secret, "NOT_A_MEMBER");
    }

    [Fact]
    public async Task Authenticate_RolesChanged_FollowsEntitlementsFeed()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        await WithMemberChangeAsync(
            garden, () => garden.Entitlement(People.Admin()).SetMemberAsync(new() { Tenant = "acme", Account = "ann", Roles = { Roles.Legal } }, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal([Roles.Legal], (await garden.AuthenticateAsync(made.Secret)).Principal.Roles);
    }

    [Fact]
    public async Task Authenticate_ByAPerson_IsForServicesOnly()
    {
        await using var garden = await StartAsync();

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "SERVICES_ONLY", garden.As(People.Operator).AuthenticateAsync(new(), cancellationToken: Cancel));
    }

    [Fact]
    public async Task IssueServiceToken_RightSecret_IsAcceptedByEntitlement()
    {
        await using var garden = await StartAsync();
        var identity = new Contracts.V1.Identity.IdentityClient(garden.Garden.AsNobody(ServiceNames.Identity));

        var issued = await identity.IssueServiceTokenAsync(new() { Service = ServiceNames.Hub, Secret = "a secret of tests, long enough for all" }, cancellationToken: Cancel);
        var member = await new Contracts.V1.Entitlement.EntitlementClient(garden.Garden.With(issued.InternalToken, ServiceNames.Entitlement))
            .GetMemberAsync(new() { Tenant = "garden", Account = "root" }, cancellationToken: Cancel);

        Assert.Contains(Roles.Operator, member.Roles);
    }

    [Theory]
    [InlineData("hub", "a secret of tests, long enough for none", ErrorCode.Unauthenticated, "BAD_SECRET")]
    [InlineData("hub", "", ErrorCode.Unauthenticated, "BAD_SECRET")]
    [InlineData("intruder", "a secret of tests, long enough for all", ErrorCode.InvalidArgument, "UNKNOWN_SERVICE")]
    public async Task IssueServiceToken_WrongSecretOrName_IsRefused(string service, string secret, ErrorCode code, string reason)
    {
        await using var garden = await StartAsync();
        var identity = new Contracts.V1.Identity.IdentityClient(garden.Garden.AsNobody(ServiceNames.Identity));

        await IdentityGarden.RefusedAsync(code, reason, identity.IssueServiceTokenAsync(new() { Service = service, Secret = secret }, cancellationToken: Cancel));
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    private static Task<string> RefusedAsync(IdentityGarden garden, string secret, string reason) =>
        IdentityGarden.RefusedAsync(ErrorCode.Unauthenticated, reason, garden.AsGateway().AuthenticateAsync(new() { Credential = secret }, cancellationToken: Cancel));

    /// <summary>Waits until Identity has heard of ann's change.</summary>
    private static async Task WithMemberChangeAsync(IdentityGarden garden, Func<Task<Member>> change)
    {
        var members = garden.Part<MemberDirectory>();
        var heard = new List<Change>();
        var any = new SemaphoreSlim(0);
        members.Applied += Hear;
        var wanted = await change();
        do
        {
            Assert.True(await any.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        }
        while (!heard.Exists(one => one.Key == "member/acme/ann" && (one.State?.Unpack<Member>().Roles ?? []).SequenceEqual(wanted.Roles)));
        members.Applied -= Hear;

        void Hear(Change one)
        {
            heard.Add(one);
            any.Release();
        }
    }
}

public sealed class SqliteAuthenticationTests : AuthenticationContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresAuthenticationTests : AuthenticationContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
