using ModelGarden.Kernel;

namespace ModelGarden.AppHost;

/// <summary>Says what a start that takes long waits for, and ends one that takes too long.</summary>
internal static class StartWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <param name="start">The start.</param>
    /// <param name="waiting">What it waits for, in words; empty: nothing that has a name.</param>
    /// <param name="screen">Where that is said, when it has changed.</param>
    /// <param name="cancellationToken">Told to stop.</param>
    public static async Task RunAsync(Func<CancellationToken, Task> start, Func<string> waiting, Screen screen, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var (starting, said) = (start(limit.Token), "");
        while (!await EndsAsync(starting, Pause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = waiting();
            if (limit.IsCancellationRequested)
            {
                throw new ErrorException(Error.Unavailable("NOT_READY", $"not ready after {Limit.TotalMinutes:0} minutes: {now}"));
            }

            if (now != said)
            {
                screen.Warning($"still starting: {said = now}");
            }
        }

        await starting;
    }

    private static async Task<bool> EndsAsync(Task task, TimeSpan pause) => await Task.WhenAny(task, Task.Delay(pause)) == task;
}
