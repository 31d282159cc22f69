using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.Accounts;

/// <summary>
/// Makes accounts in three steps that may break off anywhere: the name is taken by a pending account, Entitlement gives the roles, the
/// account is there. A pending account is nobody; asking again for the same one in the same tenant goes on where it broke off.
/// </summary>
internal sealed class AccountMaker(IDbContextFactory<IdentityDbContext> contexts, Peers peers, TimeProvider clock)
{
    /// <param name="caller">Who gives the roles; null: who was invited, by one who might give them when he did.</param>
    /// <param name="wish">Checked.</param>
    /// <param name="cancellationToken">What was begun can be gone on with.</param>
    /// <param name="along">What comes with the account in one transaction, or why there is to be none.</param>
    public async Task<Result<AccountRow>> CreateAsync(
        Caller? caller, AccountWish wish, CancellationToken cancellationToken, Func<IdentityDbContext, AccountRow, Task<Error?>>? along = null)
    {
        if (await TenantRefusalAsync(wish.Tenant, cancellationToken) is { } noTenant)
        {
            return noTenant;
        }

        var wanted = wish.ToRow(clock.GetStoredNow());
        if (await TakeNameAsync(wanted, cancellationToken) is { } taken)
        {
            return taken;
        }

        if (await GiveRolesAsync(caller, wish, cancellationToken) is { } refusal)
        {
            await GiveNameBackAsync(wanted, cancellationToken);
            return refusal;
        }

        var finished = await FinishAsync(wanted, along, cancellationToken);
        if (finished.Error is { Code: not ErrorCode.AlreadyExists })
        {
            await GiveNameBackAsync(wanted, cancellationToken);
        }

        return finished;
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

    private async Task<Error?> TakeNameAsync(AccountRow wanted, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.InsertIfNewAsync(wanted, cancellationToken))
        {
            return null;
        }

        var there = await context.Accounts.FirstOrDefaultAsync(row => row.Key == wanted.Key, cancellationToken);
        return there is { Pending: true } && there.TenantKey == wanted.TenantKey ? null : Exists(wanted);
    }

    /// <summary>As the caller: Entitlement holds its own rules against him. What it refuses for good is an answer; that it is away is not.</summary>
    private async Task<Error?> GiveRolesAsync(Caller? caller, AccountWish wish, CancellationToken cancellationToken)
    {
        try
        {
            await Entitlement(caller is null ? peers.AsService(ServiceNames.Entitlement) : peers.As(ServiceNames.Entitlement, caller)).SetMemberAsync(
                new() { Tenant = wish.Tenant.Value, Account = wish.Name.Value, Roles = { wish.Roles } }, cancellationToken: cancellationToken);
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
        await context.Accounts.Where(row => row.Key == wanted.Key && row.Pending).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Of two who make the same account at once, one has made it; the other learns that it is there.</summary>
    private async Task<Result<AccountRow>> FinishAsync(AccountRow wanted, Func<IdentityDbContext, AccountRow, Task<Error?>>? along, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var finished = await context.Accounts.Where(row => row.Key == wanted.Key && row.Pending).ExecuteUpdateAsync(
            row => row.SetProperty(account => account.Pending, false)
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

        if (along is not null && await along(context, wanted) is { } refusal)
        {
            return refusal;
        }

        wanted.Pending = false;
        context.Announce($"account/{wanted.Key}", wanted.ToMessage());
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return wanted;
    }

    private static Contracts.V1.Entitlement.EntitlementClient Entitlement(Grpc.Core.CallInvoker invoker) => new(invoker);
}
