using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Entitlement.Usage;

/// <summary>The span of time that usage is asked for.</summary>
internal sealed record Span(DateTimeOffset Since, DateTimeOffset Until);

/// <summary>Keeps what was used, each record once, and the counters that quotas are held against in the same transaction.</summary>
internal sealed class UsageBook(IDbContextFactory<EntitlementDbContext> contexts, TimeProvider clock, EntitlementMetrics metrics)
{
    private const int RowLimit = 10_000;
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(366);

    /// <summary>How many of the records were new.</summary>
    public async Task<Result<int>> TakeAsync(RepeatedField<UsageRecord> records, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (UsageRules.Refusal(records, now) is { } refusal)
        {
            return refusal;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var fresh = await InsertAsync(context, records, cancellationToken);
        foreach (var group in fresh.GroupBy(record => (Tenant: Key.Of(record.Tenant), Day: Day.Of(record.At.ToDateTimeOffset()))).OrderBy(group => group.Key))
        {
            await CountAsync(context, group.Key.Tenant, group.Key.Day, [.. group], cancellationToken);
        }

        await AnnounceAsync(context, fresh, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Used(fresh.Count, records.Count - fresh.Count);
        return fresh.Count;
    }

    /// <summary>Totals by day, endpoint, account and repository.</summary>
    public async Task<Result<UsageRow[]>> TotalsAsync(Result<TenantName> tenant, Span span, CancellationToken cancellationToken)
    {
        if (tenant.Error is not null)
        {
            return tenant.Error;
        }

        if (span.Until <= span.Since || span.Until - span.Since > LongestSpan)
        {
            return Error.Invalid("BAD_SPAN", $"usage is asked for from a time to a later one, at most {LongestSpan.TotalDays} days");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (key, since, until) = (Key.Of(tenant.Value.Value), span.Since.ToUnixTimeMilliseconds(), span.Until.ToUnixTimeMilliseconds());
        if (!await context.Tenants.AnyAsync(row => row.Key == key, cancellationToken))
        {
            return Tenants.TenantErrors.NotFound(tenant.Value.Value);
        }

        // The counts of single records are bounded to 2^40, so no sum of a day comes near the end of 64 bits.
        var rows = await context.Database.SqlQuery<TotalRow>(
            $"""
            SELECT day AS "Day", endpoint AS "Endpoint", account AS "Account", repository AS "Repository", COUNT(*) AS "Requests",
                CAST(SUM(input_tokens) AS BIGINT) AS "InputTokens", CAST(SUM(output_tokens) AS BIGINT) AS "OutputTokens",
                CAST(SUM(milliseconds) AS BIGINT) AS "Milliseconds"
            FROM usage_records WHERE tenant = {key} AND at >= {since} AND at < {until}
            GROUP BY day, endpoint, account, repository ORDER BY day, endpoint, account, repository LIMIT {RowLimit + 1}
            """).ToListAsync(cancellationToken);
        return rows.Count > RowLimit
            ? Error.Exhausted("TOO_MANY_ROWS", $"the answer has more than {RowLimit} rows: ask for a shorter span")
            : rows.Select(row => row.ToMessage()).ToArray();
    }

    /// <summary>In the order of their ids, so that two reports of the same records wait for each other instead of locking each other out.</summary>
    private static async Task<List<UsageRecord>> InsertAsync(EntitlementDbContext context, IEnumerable<UsageRecord> records, CancellationToken cancellationToken)
    {
        var fresh = new List<UsageRecord>();
        foreach (var record in records.OrderBy(record => record.Id, StringComparer.Ordinal))
        {
            var at = record.At.ToDateTimeOffset();
            var inserted = await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO usage_records (id, tenant, account, endpoint, repository, revision, operation, input_tokens, output_tokens, milliseconds, at, day, outcome)
                VALUES ({record.Id}, {Key.Of(record.Tenant)}, {record.Account}, {record.Endpoint}, {record.Repository}, {record.Revision}, {record.Operation},
                    {record.InputTokens}, {record.OutputTokens}, {record.Milliseconds}, {at.ToUnixTimeMilliseconds()}, {Day.Of(at)}, {record.Outcome})
                ON CONFLICT (id) DO NOTHING
                """,
                cancellationToken);
            if (inserted is 1)
            {
                fresh.Add(record);
            }
        }

        return fresh;
    }

    private static Task<int> CountAsync(EntitlementDbContext context, string tenant, string day, UsageRecord[] records, CancellationToken cancellationToken)
    {
        var tokens = records.Sum(record => record.InputTokens + record.OutputTokens);
        return context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO quota_counters (tenant, day, tokens, requests) VALUES ({tenant}, {day}, {tokens}, {records.LongLength})
            ON CONFLICT (tenant, day) DO UPDATE SET tokens = quota_counters.tokens + excluded.tokens, requests = quota_counters.requests + excluded.requests
            """,
            cancellationToken);
    }

    /// <summary>Tells of the quotas that are used from, so that whoever enforces them need not ask.</summary>
    private static async Task AnnounceAsync(EntitlementDbContext context, IEnumerable<UsageRecord> fresh, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var tenant in fresh.Select(record => Key.Of(record.Tenant)).Distinct().Order(StringComparer.Ordinal))
        {
            if (await Quotas.StateAsync(context, tenant, now, cancellationToken) is { IsLimited: true } quota)
            {
                var name = await context.Tenants.Where(row => row.Key == tenant).Select(row => row.Name).SingleAsync(cancellationToken);
                context.Announce($"quota/{tenant}", quota.ToMessage(name));
            }
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    private sealed record TotalRow(string Day, string Endpoint, string Account, string Repository, long Requests, long InputTokens, long OutputTokens, long Milliseconds)
    {
        public UsageRow ToMessage() => new()
        {
            Day = Day,
            Endpoint = Endpoint,
            Account = Account,
            Repository = Repository,
            Requests = Requests,
            InputTokens = InputTokens,
            OutputTokens = OutputTokens,
            Milliseconds = Milliseconds,
        };
    }
}
