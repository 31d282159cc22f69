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
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly EmbeddedOptions _options;
    private readonly ILogger _logger;
    private readonly Dictionary<Segment, HashSet<int>> _dying = [];
    private readonly HashSet<Segment> _inCheckpoint = [];
    private volatile Snapshot _snapshot = new([]);
    private volatile bool _isChanged;
    private volatile bool _isClosed;
    private SegmentBuilder _builder = new();
    private ChangeLog? _log;
    private int _nextLog = 1;
    private int _nextSegment = 1;
    private int _changes;
    private Task _checkpoint = Task.CompletedTask;

    private EmbeddedSearchEngine(string folder, EmbeddedOptions options, ILogger logger) => (_folder, _options, _logger) = (folder, options, logger);

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

    public async ValueTask PutAsync(Repository state, long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Log(new(position, state, state.Id));
        }

        await CheckpointIfDueAsync(cancellationToken);
    }

    public async ValueTask RemoveAsync(string id, long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Log(new(position, null, id));
        }

        await CheckpointIfDueAsync(cancellationToken);
    }

    public ValueTask PassAsync(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Log(new(position, null, null));
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask CompleteAsync(long position, CancellationToken cancellationToken)
    {
        if (!IsWhole)
        {
            await _checkpoint;
            lock (_gate)
            {
                (IsWhole, Position) = (true, position);
            }

            await CheckpointAsync();
        }
    }

    public ValueTask<SearchResult> SearchAsync(SearchQuery query, Viewer viewer, CancellationToken cancellationToken)
    {
        var snapshot = Hold();
        try
        {
            return new(new QueryRun(snapshot, query, viewer).Run());
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
    public async Task CheckpointAsync()
    {
        await _checkpoint;
        StartCheckpoint();
        await _checkpoint;
    }

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
        if (_isChanged)
        {
            lock (_gate)
            {
                Refresh();
            }
        }

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

    private void Log(LoggedChange change)
    {
        _log?.Append(change);
        Apply(change);
    }

    private void Apply(LoggedChange change)
    {
        if (change.State is { } state)
        {
            Put(state);
        }
        else if (change.Id is { } id)
        {
            Forget(id);
        }

        (Position, _changes) = (change.Position, _changes + 1);
    }

    private void Put(Repository state)
    {
        Forget(state.Id);
        _builder.Put(state);
        (_isChanged, Count) = (true, Count + 1);
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
                if (view.Segment.SecondOf(row) is >= 0 and var second)
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
}
