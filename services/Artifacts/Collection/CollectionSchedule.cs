using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ModelGarden.Artifacts.Files;

namespace ModelGarden.Artifacts.Collection;

/// <summary>When the next collection is due, in the database: whoever is restarted, or has other replicas beside it, knows when the last one was.</summary>
internal sealed class CollectionSchedule(IDbContextFactory<ArtifactsDbContext> contexts, IOptions<ArtifactsOptions> options, TimeProvider clock)
{
    private const int TheOnlyRow = 1;
    private static readonly TimeSpan LongestClaim = TimeSpan.FromHours(1);
    private readonly TimeSpan _every = options.Value.CollectEvery;

    /// <summary>How long others leave a collection alone that was begun; one that takes longer may be joined, which harms nobody. Also how long one that failed rests.</summary>
    public TimeSpan Claim => _every < LongestClaim ? _every : LongestClaim;

    /// <summary>How long until one is due, or a claim is over; null: it is due now, and claimed for the caller.</summary>
    public async Task<TimeSpan?> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        for (var now = clock.GetUtcNow(); ; now = clock.GetUtcNow())
        {
            var known = await FindAsync(context, now, cancellationToken);
            var due = Later(known.FinishedAt + _every, known.ClaimedUntil);
            if (due > now)
            {
                // Timers wait whole milliseconds: not a part of one less, or it would be asked again and again.
                return TimeSpan.FromMilliseconds(Math.Ceiling((due - now).TotalMilliseconds));
            }

            var until = now + Claim;
            if (await context.CollectionSchedules.Where(row => row.Id == TheOnlyRow && row.FinishedAt == known.FinishedAt && row.ClaimedUntil == known.ClaimedUntil)
                .ExecuteUpdateAsync(row => row.SetProperty(found => found.ClaimedUntil, until), cancellationToken) is 1)
            {
                return null;
            }
        }
    }

    /// <summary>A collection has come to its end, whoever asked for it.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await FindAsync(context, now, cancellationToken);
        await context.CollectionSchedules.Where(row => row.Id == TheOnlyRow).ExecuteUpdateAsync(
            row => row.SetProperty(found => found.FinishedAt, now).SetProperty(found => found.ClaimedUntil, DateTimeOffset.UnixEpoch), cancellationToken);
    }

    /// <summary>A garden that has never collected counts from its first start.</summary>
    private static async Task<CollectionScheduleRow> FindAsync(ArtifactsDbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await context.CollectionSchedules.SingleOrDefaultAsync(row => row.Id == TheOnlyRow, cancellationToken) is { } known)
        {
            return known;
        }

        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO collection_schedule (id, finished_at, claimed_until) VALUES ({TheOnlyRow}, {now.ToUnixTimeMilliseconds()}, 0) ON CONFLICT DO NOTHING", cancellationToken);
        return await context.CollectionSchedules.SingleAsync(row => row.Id == TheOnlyRow, cancellationToken);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <summary>What is known of the last collection.</summary>
internal sealed class CollectionScheduleRow
{
    public required int Id { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    public required DateTimeOffset ClaimedUntil { get; init; }
}
