using System.Net;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Invitations, on either engine.</summary>
public abstract class InvitationContract
{
    private const string Accept = "/account/invitation";

    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task Accept_MakesTheAccountSignedInWithItsRoles()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAdminAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new() { Email = "ann@acme.example", DisplayName = "Ann", Roles = { Roles.Legal } }, cancellationToken: Cancel);
        using var browser = garden.Open();
        var form = await browser.GetAsync(made.Path);

        var page = await AcceptAsync(browser, made, "Ann.Ng", IdentityGarden.Password);
        var who = await garden.WhoIsAsync(browser);

        Assert.Contains("ada invited you into <strong>acme</strong> as legal", form.Html, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.SeeOther, "/account"), (page.Status, page.Location));
        Assert.Equal(("Ann.Ng", "acme"), (who.Name, who.Tenant));
        Assert.Equal([Roles.Legal], who.Roles);
        var account = Assert.Single((await garden.As(People.Admin()).ListAccountsAsync(new(), cancellationToken: Cancel)).Accounts, account => account.Name is not "ada");
        Assert.Equal(("Ann.Ng", "Ann Ng", "ann@acme.example", PrincipalKind.Person), (account.Name, account.DisplayName, account.Email, account.Kind));
        using (await garden.SignInAsync("ann.ng"))
        {
        }

        var listed = Assert.Single((await garden.As(People.Admin()).ListInvitationsAsync(new(), cancellationToken: Cancel)).Invitations);
        Assert.Equal((made.Invitation.Id, "Ann.Ng", true), (listed.Id, listed.AcceptedBy, listed.AcceptedAt is not null));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(made.Path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(browser, made, "eve", IdentityGarden.Password)).Status);
        await IdentityGarden.RefusedAsync(ErrorCode.Conflict, "INVITATION_ACCEPTED", garden.As(People.Admin()).RevokeInvitationAsync(new() { Id = made.Invitation.Id }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Accept_Refused_SaysWhyBesideTheFieldAndMayBeTriedAgain()
    {
        await using var garden = await StartAsync();
        await garden.EnrolPersonAsync("bob");
        await garden.EnrolAdminAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new() { Email = "wilhelmina@acme.example" }, cancellationToken: Cancel);
        using var browser = garden.Open();
        await browser.GetAsync(made.Path);

        await RefusedAsync("b", IdentityGarden.Password, HttpStatusCode.BadRequest, "name");
        await RefusedAsync("BOB", IdentityGarden.Password, HttpStatusCode.Conflict, "name");
        await RefusedAsync("ann", "short", HttpStatusCode.BadRequest, "password");
        await RefusedAsync("ann", "wilhelmina123", HttpStatusCode.BadRequest, "password");
        Assert.Empty(browser.Session);
        Assert.Equal(HttpStatusCode.SeeOther, (await AcceptAsync(browser, made, "ann", IdentityGarden.Password)).Status);

        async Task RefusedAsync(string name, string password, HttpStatusCode status, string field)
        {
            var page = await AcceptAsync(browser, made, name, password);
            Assert.Equal(status, page.Status);
            Assert.Contains($"id=\"{field}-error\"", page.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Accept_GivenName_IsTheOneOfTheInvitation()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAdminAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new() { Name = "ann" }, cancellationToken: Cancel);
        using var browser = garden.Open();
        await browser.GetAsync(made.Path);

        await AcceptAsync(browser, made, "root2", IdentityGarden.Password);

        Assert.Equal(("ann", Roles.Engineer), (await garden.WhoIsAsync(browser)) is var who ? (who.Name, who.Roles.Single()) : default);
    }

    [Fact]
    public async Task Accept_TwiceAtOnce_MakesOneAccount()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAdminAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new(), cancellationToken: Cancel);
        var link = made.Path.Split('=')[1];
        var book = garden.Part<Invitations.InvitationBook>();

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => Task.Run(() => book.AcceptAsync(link, new($"ann{i}", "", IdentityGarden.Password), new("", ""), Cancel))));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.All(outcomes, outcome => Assert.True(outcome.Error is null or { Reason: "LINK_GONE" }, outcome.Error?.Reason));
        var account = Assert.Single((await garden.As(People.Admin()).ListAccountsAsync(new(), cancellationToken: Cancel)).Accounts, account => account.Name is not "ada");
        // Who lost has no roles left over.
        var members = (await garden.Entitlement(People.Admin()).ListMembersAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).Members;
        Assert.Equal(["ada", account.Name], members.Select(member => member.Account));
    }

    [Fact]
    public async Task Accept_OfANameThatAnotherIsMaking_TakesNothingOfIt()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAdminAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new(), cancellationToken: Cancel);
        await using (var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel))
        {
            context.Add(new Accounts.AccountRow
            {
                Key = "ann", Name = "ann", Kind = PrincipalKind.Person, Tenant = "acme", TenantKey = "acme", DisplayName = "", Email = "", Pending = true, Owner = "account/ada", CreatedAt = garden.Clock.GetUtcNow(),
            });
            await context.SaveChangesAsync(Cancel);
        }

        var accepted = await garden.Part<Invitations.InvitationBook>().AcceptAsync(made.Path.Split('=')[1], new("ann", "", IdentityGarden.Password), new("", ""), Cancel);

        Assert.Equal("ACCOUNT_EXISTS", accepted.Error?.Reason);
        Assert.Equal(["ada"], (await garden.Entitlement(People.Admin()).ListMembersAsync(new() { Tenant = "acme" }, cancellationToken: Cancel)).Members.Select(member => member.Account));
    }

    [Fact]
    public async Task Invitation_OfOneWhoMayNotMakeItAnyMore_IsGone()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Operator).CreateAccountAsync(new() { Name = "olga", Tenant = "garden", Roles = { Roles.Operator } }, cancellationToken: Cancel);
        var olga = garden.As(People.Person("olga", "garden", Roles.Operator));
        using var browser = garden.Open();
        var acme = await olga.CreateInvitationAsync(new() { Tenant = "acme" }, cancellationToken: Cancel);
        var curator = await olga.CreateInvitationAsync(new() { Tenant = "garden", Roles = { Roles.Curator } }, cancellationToken: Cancel);
        var engineer = await olga.CreateInvitationAsync(new() { Tenant = "garden" }, cancellationToken: Cancel);

        Assert.Equal("acme curator engineer", await GoodAsync());
        await SetRolesAsync(Roles.Admin);
        Assert.Equal("engineer", await GoodAsync());
        await SetRolesAsync(Roles.Engineer);
        Assert.Empty(await GoodAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(browser, curator, "ann", IdentityGarden.Password)).Status);
        await SetRolesAsync();
        Assert.Empty(await GoodAsync());

        async Task SetRolesAsync(params string[] roles) =>
            await garden.Entitlement(People.Operator).SetMemberAsync(new() { Tenant = "garden", Account = "olga", Roles = { roles } }, cancellationToken: Cancel);

        async Task<string> GoodAsync()
        {
            var good = new List<string>();
            foreach (var (what, made) in new[] { (nameof(acme), acme), (nameof(curator), curator), (nameof(engineer), engineer) })
            {
                if ((await browser.GetAsync(made.Path)).Status is HttpStatusCode.OK)
                {
                    good.Add(what);
                }
            }

            return string.Join(' ', good);
        }
    }

    [Fact]
    public async Task Invitation_OfTheAdminToken_IsGoodAsLongAsTheTokenIsSet()
    {
        await using var garden = await StartAsync();
        var root = garden.With((await garden.AuthenticateAsync(IdentityGarden.AdminToken)).InternalToken);
        var made = await root.CreateInvitationAsync(new() { Tenant = "garden", Roles = { Roles.Operator } }, cancellationToken: Cancel);
        var other = await root.CreateInvitationAsync(new() { Tenant = "garden", Roles = { Roles.Operator } }, cancellationToken: Cancel);
        await root.SetAccountDisabledAsync(new() { Name = "root", Disabled = true }, cancellationToken: Cancel);
        using (var browser = garden.Open())
        {
            await browser.GetAsync(made.Path);
            Assert.Equal(HttpStatusCode.SeeOther, (await AcceptAsync(browser, made, "ann", IdentityGarden.Password)).Status);
        }

        garden.Garden.Change("AdminToken", "");
        await garden.Garden.RestartAsync(IdentityModule.Definition);
        using var later = garden.Open();

        Assert.Equal(HttpStatusCode.NotFound, (await later.GetAsync(other.Path)).Status);
    }

    [Fact]
    public async Task Invitation_RevokedExpiredOrOfADisabledAdmin_IsGone()
    {
        await using var garden = await StartAsync();
        await garden.As(People.Admin()).CreateAccountAsync(new() { Name = "ada", Roles = { Roles.Admin } }, cancellationToken: Cancel);
        var admin = garden.As(People.Admin());
        using var browser = garden.Open();
        var revoked = await admin.CreateInvitationAsync(new(), cancellationToken: Cancel);
        var orphaned = await admin.CreateInvitationAsync(new(), cancellationToken: Cancel);
        var expired = await garden.As(People.Operator).CreateInvitationAsync(new() { Tenant = "acme", LifetimeDays = 1 }, cancellationToken: Cancel);

        Assert.NotNull((await admin.RevokeInvitationAsync(new() { Id = revoked.Invitation.Id }, cancellationToken: Cancel)).RevokedAt);
        await admin.RevokeInvitationAsync(new() { Id = revoked.Invitation.Id }, cancellationToken: Cancel);
        await garden.As(People.Operator).SetAccountDisabledAsync(new() { Name = "ada", Disabled = true }, cancellationToken: Cancel);
        garden.Clock.Jump(TimeSpan.FromHours(23));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(expired.Path)).Status);
        garden.Clock.Jump(TimeSpan.FromHours(1));

        foreach (var made in new[] { revoked, orphaned, expired })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(made.Path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(browser, made, "ann", IdentityGarden.Password)).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"{Accept}?link=%00")).Status);
    }

    [Fact]
    public async Task Invitations_AreMadeAndSeenByWhoMayMakeTheAccount()
    {
        await using var garden = await StartAsync();
        var made = await garden.As(People.Admin()).CreateInvitationAsync(new(), cancellationToken: Cancel);
        var stranger = garden.As(People.Admin("umbrella"));

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_MISSING", garden.As(People.Engineer()).CreateInvitationAsync(new(), cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "ROLE_NOT_YOURS", garden.As(People.Admin()).CreateInvitationAsync(new() { Roles = { Roles.Curator } }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.CreateInvitationAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", stranger.ListInvitationsAsync(new() { Tenant = "acme" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "INVITATION_NOT_FOUND", stranger.RevokeInvitationAsync(new() { Id = made.Invitation.Id }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "INVITATION_NOT_FOUND", garden.As(People.Admin()).RevokeInvitationAsync(new() { Id = "no\0id" }, cancellationToken: Cancel));
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TENANT_NOT_FOUND", garden.As(People.Operator).CreateInvitationAsync(new() { Tenant = "nowhere" }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("a", "", "", 0, "BAD_ACCOUNT_NAME")]
    [InlineData("", "nowhere", "", 0, "BAD_EMAIL")]
    [InlineData("", "", "king", 0, "BAD_ROLE")]
    [InlineData("", "", "", 31, "BAD_LIFETIME")]
    [InlineData("", "", "", -1, "BAD_LIFETIME")]
    public async Task CreateInvitation_BadInput_IsRefused(string name, string email, string role, int days, string reason)
    {
        await using var garden = await StartAsync();
        var request = new CreateInvitationRequest { Name = name, Email = email, Roles = { role.Length > 0 ? [role] : [] }, LifetimeDays = days };

        await IdentityGarden.RefusedAsync(ErrorCode.InvalidArgument, reason, garden.As(People.Admin()).CreateInvitationAsync(request, cancellationToken: Cancel));
    }

    private protected abstract Task<IdentityGarden> StartAsync();

    private static Task<Page> AcceptAsync(Browser browser, CreateInvitationResponse made, string name, string password) =>
        browser.PostAsync(Accept, ("link", made.Path.Split('=')[1]), ("name", name), ("display_name", "Ann Ng"), ("password", password));
}

public sealed class SqliteInvitationTests : InvitationContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresInvitationTests : InvitationContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
