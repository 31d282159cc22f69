using Microsoft.Extensions.Options;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Rights.Local;

/// <summary>
/// Fills the book from Entitlement's feed. A snapshot counts when it is whole; until then what was known stands, for as long as the feed's last word that nothing else had changed is not older than is trusted.
/// </summary>
internal sealed class RightsFeed(IOptions<RightsOptions> options, TimeProvider clock) : IFeedHandler
{
    private RightsBook _filling = new();
    private volatile RightsBook? _whole;
    private bool _isCaughtUp;
    private long _heard;

    public long Position { get; private set; }

    public TimeSpan Silence { get; } = TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds);

    /// <summary>Null: nothing is known, or what is may have changed meanwhile.</summary>
    public RightsBook? Book => _whole is { } book && clock.GetElapsedTime(Volatile.Read(ref _heard)) < Silence ? book : null;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        (_filling, _isCaughtUp, Position) = (new(), false, 0);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        _filling.Apply(change);
        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _heard, clock.GetTimestamp());
        (_whole, _isCaughtUp, Position) = (_filling, true, sequence);
        return ValueTask.CompletedTask;
    }

    public void Heard()
    {
        if (_isCaughtUp)
        {
            Volatile.Write(ref _heard, clock.GetTimestamp());
        }
    }

    public ValueTask LostAsync()
    {
        _isCaughtUp = false;
        return ValueTask.CompletedTask;
    }
}
