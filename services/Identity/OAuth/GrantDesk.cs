using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.OAuth;

/// <summary>What a caller may know and end of what people let programs do: of his own, and of accounts that he administers.</summary>
internal sealed class GrantDesk(IDbContextFactory<IdentityDbContext> contexts, AccountDirectory accounts, TimeProvider clock)
{
    private const int Most = 1000;

    /// <summary>Those of which something can still come, newest first.</summary>
    public async Task<Result<ProgramGrant[]>> ListAsync(Caller caller, AccountName name, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, name, cancellationToken);
        if (account.Error is not null)
        {
            return account.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var found = await context.Grants.Where(grant => grant.Account == account.Value.Key && grant.EndedAt == null && grant.GoodUntil > now)
            .OrderByDescending(grant => grant.CreatedAt).ThenByDescending(grant => grant.Id).Take(Most)
            .Select(grant => new
            {
                Grant = grant,
                Used = context.Tokens.Where(token => token.GrantId == grant.Id && token.LastUsedAt != null).OrderByDescending(token => token.LastUsedAt).Select(token => token.LastUsedAt).FirstOrDefault(),
            })
            .ToArrayAsync(cancellationToken);
        var ids = found.Select(one => one.Grant.Client).Distinct().ToArray();
        var programs = await context.Clients.Where(client => ids.Contains(client.Id)).ToDictionaryAsync(client => client.Id, cancellationToken);
        // One that was deleted a moment ago took its grants along.
        return Array.ConvertAll(found, one => one.Grant.ToMessage(account.Value.Name, BuiltInClients.Find(one.Grant.Client) ?? programs.GetValueOrDefault(one.Grant.Client), one.Used));
    }

    public async Task<Result<bool>> EndAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = Key.IsId(id)
            ? await context.Grants.Where(grant => grant.Id == id).Join(context.Accounts, grant => grant.Account, row => row.Key, (grant, row) => new { grant.Client, row.Name }).FirstOrDefaultAsync(cancellationToken)
            : null;
        var account = found is null ? null : await accounts.FindAsync(caller, AccountName.Create(found.Name).Value, cancellationToken);
        if (found is null || account!.Error is not null)
        {
            return account?.Error is { Code: ErrorCode.PermissionDenied } refusal
                ? refusal
                : Error.NotFound("GRANT_NOT_FOUND", $"there is no grant '{Text.Shorten(id)}' that is yours or of an account that you administer");
        }

        await contexts.TransactAsync(
            async (ending, transaction) =>
            {
                await Grants.TakeBackAsync(ending, (id, found.Client), new(account.Value, caller.Principal.Name, "revoked"), clock.GetStoredNow(), cancellationToken);
                await ending.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            },
            cancellationToken);
        return true;
    }
}
