namespace ModelGarden.Hosting.Waiting;

/// <summary>Work that is done again and again in the background.</summary>
public static class Rounds
{
    /// <summary>Does a round at once and another after each pause, whatever became of the one before.</summary>
    /// <param name="pause">Between rounds.</param>
    /// <param name="clock">By which it passes.</param>
    /// <param name="round">What is done.</param>
    /// <param name="failed">Is told what a round threw; the next one comes all the same.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static Task RunAsync(TimeSpan pause, TimeProvider clock, Func<CancellationToken, Task> round, Action<Exception> failed, CancellationToken cancellationToken) => UntilAsync(
        pause,
        clock,
        async cancel =>
        {
            await round(cancel);
            return false;
        },
        failed,
        cancellationToken);

    /// <summary>The same until a round says that all is done.</summary>
    public static async Task UntilAsync(TimeSpan pause, TimeProvider clock, Func<CancellationToken, Task<bool>> round, Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(pause, clock);
        do
        {
            try
            {
                if (await round(cancellationToken))
                {
                    return;
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
