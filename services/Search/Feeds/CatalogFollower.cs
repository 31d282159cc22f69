using ModelGarden.Contracts.V1;
using ModelGarden.Hosting.Feeds;
using ModelGarden.Search.Engines;
using ModelGarden.Search.Engines.Embedded;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Feeds;

/// <summary>
/// Keeps the index what Catalog's feed says. It goes on where the index on the disk stands; when the feed starts over, the index that is there goes on
/// answering until the new one is whole.
/// </summary>
internal sealed partial class CatalogFollower : IFeedHandler, IDisposable
{
    private const string Repositories = "repository/";
    private readonly SearchIndexes _indexes;
    private readonly SearchMetrics _metrics;
    private readonly ILogger _logger;
    private volatile EmbeddedSearchEngine? _whole;
    private EmbeddedSearchEngine? _growing;

    public CatalogFollower(SearchIndexes indexes, SearchMetrics metrics, ILogger<CatalogFollower> logger)
    {
        (_indexes, _metrics, _logger) = (indexes, metrics, logger);
        var kept = indexes.Open();
        _whole = kept is { IsWhole: true } ? kept : null;
        _growing = _whole is null ? kept : null;
    }

    public long Position => (_growing ?? _whole)?.Position ?? 0;

    /// <summary>The answer; null until the index has been whole once.</summary>
    public ValueTask<SearchResult?> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken) =>
        AskAsync(engine => engine.SearchAsync(query, viewer, cancellationToken));

    /// <summary>The names; null until the index has been whole once.</summary>
    public ValueTask<IReadOnlyList<string>?> CompleteAsync(string beginning, Viewer viewer, int limit, CancellationToken cancellationToken) =>
        AskAsync(engine => engine.CompleteNameAsync(beginning, viewer, limit, cancellationToken));

    public ValueTask ResetAsync(CancellationToken cancellationToken)
    {
        // From 0 again if the snapshot breaks off before its first change: half an index must never pass for a whole one.
        if (_growing is { } half)
        {
            _indexes.Delete(half);
        }

        _growing = _indexes.Create();
        return ValueTask.CompletedTask;
    }

    public async ValueTask ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var engine = _growing ?? _whole ?? throw new InvalidOperationException("a change came before the snapshot that it belongs to");
        await ApplyAsync(engine, change, cancellationToken);
        _metrics.Repositories(engine.Count);
    }

    public async ValueTask CaughtUpAsync(long sequence, CancellationToken cancellationToken)
    {
        if (_growing is not { } grown)
        {
            return;
        }

        await grown.CompleteAsync(sequence, cancellationToken);
        var before = _whole;
        (_whole, _growing) = (grown, null);
        LogWhole(grown.Count);
        if (before is not null)
        {
            _indexes.Delete(before);
        }
    }

    public void Dispose()
    {
        _whole?.Dispose();
        _growing?.Dispose();
    }

    private async ValueTask<T?> AskAsync<T>(Func<ISearchEngine, ValueTask<T>> ask)
        where T : class
    {
        for (var engine = _whole; engine is not null; engine = _whole)
        {
            try
            {
                return await ask(engine);
            }
            catch (ObjectDisposedException) when (engine != _whole)
            {
                // Another has taken its place.
            }
        }

        return null;
    }

    private static ValueTask ApplyAsync(EmbeddedSearchEngine engine, Change change, CancellationToken cancellationToken) =>
        !change.Key.StartsWith(Repositories, StringComparison.Ordinal) ? engine.PassAsync(change.Sequence, cancellationToken)
        : change.State is null ? engine.RemoveAsync(change.Key[Repositories.Length..], change.Sequence, cancellationToken)
        : change.State.TryUnpack<Repository>(out var repository) ? engine.PutAsync(repository, change.Sequence, cancellationToken)
        : engine.PassAsync(change.Sequence, cancellationToken);

    [LoggerMessage(601, LogLevel.Debug, "the index is whole: {Count} repositories")]
    private partial void LogWhole(int count);
}
