using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ModelGarden.Persistence;

/// <summary>Wakes the watchers of one service's feed after each commit in this process; commits of other replicas are found by looking.</summary>
internal sealed class ChangeSignal : DbTransactionInterceptor
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Completes with the next commit.</summary>
    public Task Next => _next.Task;

    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Pulse();

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Pulse();
        return Task.CompletedTask;
    }

    private void Pulse() => Interlocked.Exchange(ref _next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One signal a store, for services with several.</summary>
internal sealed class ChangeSignal<TContext>
    where TContext : GardenDbContext
{
    public ChangeSignal Interceptor { get; } = new();

    public Task Next => Interceptor.Next;
}
