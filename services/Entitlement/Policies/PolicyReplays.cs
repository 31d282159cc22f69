using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Entitlement.Tenants;
using ModelGarden.Entitlement.Usage;
using ModelGarden.Hosting.Access;
using ModelGarden.Kernel;
using ModelGarden.Rights.Policies;

namespace ModelGarden.Entitlement.Policies;

/// <summary>Tries drafts of policies on the decisions that are kept. One at a time: others wait.</summary>
internal sealed class PolicyReplays(
    IDbContextFactory<EntitlementDbContext> contexts, PolicyBook policies, DecisionTally tally, IOptions<DecisionOptions> options, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="caller">Who tries.</param>
    /// <param name="scope">Whose policy the draft would be.</param>
    /// <param name="text">The draft.</param>
    /// <param name="days">So many before today; 0: all that are kept.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    public async Task<Result<PolicyReplay>> BeginAsync(Caller caller, PolicyScope scope, string text, int days, CancellationToken cancellationToken)
    {
        var draft = PolicyReader.Read(text);
        if ((scope.Refusal(caller) ?? draft.Error) is { } error)
        {
            return error;
        }

        if (days < 0 || days > options.Value.Days)
        {
            return Error.Invalid("BAD_DAYS", $"decisions are kept for {options.Value.Days} days before today: ask for 1 to {options.Value.Days}, or 0 for all");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!scope.IsGarden && !await context.Tenants.AnyAsync(tenant => tenant.Key == scope.Key, cancellationToken))
        {
            return TenantErrors.NotFound(scope.Tenant);
        }

        // What this replica has not written yet counts too.
        await tally.FlushAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return new PolicyReplay(contexts, policies, _turn, new StandingPolicy(scope.Tenant, 0, draft.Value), scope, (Day.Of(now.AddDays(-(days is 0 ? options.Value.Days : days))), Day.Of(now)));
    }

    public void Dispose() => _turn.Dispose();
}
