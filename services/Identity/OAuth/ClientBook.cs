using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Secrets;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.OAuth;

/// <summary>Registers, finds, lists and takes away clients.</summary>
internal sealed partial class ClientBook(
    IDbContextFactory<IdentityDbContext> contexts, AccountDirectory accounts, AccountMaker maker, SessionBook sessions, TimeProvider clock, ILogger<ClientBook> logger)
{
    private const int Most = 200;

    /// <summary>The client, and its secret for this one time; empty for a public one.</summary>
    public async Task<Result<(ClientRow Client, string Secret)>> CreateAsync(Caller caller, ClientWish wish, CancellationToken cancellationToken)
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
        var tenantKey = Key.Of(wish.Tenant.Value);
        if (await context.Clients.CountAsync(row => row.TenantKey == tenantKey, cancellationToken) >= Most)
        {
            return Error.Exhausted("TOO_MANY_CLIENTS", $"{wish.Tenant} has {Most} clients, the most there may be: delete those that are not needed");
        }

        var secret = wish.IsConfidential ? SecretText.Make() : "";
        var client = Make(wish, account.Value, secret, (caller.Principal.Name, clock.GetStoredNow()));
        context.Add(client);
        context.Tell(AuditEvents.OfTenant("client.create", (client.Tenant, client.Id), caller.Principal.Name, client.CreatedAt, ("grants", client.Grants), ("scopes", client.Scopes)));
        await context.SaveChangesAsync(cancellationToken);
        LogMade(caller.Principal.Name, client.Id, client.Tenant);
        return (client, secret);
    }

    /// <summary>Newest first.</summary>
    public async Task<Result<ClientRow[]>> ListAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        return await context.Clients.Where(row => row.TenantKey == key).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(Most).ToArrayAsync(cancellationToken);
    }

    /// <summary>The client, and its new secret for this one time: the one before is worth nothing any more.</summary>
    public async Task<Result<(ClientRow Client, string Secret)>> RotateSecretAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var found = await FindForChangeAsync(caller, id, cancellationToken);
        if (found.Error is not null)
        {
            return found.Error;
        }

        if (!found.Value.IsConfidential)
        {
            return Error.Conflict("NO_SECRET", $"{id} is a public client, which has no secret: whoever uses it could read it");
        }

        var secret = SecretText.Make();
        var hash = SecretText.HashOf(secret);
        return await contexts.DecideAsync<IdentityDbContext, (ClientRow, string)>(
            async context =>
            {
                if (await context.Clients.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(one => one.SecretHash, hash), cancellationToken) is 0)
                {
                    return NotFound(id);
                }

                context.Tell(AuditEvents.OfTenant("client.rotate", (found.Value.Tenant, id), caller.Principal.Name, clock.GetStoredNow()));
                await context.SaveChangesAsync(cancellationToken);
                return (found.Value, secret);
            },
            cancellationToken);
    }

    /// <summary>With every token that it was given.</summary>
    public async Task<Result<bool>> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var found = await FindForChangeAsync(caller, id, cancellationToken);
        if (found.Error is not null)
        {
            return found.Error;
        }

        var client = found.Value;

        await contexts.TransactAsync(
            async (context, transaction) =>
            {
                await context.Clients.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
                await context.Consents.Where(row => row.Client == id).ExecuteDeleteAsync(cancellationToken);
                await context.DeviceCodes.Where(row => row.Client == id).ExecuteDeleteAsync(cancellationToken);
                await Grants.EndAsync(context, grant => grant.Client == id, token => token.Client == id, clock.GetStoredNow(), cancellationToken);
                context.Tell(AuditEvents.OfTenant("client.delete", (client.Tenant, id), caller.Principal.Name, clock.GetStoredNow()));
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        LogDeleted(caller.Principal.Name, id, client.Tenant);
        return true;
    }

    /// <summary>Null: there is none of this id.</summary>
    public async Task<ClientRow?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (BuiltInClients.Find(id) is { } builtIn)
        {
            return builtIn;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return Key.IsId(id) ? await context.Clients.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) : null;
    }

    /// <summary>A client of a tenant that the caller administers, who is there.</summary>
    private async Task<Result<ClientRow>> FindForChangeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var client = Key.IsId(id) ? await FindAsync(id, cancellationToken) : null;
        return client is null || AccountErrors.TenantFor(caller, client.Tenant).Error is not null ? NotFound(id)
            : await sessions.StaleAsync(caller, cancellationToken) is { } refusal ? refusal
            : client;
    }

    private static Error NotFound(string id) => Error.NotFound("CLIENT_NOT_FOUND", $"there is no client '{Text.Shorten(id)}' of a tenant that you administer");

    private static ClientRow Make(ClientWish wish, string account, string secret, (string Name, DateTimeOffset At) by) => new()
    {
        Id = Guid.CreateVersion7(by.At).ToString("n"),
        Tenant = wish.Tenant.Value,
        TenantKey = Key.Of(wish.Tenant.Value),
        Name = wish.Name,
        SecretHash = secret.Length > 0 ? SecretText.HashOf(secret) : "",
        RedirectUris = string.Join(' ', wish.RedirectUris),
        Grants = string.Join(' ', wish.Grants),
        Scopes = string.Join(' ', OAuthScopes.All.Where(wish.Scopes.Contains)),
        Account = account,
        CreatedBy = by.Name,
        CreatedAt = by.At,
    };

    [LoggerMessage(2030, LogLevel.Information, "{By} registered client {Client} of {Tenant}")]
    private partial void LogMade(string by, string client, string tenant);

    [LoggerMessage(2031, LogLevel.Information, "{By} deleted client {Client} of {Tenant}")]
    private partial void LogDeleted(string by, string client, string tenant);
}
