using Microsoft.Extensions.Options;
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
internal sealed class Grants(IOptions<HubOptions> options, TimeProvider clock) : ChangeListener
{
    private long _changes;

    public override TimeSpan Silence { get; } = TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds);

    /// <summary>To be read before Entitlement is asked.</summary>
    public long Changes => Volatile.Read(ref _changes);

    public bool Stands(Grant? grant) => IsLive && grant is not null && grant.Changes == Changes && (grant.Until is null || clock.GetUtcNow() < grant.Until);

    protected override void ForgetAll() => Interlocked.Increment(ref _changes);

    protected override void Hear(Change change)
    {
        // Quotas bound calls, not downloads; of a member's roles the caller's token tells.
        if (!change.Key.StartsWith("quota/", StringComparison.Ordinal) && !change.Key.StartsWith("member/", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _changes);
        }
    }
}
