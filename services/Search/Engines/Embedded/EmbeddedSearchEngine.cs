using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Matching;
using ModelGarden.Search.Engines.Embedded.Segments;
using ModelGarden.Search.Queries;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>
/// An index in a folder: segments that never change, and a log of the changes since. Changes are gathered, and made a small segment in memory when somebody searches; a
/// checkpoint writes what is in memory to the disk and makes few large segments of many small ones, beside readers and the writer.
/// Many search at once; one writes.
/// </summary>
internal sealed partial class EmbeddedSearchEngine : ISearchEngine, IDisposable
{
    // Of two locks this is the first: who refreshes the snapshot works long, and nobody waits for it but who refreshes too.
    private readonly Lock _refreshing = new();
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly EmbeddedOptions _options;
    private readonly IndexDisk _disk;
    private readonly ILogger _logger;
    private readonly Dictionary<Segment, HashSet<int>> _dying = [];
    private volatile Snapshot _snapshot = new([]);
    private volatile bool _isChanged;
    private volatile bool _isClosed;
    private SegmentBuilder _builder = new();
    private ChangeLog? _log;
    private int _nextLog = 1;
    private int _nextSegment = 1;
    private int _changes;
    private long _inMemory;

    private EmbeddedSearchEngine(string folder, EmbeddedOptions options, ILogger logger) => (_folder, _options, _disk, _logger) = (folder, options, options.Disk, logger);

    public int Count { get; private set; }

    public long Position { get; private set; }

    public bool IsWhole { get; private set; }

    /// <summary>Opens what is in a folder, or begins there if it has no index.</summary>
    /// <exception cref="IndexDamageException">A file is not as it was written, or of another version: nothing of it is to be used.</exception>
    public static EmbeddedSearchEngine Open(string folder, EmbeddedOptions options, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var engine = new EmbeddedSearchEngine(folder, options, logger);
        try
        {
            engine.Recover();
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public ValueTask PutAsync(Repository state, long position, CancellationToken cancellationToken) => TakeAsync(new(position, state, state.Id), cancellationToken);

    public ValueTask RemoveAsync(string id, long position, CancellationToken cancellationToken) => TakeAsync(new(position, null, id), cancellationToken);

    public ValueTask PassAsync(long position, CancellationToken cancellationToken) => TakeAsync(new(position, null, null), cancellationToken);

    /// <exception cref="IOException">The disk does not have it: the index is not whole.</exception>
    public async ValueTask CompleteAsync(long position, CancellationToken cancellationToken)
    {
        if (!IsWhole)
        {
            lock (_gate)
            {
                Position = position;
            }

            await CheckpointAsync(isWhole: true);
        }
    }

    public ValueTask<SearchResult> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken)
    {
        var snapshot = Hold();
        try
        {
            var work = new Work(_options.MostSteps, cancellationToken);
            var result = new QueryRun(snapshot, query, viewer, work).Run();
            return new(result.Total > 0 || query.After is not null || !query.HasSuggestion ? result : result with { DidYouMean = new Correction(snapshot, query, viewer, work).Find() });
        }
        finally
        {
            snapshot.LetGo();
        }
    }

    public ValueTask<IReadOnlyList<string>> CompleteNameAsync(string beginning, Viewer viewer, int limit, CancellationToken cancellationToken)
    {
        var snapshot = Hold();
        try
        {
            return new(new NameCompletion(snapshot, viewer).Find(beginning, limit));
        }
        finally
        {
            snapshot.LetGo();
        }
    }

    /// <summary>Writes what is in memory to the disk, and waits until it is there.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public Task CheckpointAsync() => CheckpointAsync(IsWhole);

    /// <summary>Waits for a checkpoint under way, and closes all files. What was not written to the disk yet is in the log.</summary>
    public void Dispose()
    {
        ((IAsyncResult)_checkpoint).AsyncWaitHandle.WaitOne();
        lock (_gate)
        {
            _log?.Dispose();
            (_log, _isClosed) = (null, true);
            _snapshot.LetGo();
        }
    }

    private Snapshot Hold()
    {
        RefreshUnlessUnderWay();
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var snapshot = _snapshot;
            if (snapshot.TryHold())
            {
                return snapshot;
            }
        }
    }

    /// <summary>Who finds somebody else at it answers from the snapshot that is there.</summary>
    private void RefreshUnlessUnderWay()
    {
        if (!_isChanged || !_refreshing.TryEnter())
        {
            return;
        }

        try
        {
            lock (_gate)
            {
                Refresh();
            }
        }
        finally
        {
            _refreshing.Exit();
        }
    }

