using ModelGarden.Contracts.V1;

namespace ModelGarden.Hosting.Feeds;

/// <summary>Applies another service's changes. Calls come one at a time, in order; a change may come again after a restart.</summary>
public interface IFeedHandler
{
    /// <summary>Where it begins, and begins anew when what it missed is forgotten: with a snapshot of all there is, or <see cref="FeedStart.FromNow"/>.</summary>
    long Start => FeedStart.Snapshot;

    /// <summary>The sequence up to which everything is applied and kept; <see cref="Start"/>: nothing yet.</summary>
    long Position { get; }

    /// <summary>So long the feed may say nothing before it counts as broken off; it is asked to give a sign of life four times as often.</summary>
    TimeSpan Silence => TimeSpan.FromSeconds(30);

    /// <summary>Drops everything: a snapshot follows, or what changes from now on.</summary>
    ValueTask ResetAsync(CancellationToken cancellationToken);

    ValueTask ApplyAsync(Change change, CancellationToken cancellationToken);

    /// <summary>All that was there when following began is applied.</summary>
    ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>All that had changed at a time is applied: the feed has said so, first right after <see cref="CaughtUpAsync"/>.</summary>
    /// <param name="at">When the other side looked, as a timestamp of this one's clock: a word that was long on its way, or waited here to be read, is as old as it is.</param>
    void Heard(long at)
    {
    }

    /// <summary>The feed broke off: what is held may grow old until <see cref="CaughtUpAsync"/> comes again.</summary>
    ValueTask LostAsync() => ValueTask.CompletedTask;
}

/// <summary>Where a feed can be begun; see <c>WatchRequest.from</c>.</summary>
public static class FeedStart
{
    /// <summary>With all there is.</summary>
    public const long Snapshot = 0;

    /// <summary>With nothing: for those who only need to know that something they hold has changed.</summary>
    public const long FromNow = -1;
}
