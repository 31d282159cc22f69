namespace ModelGarden.Hosting.Feeds;

/// <summary>
/// Tells how old the words of one stream are: each says how long after the stream's beginning the other side looked, and the quickest of them tells when, by this side's clock, that beginning was. The clocks
/// need not agree; what is left is what the quickest word took.
/// </summary>
internal sealed class WordAges(TimeProvider clock)
{
    private long _beginning = long.MaxValue;

    /// <summary>The timestamp of when the other side looked.</summary>
    /// <param name="elapsedMilliseconds">After the stream's beginning; null: it does not say, so that it counts as of now.</param>
    public long TimeOf(long? elapsedMilliseconds)
    {
        var now = clock.GetTimestamp();
        if (elapsedMilliseconds is not { } milliseconds)
        {
            return now;
        }

        var elapsed = milliseconds * clock.TimestampFrequency / 1000;
        _beginning = Math.Min(_beginning, now - elapsed);
        return _beginning + elapsed;
    }
}
