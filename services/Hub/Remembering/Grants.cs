using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Hub.Remembering;

/// <summary>A download that Entitlement allowed.</summary>
/// <param name="Mark">What was known of changes when it was asked.</param>
/// <param name="Until">When an acceptance, or access, that it rests on ends; null: when something changes.</param>
internal sealed record Grant(GrantMark Mark, DateTimeOffset? Until);

/// <summary>A moment in the changes that could end a grant.</summary>
/// <param name="Changes">How many changes of licences and acceptances.</param>
/// <param name="Slot">Where changes of the account's access to the repository are counted.</param>
/// <param name="Accesses">How many there were.</param>
internal readonly record struct GrantMark(long Changes, int Slot, long Accesses);

/// <summary>
/// Says whether a grant stands: it does until Entitlement's feed tells of any change that could end it, and never while the feed is broken. Refusals are not
/// kept: who has just accepted a licence has it at once.
/// </summary>
internal sealed class Grants(TimeProvider clock) : IFeedHandler
{
    private const string AccessKey = "access/";
    private const int Slots = 1 << 14;

    // An account's access to a repository is counted by hash: people ask for it all day long, and that is to take back no grants but theirs and a few others.
    private readonly long[] _accesses = new long[Slots];
    private long _changes;
    private volatile bool _isLive;

    public long Start => FeedStart.FromNow;

    public long Position { get; private set; } = FeedStart.FromNow;

    /// <summary>To be made before Entitlement is asked.</summary>
    public GrantMark MarkOf(string repositoryId, string account)
    {
        var slot = SlotOf($"{AccessKey}{repositoryId}/{account}");
        return new(Interlocked.Read(ref _changes), slot, Interlocked.Read(ref _accesses[slot]));
    }

    public bool Stands(Grant? grant) => _isLive && grant is not null && grant.Mark.Changes == Interlocked.Read(ref _changes)
        && grant.Mark.Accesses == Interlocked.Read(ref _accesses[grant.Mark.Slot]) && (grant.Until is null || clock.GetUtcNow() < grant.Until);

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _changes);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.Key.StartsWith(AccessKey, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _accesses[SlotOf(change.Key)]);
        }
        else if (!change.Key.StartsWith("quota/", StringComparison.Ordinal) && !change.Key.StartsWith("member/", StringComparison.Ordinal))
        {
            // Quotas bound calls, not downloads; of a member's roles the caller's token tells.
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

    private static int SlotOf(string key) => (int)((uint)string.GetHashCode(key, StringComparison.OrdinalIgnoreCase) % Slots);
}
