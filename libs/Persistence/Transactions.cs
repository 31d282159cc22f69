using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using ModelGarden.Hosting.Waiting;
using ModelGarden.Kernel;

namespace ModelGarden.Persistence;

/// <summary>Changes of several rows that others change too.</summary>
public static class Transactions
{
    private const int MaximumAttempts = 8;
    private static readonly GrowingPause Pause = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(160));

    extension<TContext>(IDbContextFactory<TContext> contexts)
        where TContext : GardenDbContext
    {
        /// <summary>
        /// Has a change made in one transaction of its own context, and made anew where the database broke it off because it and another waited for each other, after a
        /// growing pause of random length. What it does not commit is rolled back. PostgreSQL finds such a pair after a second; SQLite has one writer and so none.
        /// </summary>
        /// <param name="change">Commits if it is to be kept. Called up to 8 times, so it may change nothing but the database.</param>
        /// <param name="cancellationToken">Nothing is kept then.</param>
        /// <typeparam name="TResult">What the change says.</typeparam>
        public async Task<TResult> TransactAsync<TResult>(Func<TContext, IDbContextTransaction, Task<TResult>> change, CancellationToken cancellationToken)
        {
            for (var attempt = 1; ; attempt++)
            {
                await using var context = await contexts.CreateDbContextAsync(cancellationToken);
                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                try
                {
                    return await change(context, transaction);
                }
                catch (Exception exception) when (attempt < MaximumAttempts && exception.IsDeadlock())
                {
                    await transaction.DisposeAsync();

                    // The database waits in real time, whatever clock the garden goes by.
                    await Task.Delay(Pause.After(attempt), cancellationToken);
                }
            }
        }

        /// <summary>The same for a change that answers a value if it is to be kept, and an error if not.</summary>
        public Task<Result<T>> DecideAsync<T>(Func<TContext, Task<Result<T>>> change, CancellationToken cancellationToken)
            where T : notnull => contexts.TransactAsync(
                async (context, transaction) =>
                {
                    var result = await change(context);
                    if (result.Error is null)
                    {
                        await transaction.CommitAsync(cancellationToken);
                    }

                    return result;
                },
                cancellationToken);

        /// <inheritdoc cref="TransactAsync{TContext, TResult}(IDbContextFactory{TContext}, Func{TContext, IDbContextTransaction, Task{TResult}}, CancellationToken)"/>
        public Task TransactAsync(Func<TContext, IDbContextTransaction, Task> change, CancellationToken cancellationToken) => contexts.TransactAsync<TContext, bool>(
            async (context, transaction) =>
            {
                await change(context, transaction);
                return true;
            },
            cancellationToken);
    }
}
