using ModelGarden.Contracts.V1;

namespace ModelGarden.Hosting.Feeds;

/// <summary>
/// Hears of changes from now on, for whoever remembers another service's answers and can ask again: what changed is to be forgotten, and while the feed is broken
/// nobody knows what that is.
/// </summary>
public abstract class ChangeListener : IFeedHandler
{
    private volatile bool _isLive;

    public long Start => FeedStart.FromNow;

    public long Position { get; private set; } = FeedStart.FromNow;

    public virtual TimeSpan Silence => TimeSpan.FromSeconds(30);

    /// <summary>All changes so far are heard, as far as anybody knows: false from <see cref="Silence"/> after the feed's last word on.</summary>
    public bool IsLive => _isLive;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        ForgetAll();
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        Hear(change);
        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        (Position, _isLive) = (sequence, true);
        return ValueTask.CompletedTask;
    }

    public ValueTask LostAsync()
    {
        _isLive = false;
        return ValueTask.CompletedTask;
    }

    /// <summary>What changed meanwhile is not known.</summary>
    protected abstract void ForgetAll();

    protected abstract void Hear(Change change);
}
