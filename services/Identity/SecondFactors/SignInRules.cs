using Microsoft.EntityFrameworkCore;
using ModelGarden.Hosting.Access;
using ModelGarden.Identity.Accounts;
using ModelGarden.Identity.Sessions;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.SecondFactors;

/// <summary>The tenants' rules for signing in.</summary>
internal sealed class SignInRules(IDbContextFactory<IdentityDbContext> contexts, SessionBook sessions, TimeProvider clock)
{
    public async Task<Result<Contracts.V1.SignInRules>> GetAsync(Result<TenantName> tenant, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        return new Contracts.V1.SignInRules
        {
            Tenant = tenant.Value.Value,
            SecondFactorRequired = await context.SignInRules.AnyAsync(rule => rule.Tenant == key && rule.SecondFactorRequired, cancellationToken),
        };
    }

    public async Task<Result<Contracts.V1.SignInRules>> SetAsync(Caller caller, Result<TenantName> tenant, bool secondFactor, CancellationToken cancellationToken)
    {
        if ((tenant.Error ?? await sessions.StaleAsync(caller, cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var key = Key.Of(tenant.Value.Value);
        var rules = new Contracts.V1.SignInRules { Tenant = tenant.Value.Value, SecondFactorRequired = secondFactor };
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sign_in_rules (tenant, second_factor_required, changed_by, changed_at)
            VALUES ({key}, {secondFactor}, {caller.Principal.Name}, {clock.GetStoredNow().ToUnixTimeMilliseconds()})
            ON CONFLICT (tenant) DO UPDATE SET second_factor_required = excluded.second_factor_required, changed_by = excluded.changed_by, changed_at = excluded.changed_at
            """,
            cancellationToken);
        context.Announce($"sign-in-rules/{key}", rules);
        context.Tell(AuditEvents.OfTenant("sign-in-rules.set", (rules.Tenant, rules.Tenant), caller.Principal.Name, clock.GetStoredNow(), ("second_factor_required", secondFactor ? "true" : "false")));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rules;
    }
}
