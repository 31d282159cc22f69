using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Search.Engines;

namespace ModelGarden.Search.Feeds;

/// <summary>
/// Keeps the index what Catalog's feed says. It starts from nothing with the process; when the feed starts over later, the index that
/// is there goes on answering until the new one is whole.
/// </summary>
internal sealed partial class CatalogFollower(Func<ISearchEngine> create, SearchMetrics metrics, ILogger<CatalogFollower> logger) : IFeedHandler
{
    private const string Repositories = "repository/";
    private volatile ISearchEngine? _whole;
    private ISearchEngine? _growing;

    public long Position { get; private set; }

    /// <summary>The index, or null until it has been whole once.</summary>
    public ISearchEngine? Engine => _whole;

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        // From 0 again if the snapshot breaks off before its first change: half an index must never pass for a whole one.
        (_growing, Position) = (create(), 0);
        return ValueTask.CompletedTask;
    }

    public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var engine = _growing ?? _whole ?? throw new InvalidOperationException("a change came before the snapshot that it belongs to");
        if (change.Key.StartsWith(Repositories, StringComparison.Ordinal))
        {
            await ApplyAsync(engine, change, cancellationToken);
        }

        Position = change.Sequence;
        metrics.Repositories(engine.Count);
    }

    public ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        if (_growing is { } grown)
        {
            (_whole, _growing) = (grown, null);
            LogWhole(grown.Count);
        }

        return ValueTask.CompletedTask;
    }

    private static ValueTask ApplyAsync(ISearchEngine engine, Change change, CancellationToken cancellationToken) =>
        change.State is null ? engine.RemoveAsync(change.Key[Repositories.Length..], cancellationToken)
        : change.State.TryUnpack<Repository>(out var repository) ? engine.PutAsync(repository, cancellationToken)
        : ValueTask.CompletedTask;

    [LoggerMessage(601, LogLevel.Debug, "the index is whole: {Count} repositories")]
    private partial void LogWhole(int count);
}
