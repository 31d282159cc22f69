using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Audit;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;

namespace ModelGarden.Entitlement.Usage;

/// <summary>Sets and tells tenants' limits.</summary>
internal sealed class Quotas(IDbContextFactory<EntitlementDbContext> contexts, Ledger ledger, TimeProvider clock)
{
    public async Task<Result<Quota>> SetAsync(Caller caller, Result<TenantName> tenant, long tokensPerDay, long requestsPerDay, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null || tokensPerDay < 0 || requestsPerDay < 0)
        {
            return tenant.Error ?? Error.Invalid("BAD_QUOTA", "a limit is a number of tokens or requests a day, 0 for none; it is not negative");
        }

        var quota = new QuotaRow { Tenant = Key.Of(tenant.Value.Value), TokensPerDay = tokensPerDay, RequestsPerDay = requestsPerDay };
        return await ledger.WriteAsync(page => SetAsync(page, caller, tenant.Value, quota, cancellationToken), cancellationToken);
    }

    public async Task<Result<Quota>> GetAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        return await context.Tenants.FirstOrDefaultAsync(row => row.Key == key, cancellationToken) is { } found
            ? (await StateAsync(context, key, clock.GetUtcNow(), cancellationToken)).ToMessage(found.Name)
            : TenantErrors.NotFound(tenant.Value.Value);
    }

    /// <summary>A tenant's limits, and what it has used of them on the day of a time.</summary>
    public static async Task<QuotaState> StateAsync(EntitlementDbContext context, string tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var day = Day.Of(now);
        var quota = await context.Quotas.FirstOrDefaultAsync(row => row.Tenant == tenant, cancellationToken);
        var used = await context.QuotaCounters.FirstOrDefaultAsync(row => row.Tenant == tenant && row.Day == day, cancellationToken);
        return new(quota?.TokensPerDay ?? 0, quota?.RequestsPerDay ?? 0, used?.Tokens ?? 0, used?.Requests ?? 0);
    }

    private static async Task<Result<Quota>> SetAsync(LedgerPage page, Caller caller, TenantName name, QuotaRow quota, CancellationToken cancellationToken)
    {
        if (await page.Context.Tenants.FirstOrDefaultAsync(row => row.Key == quota.Tenant, cancellationToken) is not { } tenant)
        {
            return TenantErrors.NotFound(name.Value);
        }

        var before = await page.Context.Quotas.FirstOrDefaultAsync(row => row.Tenant == quota.Tenant, cancellationToken);
        var state = await StateAsync(page.Context, quota.Tenant, page.Now, cancellationToken);
        var message = (state with { TokensPerDay = quota.TokensPerDay, RequestsPerDay = quota.RequestsPerDay }).ToMessage(tenant.Name);
        page.Context.Entry(quota).State = before is null ? EntityState.Added : EntityState.Modified;
        page.Context.Announce($"quota/{tenant.Key}", message);
        page.Record(
            tenant.Key,
            caller.Principal.Name,
            "quota.set",
            tenant.Name,
            ("tokens_per_day", quota.TokensPerDay),
            ("requests_per_day", quota.RequestsPerDay),
            ("tokens_per_day_before", before?.TokensPerDay ?? 0),
            ("requests_per_day_before", before?.RequestsPerDay ?? 0));
        return message;
    }
}