    private async ValueTask TakeAsync(LoggedChange said, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var change = Built(said, out var rows);
            Log(change);
            Apply(change, rows);
            if (!_builder.HasRoom)
            {
                Refresh();
            }
        }

        await CheckpointIfDueAsync(cancellationToken);
    }

    /// <summary>Makes the rows of a state. One of which none can be made counts as removed: what may be hidden now is not to be found as it was.</summary>
    private LoggedChange Built(LoggedChange change, out IReadOnlyList<int> rows)
    {
        rows = [];
        if (change.State is not { } state)
        {
            return change;
        }

        try
        {
            rows = _builder.Build(state);
            return change;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogUnreadable(exception, state.Id, change.Position);
            return change with { State = null };
        }
    }

    /// <summary>Without a log changes are in memory only, and the feed says them again after a break: that is better than not to know of a takedown.</summary>
    private void Log(LoggedChange change)
    {
        try
        {
            _log?.Append(change);
        }
        catch (IOException exception)
        {
            LogLost(exception, change.Position);
            _log?.Dispose();
            _log = null;
        }
    }

    private void Apply(LoggedChange change, IReadOnlyList<int> rows)
    {
        if (change.Id is { } id)
        {
            Forget(id);
            if (rows.Count > 0)
            {
                _builder.Put(id, rows);
                (_isChanged, Count) = (true, Count + 1);
            }
        }

        (Position, _changes) = (change.Position, _changes + 1);
    }

    private void Forget(string id)
    {
        if (_builder.Remove(id) || ForgetInSegments(id))
        {
            (_isChanged, Count) = (true, Count - 1);
        }
    }

    private bool ForgetInSegments(string id)
    {
        var key = Encoding.UTF8.GetBytes(id);
        foreach (var view in _snapshot.Views)
        {
            if (view.Segment.Find(key) is >= 0 and var row && view.IsAlive(row) && Dying(view.Segment).Add(row))
            {
                if (view.Segment.SecondOf(row, key) is >= 0 and var second)
                {
                    Dying(view.Segment).Add(second);
                }

                return true;
            }
        }

        return false;
    }

    private HashSet<int> Dying(Segment segment)
    {
        if (!_dying.TryGetValue(segment, out var rows))
        {
            _dying[segment] = rows = [];
        }

        return rows;
    }

    /// <summary>Makes a snapshot of all that was applied.</summary>
    private void Refresh()
    {
        if (!_isChanged)
        {
            return;
        }

        var views = new List<SegmentView>();
        foreach (var view in _snapshot.Views)
        {
            views.Add(_dying.TryGetValue(view.Segment, out var dead) && dead.Count > 0 ? view.Without(dead) : Held(view));
        }

        if (_builder.Count > 0)
        {
            views.Add(new(ToMemory(_builder.Write)));
        }

        MergeInMemory(views);
        _dying.Clear();
        (_builder, _isChanged) = (new(), false);
        Publish(views);
    }

    private void Publish(IReadOnlyList<SegmentView> views)
    {
        var before = _snapshot;
        _snapshot = new(views);
        _inMemory = views.Where(view => view.Segment.Name is null).Sum(view => view.Segment.Length);
        before.LetGo();
    }

    private void MergeInMemory(List<SegmentView> views)
    {
        while (MergePlan.InMemory(views.Where(view => view.Segment.Name is null && !_inCheckpoint.Contains(view.Segment))) is { Count: > 0 } sources)
        {
            var merger = new SegmentMerger(sources);
            views.RemoveAll(sources.Contains);
            if (merger.Rows > 0)
            {
                views.Add(new(ToMemory(merger.Write)));
            }

            foreach (var source in sources)
            {
                source.LetGo();
            }
        }
    }

    private static Segment ToMemory(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return Segment.InMemory(stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }

    private static SegmentView Held(SegmentView view) => view.TryHold() ? view : throw new ObjectDisposedException(nameof(SegmentView));

    [LoggerMessage(607, LogLevel.Error, "the index's log cannot be written: from {Position} of the feed on changes are in memory only, until a checkpoint begins another")]
    private partial void LogLost(Exception exception, long position);

    [LoggerMessage(608, LogLevel.Error, "repository {Id} at {Position} of the feed cannot be indexed and is not found")]
    private partial void LogUnreadable(Exception exception, string id, long position);
}
