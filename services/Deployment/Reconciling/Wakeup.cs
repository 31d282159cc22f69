namespace ModelGarden.Deployment.Reconciling;

/// <summary>Wakes a loop that waits for the next event or a time. Any number of events before it looks again are one.</summary>
internal sealed class Wakeup(TimeProvider clock)
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Take it before looking: what happens after that completes it.</summary>
    public Task Next => _next.Task;

    public void Signal() => Interlocked.Exchange(ref _next, New()).SetResult();

    /// <summary>Waits for an event or a time; null: for the event alone.</summary>
    public async Task WaitAsync(Task happened, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var limit = until is { } at ? DelayAsync(at, over.Token) : Task.Delay(Timeout.Infinite, over.Token);

        // Asked again once the timer stands: a clock that was moved in between fires it too late.
        if (!(until <= clock.GetUtcNow()))
        {
            await Task.WhenAny(happened, limit);
        }

        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Task DelayAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        var span = until - clock.GetUtcNow();
        return Task.Delay(span > TimeSpan.Zero ? span : TimeSpan.Zero, clock, cancellationToken);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
