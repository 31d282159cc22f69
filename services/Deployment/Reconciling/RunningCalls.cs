namespace ModelGarden.Deployment.Reconciling;

/// <summary>
/// A replica's running calls, as each instance of Serving last told. One that has fallen silent is gone, and its calls with it: they would
/// keep the replica awake for ever. Not safe for many threads.
/// </summary>
internal sealed class RunningCalls(TimeProvider clock)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, (int Running, DateTimeOffset Until)> _told = new(StringComparer.Ordinal);

    /// <summary>Of all that still count.</summary>
    public int Count
    {
        get
        {
            var now = clock.GetUtcNow();
            foreach (var (reporter, _) in _told.Where(pair => pair.Value.Until <= now).ToList())
            {
                _told.Remove(reporter);
            }

            return _told.Values.Sum(told => told.Running);
        }
    }

    /// <summary>When the next ones count no longer, unless they are told again.</summary>
    public DateTimeOffset? Until => _told.Count > 0 ? _told.Values.Min(told => told.Until) : null;

    public void Tell(string reporter, int running)
    {
        if (running > 0)
        {
            _told[reporter] = (running, clock.GetUtcNow() + Silence);
        }
        else
        {
            _told.Remove(reporter);
        }
    }
}
