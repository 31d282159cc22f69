using Google.Protobuf.WellKnownTypes;
using ModelGarden.Cli.Tests.Doubles;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Tests.Commands;

/// <summary>Accounts, tokens, tenants, usage.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private GardenDouble _garden = null!;
    private Machine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _garden = await GardenDouble.StartAsync();
        _machine = new(_garden);
    }

    public async ValueTask DisposeAsync()
    {
        _machine.Dispose();
        await _garden.DisposeAsync();
    }

    [Fact]
    public async Task Accounts_Create_SendsWhatWasSaid()
    {
        CreateAccountRequest? sent = null;
        _garden.On<CreateAccountRequest>("CreateAccount", request =>
        {
            sent = request;
            return new Account { Name = request.Name, Tenant = "acme", Kind = request.Kind };
        });

        var ran = (await _machine.RunAsync("accounts", "create", "robot", "--service", "--tenant", "acme", "--role", "engineer", "--role", "admin", "--email", "r@example.org", "--display-name", "Robot")).Ok();

        Assert.Equal(
            new CreateAccountRequest { Name = "robot", Kind = PrincipalKind.ServiceAccount, Tenant = "acme", Roles = { "engineer", "admin" }, Email = "r@example.org", DisplayName = "Robot" }, sent);
        Assert.Matches(@"kind +service account\n", ran.Out);
        Assert.Equal("robot", (string?)(await _machine.RunAsync("accounts", "create", "robot", "--json")).Ok().Json["name"]);
    }

    [Fact]
    public async Task Accounts_List_InTableAndJson()
    {
        _garden.On<ListAccountsRequest>("ListAccounts", request => new ListAccountsResponse { Accounts = { new Account { Name = "ada", Tenant = request.Tenant, Disabled = true } } });

        Assert.Matches(@"ada .* disabled\n", (await _machine.RunAsync("accounts", "list", "--tenant", "acme")).Ok().Out);
        Assert.True((bool)(await _machine.RunAsync("accounts", "list", "--json")).Ok().Json["accounts"]![0]!["disabled"]!);
    }

    [Fact]
    public async Task Accounts_ResetPassword_WritesTheLinkAlone()
    {
        _garden.On<CreatePasswordResetRequest>("CreatePasswordReset", request => new CreatePasswordResetResponse { Path = $"/account/reset?link=of-{request.Account}" });

        var ran = (await _machine.RunAsync("accounts", "reset-password", "ada")).Ok();

        Assert.EndsWith("/account/reset?link=of-ada\n", ran.Out, StringComparison.Ordinal);
        Assert.StartsWith("http", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("link=", ran.Err, StringComparison.Ordinal);
        Assert.Equal("/account/reset?link=of-ada", (string?)(await _machine.RunAsync("accounts", "reset-password", "ada", "--json")).Ok().Json["path"]);
    }

    [Fact]
    public async Task Accounts_RemoveSecondFactorAndSignOut_SayWhatBecameOfIt()
    {
        _garden.On<RemoveSecondFactorRequest>("RemoveSecondFactor", request => new Account { Name = request.Account, Tenant = "acme" });
        _garden.On<EndSessionsRequest>("EndSessions", _ => new EndSessionsResponse { Ended = 3 });

        Assert.Contains("ada", (await _machine.RunAsync("accounts", "remove-second-factor", "ada")).Ok().Out, StringComparison.Ordinal);
        Assert.Contains("sessions ended: 3", (await _machine.RunAsync("accounts", "sign-out", "ada")).Ok().Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitations_CreateListAndRevoke()
    {
        CreateInvitationRequest? sent = null;
        _garden.On<CreateInvitationRequest>("CreateInvitation", request =>
        {
            sent = request;
            return new CreateInvitationResponse { Invitation = new() { Id = "i1", Tenant = "acme" }, Path = "/account/invitation?link=s3cret" };
        });
        _garden.On<ListInvitationsRequest>("ListInvitations", _ => new ListInvitationsResponse
        {
            Invitations =
            {
                new Invitation { Id = "i1", Email = "a@example.org" },
                new Invitation { Id = "i2", AcceptedBy = "ada", AcceptedAt = new() },
                new Invitation { Id = "i3", RevokedAt = new() },
                new Invitation { Id = "i4", ExpiresAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) },
            },
        });
        _garden.On<RevokeInvitationRequest>("RevokeInvitation", request => new Invitation { Id = request.Id, Tenant = "acme" });

        var ran = (await _machine.RunAsync("invitations", "create", "--email", "a@example.org", "--display-name", "Ada", "--name", "ada", "--role", "legal", "--tenant", "acme", "--days", "3")).Ok();

        Assert.Equal(new CreateInvitationRequest { Email = "a@example.org", DisplayName = "Ada", Name = "ada", Roles = { "legal" }, Tenant = "acme", LifetimeDays = 3 }, sent);
        Assert.EndsWith("/account/invitation?link=s3cret\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", ran.Err, StringComparison.Ordinal);
        Assert.Matches(@"i1 .* open\ni2 .*ada.* accepted\ni3 .* revoked\ni4 .* expired\n", (await _machine.RunAsync("invitations", "list")).Ok().Out);
        Assert.Contains("invitation i1 into acme is revoked", (await _machine.RunAsync("invitations", "revoke", "i1")).Ok().Err, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("invitations", "create", "--days", "31")).Code);
    }

    [Fact]
    public async Task Tokens_Create_WritesTheSecretAlone()
    {
        _garden.On<CreateTokenRequest>("CreateToken", request => new CreateTokenResponse
        {
            Secret = "hf_garden_new",
            Token = new() { Id = "t1", Account = request.Account, Scopes = { request.Scopes } },
        });

        var ran = (await _machine.RunAsync("tokens", "create", "--account", "ada", "--scope", "read", "--scope", "call", "--days", "7")).Ok();

        Assert.Equal("hf_garden_new\n", ran.Out);
        Assert.DoesNotContain("hf_garden_new", ran.Err, StringComparison.Ordinal);
        Assert.Equal("hf_garden_new", (string?)(await _machine.RunAsync("tokens", "create", "--json")).Ok().Json["secret"]);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("tokens", "create", "--days", "400")).Code);
    }

    [Fact]
    public async Task Tokens_ListAndRevoke()
    {
        _garden.On<ListTokensRequest>("ListTokens", _ => new ListTokensResponse
        {
            Tokens =
            {
                new Token { Id = "t1", Account = "ada", Scopes = { "read" } },
                new Token { Id = "t2", Account = "ada", ExpiresAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) },
            },
        });
        _garden.On<RevokeTokenRequest>("RevokeToken", request => new Token { Id = request.Id, Account = "ada" });

        Assert.Matches(@"t1 .* good\nt2 .* expired\n", (await _machine.RunAsync("tokens", "list")).Ok().Out);
        Assert.Contains("token a/b? of ada is revoked", (await _machine.RunAsync("tokens", "revoke", "a/b?")).Ok().Err, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, (await _machine.RunAsync("tokens", "revoke", "..")).Code);
    }

    [Fact]
    public async Task Tenants_CreateAndList()
    {
        _garden.On<CreateTenantRequest>("CreateTenant", request => new Tenant { Name = request.Name, DisplayName = request.DisplayName });
        _garden.On<ListTenantsRequest>("ListTenants", _ => new ListTenantsResponse { Tenants = { new Tenant { Name = "acme", DisplayName = "Acme Ltd" } } });

        Assert.Contains("Acme Ltd", (await _machine.RunAsync("tenants", "create", "acme", "--display-name", "Acme Ltd")).Ok().Out, StringComparison.Ordinal);
        Assert.Contains("acme    Acme Ltd", (await _machine.RunAsync("tenants", "list")).Ok().Out, StringComparison.Ordinal);
        Assert.Equal("acme", (string?)(await _machine.RunAsync("tenants", "list", "--json")).Ok().Json["tenants"]![0]!["name"]);
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("tenants", "create", "a b")).Code);
    }

    [Fact]
    public async Task Usage_Since_AsksFromThenOn()
    {
        GetUsageRequest? asked = null;
        _garden.On<GetUsageRequest>("GetUsage", request =>
        {
            asked = request;
            var row = new UsageRow { Day = "2026-11-01", Endpoint = "tiny", Account = "ada", Requests = 3, InputTokens = 40, OutputTokens = 50, Milliseconds = 1500 };
            var total = row.Clone();
            total.Day = "";
            return new GetUsageResponse { Tenant = "acme", Rows = { row }, Total = total };
        });

        var ran = (await _machine.RunAsync("usage", "--since", "2026-11-01", "--tenant", "acme")).Ok();

        Assert.Equal((Timestamp.FromDateTimeOffset(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero)), "acme"), (asked!.Since, asked.Tenant));
        Assert.Matches(@"2026-11-01 +tiny +ada +3 +40 +50 +1\.5\ntotal ", ran.Out);
        Assert.Equal("50", (string?)(await _machine.RunAsync("usage", "--json", "--since", "7d")).Ok().Json["total"]!["outputTokens"]);
        Assert.InRange(DateTimeOffset.UtcNow - asked.Since.ToDateTimeOffset(), TimeSpan.FromDays(7), TimeSpan.FromDays(7.01));
        Assert.Equal(ExitCodes.Usage, (await _machine.RunAsync("usage", "--since", "yesterday")).Code);
    }
}
