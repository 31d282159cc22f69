namespace ModelGarden.Hosting.Waiting;

/// <summary>
/// How long to wait before trying again what has failed: twice as long after each failure in a row, up to a limit, each time a quarter more or
/// less, so that all who met the same failure do not come back at once.
/// </summary>
/// <param name="First">After the first failure.</param>
/// <param name="Longest">The limit, to which the last quarter may still be added.</param>
public sealed record GrowingPause(TimeSpan First, TimeSpan Longest)
{
    private const double Spread = 0.25;

    /// <param name="failures">How many in a row, the one just met among them; less than one counts as one.</param>
    public TimeSpan After(int failures)
    {
        // A power, not a loop, of doubles, not ticks: endless failures neither take time nor overflow.
        var ticks = Math.Min(First.Ticks * Math.Pow(2, Math.Max(failures, 1) - 1), Longest.Ticks);
        return TimeSpan.FromTicks((long)ticks) * (1 - Spread + (2 * Spread * Random.Shared.NextDouble()));
    }
}
