using Microsoft.EntityFrameworkCore;
using ModelGarden.Identity.Secrets;
using ModelGarden.Kernel;
using ModelGarden.Persistence;

namespace ModelGarden.Identity.SignIn;

/// <summary>
/// Counts wrong tries, the same for all replicas. A try is counted before it is made and taken back when it was right: many at once get no more than one after the other. Names that
/// nobody has are counted as others are, so that a lock tells nothing.
/// </summary>
internal sealed class TryCounter(IDbContextFactory<IdentityDbContext> contexts, TimeProvider clock)
{
    /// <summary>Has a try made; the refusal if there may be none now. It counts if it was wrong (<see cref="ErrorCode.Unauthenticated"/>): what could not be looked at was no try.</summary>
    /// <param name="what">Which secret, such as <c>password/ann</c>.</param>
    /// <param name="attempt">Holds against the secret what was typed.</param>
    /// <param name="cancellationToken">Nothing is counted then.</param>
    public async Task<Result<T>> TryAsync<T>(string what, Func<Task<Result<T>>> attempt, CancellationToken cancellationToken)
        where T : notnull
    {
        var begun = await BeginAsync(what, cancellationToken);
        if (begun.Error is not null)
        {
            return begun.Error;
        }

        var isOver = false;
        try
        {
            var outcome = await attempt();
            if (outcome.Error is null)
            {
                await SucceedAsync(what, cancellationToken);
            }

            isOver = outcome.Error is null or { Code: ErrorCode.Unauthenticated };
            return outcome;
        }
        finally
        {
            if (!isOver)
            {
                // Whoever has gone away has not tried either.
                await TakeBackAsync(begun.Value, CancellationToken.None);
            }
        }
    }

    /// <summary>Counts a try that is about to be made.</summary>
    public Task<Result<CountedTry>> BeginAsync(string what, CancellationToken cancellationToken)
    {
        var key = SecretText.HashOf(what);
        return contexts.TransactAsync<IdentityDbContext, Result<CountedTry>>(
            async (context, transaction) =>
            {
                var (failures, lastAt) = await LockAsync(context, key, cancellationToken);
                var now = clock.GetStoredNow();
                if (lastAt + LockOut.After(failures) is var until && until > now)
                {
                    return TooMany(until - now);
                }

                var next = lastAt + LockOut.Memory <= now ? 1 : failures + 1;
                await context.Tries.Where(row => row.What == key)
                    .ExecuteUpdateAsync(row => row.SetProperty(one => one.Failures, next).SetProperty(one => one.LastAt, now), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return new CountedTry(key, now, lastAt);
            },
            cancellationToken);
    }

    /// <summary>The try was right: those before it are forgotten.</summary>
    public async Task SucceedAsync(string what, CancellationToken cancellationToken)
    {
        var key = SecretText.HashOf(what);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Tries.Where(row => row.What == key).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>How many were wrong in a row.</summary>
    public async Task<int> FailuresAsync(string what, CancellationToken cancellationToken)
    {
        var key = SecretText.HashOf(what);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Tries.Where(row => row.What == key).Select(row => row.Failures).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>As if it had not been counted, but for others that were counted meanwhile.</summary>
    private async Task TakeBackAsync(CountedTry counted, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Tries.Where(row => row.What == counted.What && row.Failures > 0).ExecuteUpdateAsync(
            row => row.SetProperty(one => one.Failures, one => one.Failures - 1)
                .SetProperty(one => one.LastAt, one => one.LastAt == counted.At ? counted.Before : one.LastAt),
            cancellationToken);
    }

    /// <summary>Holds the row to the end of the transaction: those who try at once take turns.</summary>
    private static async Task<(int Failures, DateTimeOffset LastAt)> LockAsync(IdentityDbContext context, string key, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tries (what, failures, last_at) VALUES ({key}, 0, 0) ON CONFLICT (what) DO UPDATE SET failures = tries.failures", cancellationToken);
        var row = await context.Tries.FirstAsync(one => one.What == key, cancellationToken);
        return (row.Failures, row.LastAt);
    }

    private static Error TooMany(TimeSpan left) =>
        Error.Exhausted("TOO_MANY_TRIES", $"too many wrong tries: wait {Math.Ceiling(left.TotalMinutes)} minutes, then try again, or ask an admin for a link to set a new password");
}

/// <summary>A try that was counted before it was made.</summary>
/// <param name="What">The SHA-256 of what is tried.</param>
/// <param name="At">When.</param>
/// <param name="Before">When the one before was.</param>
internal sealed record CountedTry(string What, DateTimeOffset At, DateTimeOffset Before);
