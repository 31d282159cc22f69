using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;

namespace ModelGarden.Deployment.Licenses;

/// <summary>Fills the book from Entitlement's feed. A snapshot counts when it is whole: until then what was known stands.</summary>
internal sealed class LicenseFeed(Withdrawals withdrawals) : IFeedHandler
{
    private LicenseBook _book = LicenseBook.Empty;
    private bool _isWhole;

    public long Position { get; private set; }

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        (_book, _isWhole, Position) = (LicenseBook.Empty, false, 0);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var before = _book;
        (_book, Position) = (_book.With(change), change.Sequence);
        if (_isWhole && !ReferenceEquals(before, _book))
        {
            withdrawals.Set(_book);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        _isWhole = true;
        withdrawals.Set(_book);
        return ValueTask.CompletedTask;
    }
}
