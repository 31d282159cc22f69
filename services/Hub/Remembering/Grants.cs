using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Hub.Remembering;

/// <summary>A download that Entitlement allowed.</summary>
/// <param name="Changes">How many changes of licences and acceptances were known when it was asked.</param>
/// <param name="Until">When an acceptance that it rests on ends; null: when something changes.</param>
internal sealed record Grant(long Changes, DateTimeOffset? Until);

/// <summary>
/// Says whether a grant stands: it does until Entitlement's feed tells of any change that could end it, and never while the feed is broken. Refusals are not
/// kept: who has just accepted a licence has it at once.
/// </summary>
internal sealed class Grants(TimeProvider clock) : IFeedHandler
{
    private long _changes;
    private volatile bool _isLive;

    public long Start => FeedStart.FromNow;

    public long Position { get; private set; } = FeedStart.FromNow;

    /// <summary>To be read before Entitlement is asked.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    public bool Stands(Grant? grant) => _isLive && grant is not null && grant.Changes == Changes && (grant.Until is null || clock.GetUtcNow() < grant.Until);

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _changes);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        // Quotas bound calls, not downloads; of a member's roles the caller's token tells.
        if (!change.Key.StartsWith("quota/", StringComparison.Ordinal) && !change.Key.StartsWith("member/", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _changes);
        }

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
}
