using Microsoft.Extensions.Options;
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
internal sealed class Grants(IOptions<HubOptions> options, TimeProvider clock) : ChangeListener
{
    private const string AccessKey = "access/";
    private const int Slots = 1 << 14;

    // An account's access to a repository is counted by hash: people ask for it all day long, and that is to take back no grants but theirs and a few others.
    private readonly long[] _accesses = new long[Slots];
    private long _changes;

    public override TimeSpan Silence { get; } = TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds);

    /// <summary>To be made before Entitlement is asked.</summary>
    public GrantMark MarkOf(string repositoryId, string account)
    {
        var slot = SlotOf($"{AccessKey}{repositoryId}/{account}");
        return new(Volatile.Read(ref _changes), slot, Volatile.Read(ref _accesses[slot]));
    }

    public bool Stands(Grant? grant) => IsLive && grant is not null && grant.Mark.Changes == Volatile.Read(ref _changes)
        && grant.Mark.Accesses == Volatile.Read(ref _accesses[grant.Mark.Slot]) && (grant.Until is null || clock.GetUtcNow() < grant.Until);

    protected override void ForgetAll() => Interlocked.Increment(ref _changes);

    protected override void Hear(Change change)
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
    }

    private static int SlotOf(string key) => (int)((uint)string.GetHashCode(key, StringComparison.OrdinalIgnoreCase) % Slots);
}
