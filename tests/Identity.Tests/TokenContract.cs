using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Tokens;
using ModelGarden.Kernel;
using ModelGarden.Testing;

namespace ModelGarden.Identity.Tests;

/// <summary>Tokens from their making to their end, on either engine.</summary>
public abstract class TokenContract
{
    private static CancellationToken Cancel => Patience.Cancel;

    [Fact]
    public async Task CreateToken_Default_HasTheCallersScopesForNinetyDays()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");
        var caller = new Principal { Kind = PrincipalKind.Person, Name = "ann", Tenant = "acme", Scopes = { Scopes.Admin, Scopes.Read } };

        var made = await garden.As(caller).CreateTokenAsync(new() { DisplayName = "laptop" }, cancellationToken: Cancel);

        Assert.Equal([Scopes.Read, Scopes.Admin], made.Token.Scopes);
        Assert.Equal(("ann", "laptop"), (made.Token.Account, made.Token.DisplayName));
        Assert.Equal(TimeSpan.FromDays(90), made.Token.ExpiresAt.ToDateTimeOffset() - made.Token.CreatedAt.ToDateTimeOffset());
        Assert.Null(made.Token.LastUsedAt);
        Assert.True(TokenText.IsWellFormed(made.Secret));
    }

    [Fact]
    public async Task Tokens_MadeAndRevoked_AreInTheAuditTrailOfTheirTenant()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");
        await garden.As(People.Admin()).RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel);

        var trail = await garden.AuditUntilAsync(record => record.Action is "token.revoke");

        Assert.All(
            trail.Where(record => record.Action is "token.create" or "token.revoke"),
            record => Assert.Equal(("acme", "ada", "ann", true), (record.Tenant, record.Account, record.Subject, record.Detail.Contains(made.Token.Id, StringComparison.Ordinal))));
        Assert.Equal(["token.create", "token.revoke"], trail.Where(record => record.Subject is "ann" && record.Action.StartsWith("token.", StringComparison.Ordinal)).Select(record => record.Action));
    }

    [Fact]
    public async Task CreateToken_ScopeBeyondTheCallers_IsDenied()
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");
        var caller = new Principal { Kind = PrincipalKind.Person, Name = "ann", Tenant = "acme", Scopes = { Scopes.Admin, Scopes.Read } };

        await IdentityGarden.RefusedAsync(ErrorCode.PermissionDenied, "SCOPE_MISSING", garden.As(caller).CreateTokenAsync(new() { Scopes = { Scopes.Write } }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("all", 0, "BAD_SCOPE")]
    [InlineData("read", 367, "BAD_LIFETIME")]
    [InlineData("read", -1, "BAD_LIFETIME")]
    public async Task CreateToken_BadInput_IsRefused(string scope, int days, string reason)
    {
        await using var garden = await StartAsync();
        await garden.EnrolAsync("ann");

        await IdentityGarden.RefusedAsync(
            ErrorCode.InvalidArgument, reason, garden.As(People.Engineer()).CreateTokenAsync(new() { Scopes = { scope }, LifetimeDays = days }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreateToken_ByAService_IsDenied()
    {
        await using var garden = await StartAsync();

        await IdentityGarden.RefusedAsync(
            ErrorCode.PermissionDenied, "MEMBERS_ONLY", garden.As(People.Service(ServiceNames.Hub)).CreateTokenAsync(new() { Account = "root" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task CreateToken_Stored_AsAHashAlone()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        await using var context = await garden.Part<IDbContextFactory<IdentityDbContext>>().CreateDbContextAsync(Cancel);
        var row = await context.Tokens.SingleAsync(token => token.Id == made.Token.Id, Cancel);

        Assert.Equal(SecretText.HashOf(made.Secret), row.Hash);
        Assert.Equal("ada", row.CreatedBy);
    }

    [Fact]
    public async Task CreateToken_MoreThanAnAccountMayHave_IsRefusedUntilOneIsRevoked()
    {
        await using var garden = await StartAsync();
        var first = await garden.EnrolAsync("ann");
        var ann = garden.As(People.Engineer());
        for (var i = 1; i < 200; i++)
        {
            await ann.CreateTokenAsync(new(), cancellationToken: Cancel);
        }

        await IdentityGarden.RefusedAsync(ErrorCode.ResourceExhausted, "TOO_MANY_TOKENS", ann.CreateTokenAsync(new(), cancellationToken: Cancel));
        await ann.RevokeTokenAsync(new() { Id = first.Token.Id }, cancellationToken: Cancel);

        await ann.CreateTokenAsync(new(), cancellationToken: Cancel);
    }

    [Fact]
    public async Task RevokeToken_Twice_IsRevokedOnce()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");

        var first = await garden.As(People.Admin()).RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel);
        garden.Clock.Jump(TimeSpan.FromMinutes(1));
        var second = await garden.As(People.Engineer()).RevokeTokenAsync(new() { Id = made.Token.Id }, cancellationToken: Cancel);

        Assert.NotNull(first.RevokedAt);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task RevokeToken_TheAdminToken_SaysWhereItIsSet()
    {
        await using var garden = await StartAsync();

        var message = await IdentityGarden.RefusedAsync(ErrorCode.Conflict, "BOOTSTRAP_TOKEN", garden.As(People.Operator).RevokeTokenAsync(new() { Id = "admin" }, cancellationToken: Cancel));

        Assert.Contains("Garden:AdminToken", message, StringComparison.Ordinal);
        await IdentityGarden.RefusedAsync(ErrorCode.NotFound, "TOKEN_NOT_FOUND", garden.As(People.Operator).RevokeTokenAsync(new() { Id = "none" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task ListTokens_AfterUse_SaysWhenToTheMinute()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");
        await garden.AuthenticateAsync(made.Secret);
        var at = garden.Clock.GetUtcNow().ToUnixTimeSeconds() / 60 * 60;

        await garden.Part<TokenUse>().WriteAsync(Cancel);

        var token = Assert.Single((await garden.As(People.Engineer()).ListTokensAsync(new(), cancellationToken: Cancel)).Tokens);
        Assert.Equal(at, token.LastUsedAt.Seconds);
        Assert.Equal(made.Token.Id, token.Id);
    }

    [Fact]
    public async Task LastUse_ServiceStops_IsWritten()
    {
        await using var garden = await StartAsync();
        var made = await garden.EnrolAsync("ann");
        await garden.AuthenticateAsync(made.Secret);

        await garden.Garden.RestartAsync(IdentityModule.Definition);

        Assert.NotNull(Assert.Single((await garden.As(People.Engineer()).ListTokensAsync(new(), cancellationToken: Cancel)).Tokens).LastUsedAt);
    }

    private protected abstract Task<IdentityGarden> StartAsync();
}

public sealed class SqliteTokenTests : TokenContract
{
    private protected override Task<IdentityGarden> StartAsync() => IdentityGarden.StartAsync(null);
}

public sealed class PostgresTokenTests : TokenContract
{
    private protected override async Task<IdentityGarden> StartAsync() => await IdentityGarden.StartAsync(await TestDatabase.CreateAsync());
}
