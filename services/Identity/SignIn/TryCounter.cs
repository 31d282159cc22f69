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
    /// <summary>Counts a try that is about to be made; the refusal if there may be none now.</summary>
    /// <param name="what">Which secret, such as <c>password/ann</c>.</param>
    /// <param name="cancellationToken">Nothing is counted then.</param>
    public Task<Error?> BeginAsync(string what, CancellationToken cancellationToken)
    {
        var key = SecretText.HashOf(what);
        return contexts.TransactAsync(
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
                return null;
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
