using ModelGarden.Contracts.V1;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Deployment.Licenses;

/// <summary>Fills the book from Entitlement's feed. A snapshot counts when it is whole: until then what was known stands.</summary>
internal sealed class LicenseFeed(Withdrawals withdrawals, EndpointStore endpoints) : IFeedHandler
{
    /// <summary>So many requests for access that no endpoint rests on are kept when there are twice as many.</summary>
    public const int Refusals = 10_000;

    private int _mostRefusals = 2 * Refusals;
    private LicenseBook _book = LicenseBook.Empty;
    private bool _isWhole;

    public long Position { get; private set; }

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        (_book, _isWhole, Position, _mostRefusals) = (LicenseBook.Empty, false, 0, 2 * Refusals);
        return ValueTask.CompletedTask;
    }

    public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var before = _book;
        (_book, Position) = (_book.With(change), change.Sequence);
        if (_book.Refusals > _mostRefusals)
        {
            await ForgetAsync(cancellationToken);
        }

        if (_isWhole && !ReferenceEquals(before, _book))
        {
            withdrawals.Set(_book);
        }
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        _isWhole = true;
        withdrawals.Set(_book);
        return ValueTask.CompletedTask;
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        _book = _book.Forget((await endpoints.ListAllAsync(cancellationToken)).Select(endpoint => endpoint.Wish.Target), Refusals);
        // Were there very many endpoints that rest on such, each change would begin it again.
        _mostRefusals = _book.Refusals + Refusals;
    }
}
