using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Identity.Invitations;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Accounts;

/// <summary>Adds what comes with an account to the transaction in which it is made, or says why there is to be none.</summary>
internal delegate Task<Error?> AlongWithAccount(IdentityDbContext context, AccountRow account, CancellationToken cancellationToken);

/// <summary>
/// Makes accounts in three steps that may break off anywhere: the name is taken by a pending account, Entitlement gives the roles, the
/// account is there. A pending account is nobody; who asked for it goes on where it broke off when he asks again, nobody else does, and after an hour it is taken away.
/// </summary>
internal sealed class AccountMaker(IDbContextFactory<IdentityDbContext> contexts, Peers peers, TimeProvider clock)
{
    private const int SweptAtOnce = 100;
    private static readonly TimeSpan PendingKept = TimeSpan.FromHours(1);

    /// <summary>By a caller, who gives the roles himself.</summary>
    public async Task<Result<AccountRow>> CreateAsync(Caller caller, AccountWish wish, CancellationToken cancellationToken) => caller.StepUpFault(clock.GetUtcNow()) is { } stale
        ? stale
        : await CreateAsync((caller, $"account/{Key.Of(caller.Principal.Name)}"), wish, null, cancellationToken);

    /// <summary>By who was invited, by one who may give the roles.</summary>
    /// <param name="invitation">Still good.</param>
    /// <param name="wish">Checked.</param>
    /// <param name="along">What comes with the account in one transaction, or why there is to be none.</param>
    /// <param name="cancellationToken">Heard until the name is taken.</param>
    public Task<Result<AccountRow>> CreateAsync(InvitationRow invitation, AccountWish wish, AlongWithAccount along, CancellationToken cancellationToken) =>
        CreateAsync((null, $"invitation/{invitation.Id}"), wish, along, cancellationToken);

    /// <summary>Takes away the pending accounts that nobody has gone on with for an hour, and the roles that they may have been given.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (now, sweeper) = (clock.GetStoredNow(), $"sweep/{Guid.NewGuid():n}");
        var old = now - PendingKept;
        // From here on neither its owner nor another replica goes on with it, unless this one leaves it for an hour.
        await context.Accounts.Where(row => row.Pending && row.CreatedAt <= old)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Owner, sweeper).SetProperty(one => one.CreatedAt, now), cancellationToken);
        foreach (var left in await context.Accounts.Where(row => row.Pending && row.Owner == sweeper).OrderBy(row => row.Key).Take(SweptAtOnce).ToListAsync(cancellationToken))
        {
            await UndoAsync(left, hasRoles: true, cancellationToken);
        }
    }

    private static Error Exists(AccountRow wanted) => Error.Exists("ACCOUNT_EXISTS", $"there is an account '{wanted.Name}' already; names are unique in the garden");

    /// <summary>Entitlement knows the tenants; of the questions that only an existing one answers, its quota is the smallest.</summary>
    public async Task<Error?> TenantRefusalAsync(TenantName tenant, CancellationToken cancellationToken)
    {
        try
        {
            await Entitlement(peers.AsService(ServiceNames.Entitlement)).GetQuotaAsync(new() { Tenant = tenant.Value }, cancellationToken: cancellationToken);
            return null;
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            return AccountErrors.TenantNotFound(tenant.Value);
        }
    }

    private async Task<Result<AccountRow>> CreateAsync((Caller? Caller, string Owner) by, AccountWish wish, AlongWithAccount? along, CancellationToken cancellationToken)
    {
        if (await TenantRefusalAsync(wish.Tenant, cancellationToken) is { } noTenant)
        {
            return noTenant;
        }

        var wanted = wish.ToRow(by.Owner, clock.GetStoredNow());
        if (await TakeNameAsync(wanted, cancellationToken) is { } taken)
        {
            return taken;
        }

        // Whoever goes away from here on leaves nothing half made; each step has its own bound.
        var refusal = await SetRolesAsync(by.Caller, wanted, wish.Roles, CancellationToken.None);
        var finished = refusal is null ? await FinishAsync(wanted, along, CancellationToken.None) : refusal;
        if (finished.Error is { Code: not ErrorCode.AlreadyExists })
        {
            await UndoAsync(wanted, refusal is null, CancellationToken.None);
        }

        return finished;
    }

    private async Task UndoAsync(AccountRow wanted, bool hasRoles, CancellationToken cancellationToken)
    {
        if (!hasRoles || await SetRolesAsync(null, wanted, [], cancellationToken) is null or { Code: ErrorCode.NotFound })
        {
            await GiveNameBackAsync(wanted, cancellationToken);
        }
    }

    /// <summary>A new name, or one that the same owner has taken and not gone on with.</summary>
    private async Task<Error?> TakeNameAsync(AccountRow wanted, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.InsertIfNewAsync(wanted, cancellationToken)
            || await Pending(context, wanted).Where(row => row.TenantKey == wanted.TenantKey)
                .ExecuteUpdateAsync(row => row.SetProperty(account => account.CreatedAt, wanted.CreatedAt), cancellationToken) is 1
            ? null
            : Exists(wanted);
    }

    /// <summary>As the caller: Entitlement holds its own rules against him. What it refuses for good is an answer; that it is away is not.</summary>
    private async Task<Error?> SetRolesAsync(Caller? caller, AccountRow account, string[] roles, CancellationToken cancellationToken)
    {
        try
        {
            await Entitlement(caller is null ? peers.AsService(ServiceNames.Entitlement) : peers.As(ServiceNames.Entitlement, caller)).SetMemberAsync(
                new() { Tenant = account.Tenant, Account = account.Name, Roles = { roles } }, cancellationToken: cancellationToken);
            return null;
        }
        catch (ErrorException exception) when (exception.Error.Code is not ErrorCode.Unavailable)
        {
            return exception.Error;
        }
    }

    private async Task GiveNameBackAsync(AccountRow wanted, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await Pending(context, wanted).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Of two who make the same account at once, one has made it; the other learns that it is there.</summary>
    private async Task<Result<AccountRow>> FinishAsync(AccountRow wanted, AlongWithAccount? along, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var finished = await Pending(context, wanted).ExecuteUpdateAsync(
            row => row.SetProperty(account => account.Pending, false)
                .SetProperty(account => account.Owner, "")
                .SetProperty(account => account.Name, wanted.Name)
                .SetProperty(account => account.Kind, wanted.Kind)
                .SetProperty(account => account.DisplayName, wanted.DisplayName)
                .SetProperty(account => account.Email, wanted.Email)
                .SetProperty(account => account.CreatedAt, wanted.CreatedAt),
            cancellationToken);
        if (finished is 0)
        {
            return Exists(wanted);
        }

        if (along is not null && await along(context, wanted, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        (wanted.Pending, wanted.Owner) = (false, "");
        context.Announce($"account/{wanted.Key}", wanted.ToMessage());
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return wanted;
    }

    /// <summary>The row as long as it is pending and its owner's.</summary>
    private static IQueryable<AccountRow> Pending(IdentityDbContext context, AccountRow wanted) =>
        context.Accounts.Where(row => row.Key == wanted.Key && row.Pending && row.Owner == wanted.Owner);

    private static Contracts.V1.Entitlement.EntitlementClient Entitlement(Grpc.Core.CallInvoker invoker) => new(invoker);
}
