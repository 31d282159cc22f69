using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Entitlement.Decisions;
using ModelGarden.Kernel;
using ModelGarden.Rights.Decisions;
using ModelGarden.Rights.Policies;
using Action = ModelGarden.Contracts.V1.Action;

namespace ModelGarden.Entitlement.Policies;

/// <summary>
/// One draft against the decisions of some days, tenant by tenant and in each thing by thing: what a policy says of a model is found out once for all who asked for it,
/// and no more than a page of things is in memory.
/// </summary>
internal sealed class PolicyReplay(
    IDbContextFactory<EntitlementDbContext> contexts, PolicyBook policies, SemaphoreSlim turn, StandingPolicy draft, PolicyScope scope, (string First, string Last) days)
{
    private const int PageSize = 2000;
    private readonly ReplayList _refusals = new();
    private readonly ReplayList _freedoms = new();

    public async IAsyncEnumerable<ReplayProgress> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (progress, lost) = (new ReplayProgress(), 0L);
        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var tenants = await TenantsAsync(context, cancellationToken);
            (progress.Decisions, lost) = (tenants.Sum(tenant => tenant.Decisions), tenants.Sum(tenant => tenant.Lost));
            yield return progress.Clone();
            foreach (var tenant in tenants)
            {
                await foreach (var done in TenantAsync(context, tenant.Tenant, cancellationToken))
                {
                    progress.Done += done;
                    yield return progress.Clone();
                }
            }
        }
        finally
        {
            turn.Release();
        }

        // A reader who is slow with the long part keeps nobody from his turn.
        progress.Report = Report(lost);
        yield return progress;
    }

    private async Task<List<TenantDays>> TenantsAsync(EntitlementDbContext context, CancellationToken cancellationToken)
    {
        var (all, key, first) = (scope.IsGarden, scope.Key, days.First);
        return await context.Database.SqlQuery<TenantDays>(
            $"""
            SELECT tenant AS "Tenant", CAST(SUM(decisions) AS BIGINT) AS "Decisions", CAST(SUM(lost) AS BIGINT) AS "Lost"
            FROM decided_days WHERE day >= {first} AND ({all} OR tenant = {key}) GROUP BY tenant ORDER BY tenant
            """).ToListAsync(cancellationToken);
    }

    /// <summary>Looks at a tenant's decisions; after each page says how many there were in it.</summary>
    private async IAsyncEnumerable<long> TenantAsync(EntitlementDbContext context, string tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var standing = await policies.StandingAsync(context, tenant, cancellationToken);
        IReadOnlyList<StandingPolicy> others = [.. standing.Where(policy => Key.Of(policy.Tenant) != scope.Key)];
        for (var after = ""; await ThingsAsync(context, tenant, after, cancellationToken) is { Count: > 0 } things; after = things.Keys.Max(StringComparer.Ordinal)!)
        {
            var done = 0L;
            await foreach (var row in Rows(context, tenant, (after, things.Keys.Max(StringComparer.Ordinal)!)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Look(tenant, things[row.Thing].SaysOf((Action)row.Action, draft, others), row);
                done += row.Count;
            }

            yield return done;
        }
    }

    private static async Task<Dictionary<string, ReplayedThing>> ThingsAsync(EntitlementDbContext context, string tenant, string after, CancellationToken cancellationToken)
    {
        var rows = await context.Database.SqlQuery<ThingRow>(
            $"""
            SELECT id AS "Id", resource AS "Resource" FROM decided_things
            WHERE id IN (SELECT thing FROM decided WHERE tenant = {tenant} AND thing > {after} GROUP BY thing ORDER BY thing LIMIT {PageSize})
            """).ToListAsync(cancellationToken);
        return rows.ToDictionary(row => row.Id, row => new ReplayedThing(tenant, Resource.Parser.ParseFrom(row.Resource)));
    }

    private IQueryable<GroupRow> Rows(EntitlementDbContext context, string tenant, (string After, string Last) things) => context.Database.SqlQuery<GroupRow>(
        $"""
        SELECT thing AS "Thing", account AS "Account", action AS "Action", rule AS "Rule", CAST(SUM(count) AS BIGINT) AS "Count", MAX(day) AS "LastDay"
        FROM decided WHERE tenant = {tenant} AND thing > {things.After} AND thing <= {things.Last} AND day >= {days.First}
        GROUP BY thing, account, action, rule
        """);

    private void Look(string tenant, ReplayedThing.Says says, GroupRow row)
    {
        if (says.Refusal is { } refusal)
        {
            if (Decider.IsUnderPolicy(row.Rule))
            {
                _refusals.Add(row.Count, () => row.ToMessage(tenant, says.Repository, refusal.Message));
            }
        }
        else if (row.Rule is PolicyCheck.Denied or PolicyCheck.NotAllowed && !says.IsRefusedByOthers)
        {
            _freedoms.Add(row.Count, () => row.ToMessage(tenant, says.Repository, "no policy would refuse it"));
        }
    }

    private ReplayReport Report(long lost) => new()
    {
        FirstDay = days.First,
        LastDay = days.Last,
        Refused = _refusals.Decisions,
        Freed = _freedoms.Decisions,
        Refusals = { _refusals.Rows },
        Freedoms = { _freedoms.Rows },
        RefusalRows = _refusals.Count,
        FreedomRows = _freedoms.Count,
        Lost = lost,
    };

    private sealed record TenantDays(string Tenant, long Decisions, long Lost);

    private sealed record ThingRow(string Id, byte[] Resource);

    private sealed record GroupRow(string Thing, string Account, int Action, string Rule, long Count, string LastDay)
    {
        public ReplayRow ToMessage(string tenant, RepositoryName repository, string message) => new()
        {
            Tenant = tenant,
            Account = Account,
            Action = (Action)Action,
            Repository = repository.Value,
            Count = Count,
            LastDay = LastDay,
            RuleThen = Rule,
            Message = message,
        };
    }
}
