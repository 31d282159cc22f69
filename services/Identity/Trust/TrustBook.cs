using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.OAuth;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Trust;

/// <summary>Keeps whom tenants trust.</summary>
internal sealed partial class TrustBook(
    IDbContextFactory<IdentityDbContext> contexts,
    AccountDirectory accounts,
    AccountMaker maker,
    SessionBook sessions,
    IssuerAddresses networks,
    TimeProvider clock,
    ILogger<TrustBook> logger)
{
    private const int Most = 200;

    // All of them are held against a token.
    private const int MostOfARepository = 20;

    public IssuerAddresses Networks => networks;

    public async Task<Result<TrustedIssuerRow>> CreateAsync(Caller caller, TrustWish wish, CancellationToken cancellationToken)
    {
        if ((await maker.TenantRefusalAsync(wish.Tenant, cancellationToken) ?? await sessions.StaleAsync(caller, cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        var account = await accounts.FindProgramAsync(caller, wish.Tenant, wish.Account, cancellationToken);
        if (account.Error is { } noAccount)
        {
            return noAccount;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (tenant, repository) = (Key.Of(wish.Tenant.Value), Key.Of(wish.Bound));
        if (await context.TrustedIssuers.CountAsync(row => row.TenantKey == tenant, cancellationToken) >= Most
            || await context.TrustedIssuers.CountAsync(row => row.RepositoryKey == repository, cancellationToken) >= MostOfARepository)
        {
            return Error.Exhausted("TOO_MANY_ISSUERS", $"{wish.Tenant} may trust {Most} issuers, {MostOfARepository} of them for one repository: delete those that are not needed");
        }

        var issuer = Make(wish, account.Value, (caller.Principal.Name, clock.GetStoredNow()));
        context.Add(issuer);
        context.Tell(AuditEvents.OfTenant("trust.create", (issuer.Tenant, issuer.Repository), caller.Principal.Name, issuer.CreatedAt, ("trust", issuer.Id), ("issuer", issuer.Issuer), ("scopes", issuer.Scopes)));
        await context.SaveChangesAsync(cancellationToken);
        LogTrusted(caller.Principal.Name, issuer.Issuer, issuer.Repository, issuer.Id);
        return issuer;
    }

    /// <summary>Newest first.</summary>
    public async Task<Result<TrustedIssuerRow[]>> ListAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        return await context.TrustedIssuers.Where(row => row.TenantKey == key).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(Most).ToArrayAsync(cancellationToken);
    }

    /// <summary>With every token that came of it.</summary>
    public async Task<Result<bool>> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var issuer = Key.IsId(id) ? await context.TrustedIssuers.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
        if (issuer is null || AccountErrors.TenantFor(caller, issuer.Tenant).Error is not null)
        {
            return Error.NotFound("ISSUER_NOT_FOUND", $"there is no trusted issuer '{Text.Shorten(id)}' of a tenant that you administer");
        }

        if (await sessions.StaleAsync(caller, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await contexts.TransactAsync(
            async (deleting, transaction) =>
            {
                await deleting.TrustedIssuers.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
                await Grants.RevokeAsync(deleting, deleting.Tokens.Where(token => token.Client == id), clock.GetStoredNow(), cancellationToken);
                deleting.Tell(AuditEvents.OfTenant("trust.delete", (issuer.Tenant, issuer.Repository), caller.Principal.Name, clock.GetStoredNow(), ("trust", id), ("issuer", issuer.Issuer)));
                await deleting.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        LogDeleted(caller.Principal.Name, issuer.Issuer, issuer.Repository, id);
        return true;
    }

    /// <summary>Those who are trusted for a repository, written as tokens have it.</summary>
    public async Task<TrustedIssuerRow[]> FindAsync(string issuer, string repository, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(repository);
        return await context.TrustedIssuers.Where(row => row.Issuer == issuer && row.RepositoryKey == key).OrderBy(row => row.Id).Take(MostOfARepository).ToArrayAsync(cancellationToken);
    }

    private static TrustedIssuerRow Make(TrustWish wish, string account, (string Name, DateTimeOffset At) by) => new()
    {
        Id = Guid.CreateVersion7(by.At).ToString("n"),
        Tenant = wish.Tenant.Value,
        TenantKey = Key.Of(wish.Tenant.Value),
        Issuer = wish.Issuer,
        Audience = wish.Audience,
        Claims = JsonSerializer.Serialize(new SortedDictionary<string, string>(new Dictionary<string, string>(wish.Claims), StringComparer.Ordinal)),
        Account = account,
        AccountName = wish.Account.Value,
        Repository = wish.Bound,
        RepositoryKey = Key.Of(wish.Bound),
        Scopes = string.Join(' ', Hosting.Access.Scopes.All.Where(wish.Scopes.Contains)),
        LifetimeMinutes = wish.LifetimeMinutes,
        CreatedBy = by.Name,
        CreatedAt = by.At,
    };

    [LoggerMessage(2035, LogLevel.Information, "{By} trusts {Issuer} for {Repository}, as {Id}")]
    private partial void LogTrusted(string by, string issuer, string repository, string id);

    [LoggerMessage(2036, LogLevel.Information, "{By} trusts {Issuer} for {Repository} no more, which was {Id}")]
    private partial void LogDeleted(string by, string issuer, string repository, string id);
}
