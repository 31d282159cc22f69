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
    private volatile Known? _known;
    private bool _isCaughtUp;

    public long Position { get; private set; }

    public TimeSpan Silence { get; } = TimeSpan.FromMilliseconds(options.Value.TrustedSilenceMilliseconds);

    /// <summary>Null: nothing is known, or what is may have changed meanwhile.</summary>
    public RightsBook? Book => _known is { } known && clock.GetElapsedTime(known.Heard) < Silence ? known.Book : null;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        (_filling, _isCaughtUp, Position) = (new(), false, 0);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        if (!_isCaughtUp && ReferenceEquals(_known?.Book, _filling))
        {
            // Between changes that came together there are states that never were. Who tells them can be asked.
            _known = null;
        }

        _filling.Apply(change);
        Position = change.Sequence;
        return ValueTask.CompletedTask;
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        (_isCaughtUp, Position) = (true, sequence);
        return ValueTask.CompletedTask;
    }

    public void Heard(long at)
    {
        if (_isCaughtUp)
        {
            _known = new(_filling, at);
        }
    }

    public ValueTask LostAsync()
    {
        _isCaughtUp = false;
        return ValueTask.CompletedTask;
    }

    /// <param name="Book">All that was so at that time.</param>
    /// <param name="Heard">The clock's timestamp.</param>
    private sealed record Known(RightsBook Book, long Heard);
}
