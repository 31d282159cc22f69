namespace ModelGarden.Hosting.Waiting;

/// <summary>Waiting for something, or for a time.</summary>
public static class Waits
{
    /// <summary>
    /// Waits for a task's end, though no longer than so long; true: it ended. Leaves no timer behind, so that it suits loops that are woken often. What
    /// became of the task is not looked at.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public static async Task<bool> WithinAsync(this Task task, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(atMost, clock, end.Token));
        await end.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }
}
