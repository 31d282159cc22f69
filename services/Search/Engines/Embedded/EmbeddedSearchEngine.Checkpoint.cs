using ModelGarden.Hosting.Waiting;
using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Segments;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>
/// How the index comes to the disk. A checkpoint is of one position of the feed: what is in memory then is written, segments are merged as they were
/// then, and the manifest says just that state, from which the new log goes on. So whatever of the log is lost, what is left is a state that there was.
/// One that fails is said and tried again; what it was to write stays in memory, and its log, if any, goes on from the one before.
/// </summary>
internal sealed partial class EmbeddedSearchEngine
{
    private const string SegmentSuffix = ".segment";
    private const string LogSuffix = ".log";
    private const int FileBuffer = 1 << 20;
    private static readonly GrowingPause Pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly HashSet<Segment> _inCheckpoint = [];

    // Ends with what it failed at, or null.
    private Task<Exception?> _checkpoint = Task.FromResult<Exception?>(null);
    private int _failures;
    private DateTimeOffset _nextTry;

    private bool IsDue => _failures > 0 || (IsWhole && _log is null) || _options.IsDue(IsWhole, _changes, Unwritten);

    /// <summary>About so many bytes of memory are not on the disk.</summary>
    private long Unwritten => _inMemory + _builder.Size;

    private async ValueTask CheckpointIfDueAsync(CancellationToken cancellationToken)
    {
        if (!IsDue)
        {
            return;
        }

        if (_checkpoint.IsCompleted && _options.Clock.GetUtcNow() >= _nextTry)
        {
            StartCheckpoint(IsWhole);
        }

        // Only who is far ahead of the disk waits for it.
        while (Unwritten >= _options.MostUnwritten)
        {
            if (await _checkpoint.WaitAsync(cancellationToken) is not null && _nextTry - _options.Clock.GetUtcNow() is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _options.Clock, cancellationToken);
            }

            if (Unwritten >= _options.MostUnwritten)
            {
                StartCheckpoint(IsWhole);
            }
        }
    }

    /// <summary>Waits for one under way, whatever becomes of it, then for one of what there is now.</summary>
    private async Task CheckpointAsync(bool isWhole)
    {
        await _checkpoint;
        StartCheckpoint(isWhole);
        if (await _checkpoint is { } failure)
        {
            throw new IOException($"the index could not be written: {failure.Message}", failure);
        }
    }

    private void StartCheckpoint(bool isWhole)
    {
        lock (_refreshing)
        {
            lock (_gate)
            {
                Refresh();
                if (isWhole && TryStartLog() is { } failure)
                {
                    _checkpoint = Task.FromResult<Exception?>(failure);
                    return;
                }

                var now = new Checkpoint([.. _snapshot.Views.Select(Held)], Position, isWhole, isWhole ? _nextLog - 1 : 0);
                _changes = 0;
                _inCheckpoint.UnionWith(now.Views.Select(view => view.Segment));
                _checkpoint = Task.Run(() => Write(now));
            }
        }
    }

    /// <summary>
    /// Begins the log that goes on from here; if that fails, which it says, the one before goes on. An index that is not whole needs none: what it lacks after a
    /// break the feed says again.
    /// </summary>
    private Exception? TryStartLog()
    {
        try
        {
            var log = new ChangeLog(_disk, Path.Combine(_folder, $"{_nextLog}{LogSuffix}"), Position);
            _log?.Dispose();
            (_log, _nextLog) = (log, _nextLog + 1);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failed(exception, Position);
            return exception;
        }
    }

    private Exception? Write(Checkpoint now)
    {
        var (merged, isNamed) = (new List<Merged>(), false);
        try
        {
            foreach (var group in MergePlan.Of(now.Views))
            {
                merged.Add(Merge(group));
            }

            now.ManifestWith(merged).Write(_disk, _folder);
            isNamed = true;
            _disk.FlushFolder(_folder);
            Install(now, merged);
            merged.Clear();
            DeleteLogsBefore(now.Log);
            return null;
        }
        catch (Exception exception)
        {
            // Whatever a merge or the disk throws, it is tried again.
            Abandon(merged, isNamed);
            Failed(exception, now.Position);
            return exception;
        }
        finally
        {
            lock (_gate)
            {
                _inCheckpoint.Clear();
            }

            foreach (var view in now.Views)
            {
                view.LetGo();
            }
        }
    }

    /// <summary>Lets go of what was written for nothing. The files go too, unless a manifest names them that may be there after a power cut or not.</summary>
    private static void Abandon(List<Merged> merged, bool isNamed)
    {
        foreach (var segment in ResultsOf(merged))
        {
            if (!isNamed)
            {
                segment.Drop();
            }

            segment.LetGo();
        }
    }

    private static IEnumerable<Segment> ResultsOf(List<Merged> merged) => merged.Select(merge => merge.Result).OfType<Segment>();

    private void Failed(Exception exception, long position)
    {
        var pause = Pause.After(++_failures);
        _nextTry = _options.Clock.GetUtcNow() + pause;
        LogFailed(exception, position, pause);
    }

    private Merged Merge(IReadOnlyList<SegmentView> sources)
    {
        var path = Path.Combine(_folder, $"{Interlocked.Increment(ref _nextSegment) - 1}{SegmentSuffix}");
        if (sources is [{ HasDead: false } only] && !only.Segment.Memory.IsEmpty)
        {
            return new(sources, [[.. Enumerable.Range(0, only.Segment.Rows)]], Written(path, stream => stream.Write(only.Segment.Memory.Span)));
        }

        var merger = new SegmentMerger(sources);
        return new(sources, merger.NewRows, merger.Rows is 0 ? null : Written(path, merger.Write));
    }

    private Segment Written(string path, Action<Stream> write)
    {
        try
        {
            using (var stream = _disk.Create(path, FileBuffer))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            return Segment.Open(path);
        }
        catch
        {
            // The next try needs its room.
            _disk.Delete(path);
            throw;
        }
    }

    /// <summary>Puts merged segments in place of what they were made of; what died meanwhile is dead there too.</summary>
    private void Install(Checkpoint written, List<Merged> merged)
    {
        lock (_gate)
        {
            Install(merged);
            (IsWhole, _failures, _nextTry) = (IsWhole || written.IsWhole, 0, default);
        }

        LogWritten(written.Position, merged.Count, _snapshot.Views.Count);
    }

    private void Install(List<Merged> merged)
    {
        var now = _snapshot.Views.ToDictionary(view => view.Segment);
        var views = new List<SegmentView>();
        foreach (var merge in merged)
        {
            if (merge.Result is { } result)
            {
                var (view, dead) = (new SegmentView(result), merge.Dead(now).ToList());
                views.Add(dead.Count > 0 ? view.Without(dead) : view);
                if (dead.Count > 0)
                {
                    view.LetGo();
                }

                Move(merge, result);
            }

            foreach (var source in merge.Sources)
            {
                source.Segment.Drop();
                now.Remove(source.Segment);
            }
        }

        Publish([.. now.Values.Select(Held), .. views]);
    }

    /// <summary>What is to die in the sources with the next snapshot dies in the result instead.</summary>
    private void Move(Merged merge, Segment result)
    {
        foreach (var (i, source) in merge.Sources.Index())
        {
            if (_dying.Remove(source.Segment, out var rows))
            {
                Dying(result).UnionWith(rows.Select(row => merge.NewRows[i][row]));
            }
        }
    }

    private void DeleteLogsBefore(int number)
    {
        foreach (var path in Logs().Where(path => NumberOf(path) < number))
        {
            _disk.Delete(path);
        }
    }

    [LoggerMessage(602, LogLevel.Debug, "the index is on the disk up to {Position}: {Written} segments written, {Segments} in all")]
    private partial void LogWritten(long position, int written, int segments);

    [LoggerMessage(606, LogLevel.Error, "the index could not be written up to {Position}, next try in {Pause} or later")]
    private partial void LogFailed(Exception exception, long position, TimeSpan pause);

    /// <summary>What is to be on the disk.</summary>
    /// <param name="Views">Held until it is written.</param>
    /// <param name="Position">Of the feed.</param>
    /// <param name="IsWhole">The feed had said all there was once.</param>
    /// <param name="Log">The number of the log that goes on from here; 0: none.</param>
    private sealed record Checkpoint(IReadOnlyList<SegmentView> Views, long Position, bool IsWhole, int Log)
    {
        public Manifest ManifestWith(List<Merged> merged)
        {
            var gone = merged.SelectMany(merge => merge.Sources).ToHashSet();
            return new(
                Position,
                IsWhole,
                Log,
                [
                    .. Views.Where(view => !gone.Contains(view)).Select(view => new SegmentEntry(view.Segment.Name!, view.Segment.Rows) { Dead = view.HasDead ? view.Dead() : [] }),
                    .. ResultsOf(merged).Select(segment => new SegmentEntry(segment.Name!, segment.Rows)),
                ]);
        }
    }

    /// <summary>What some views have become; without a result: nothing in them was alive.</summary>
    private sealed record Merged(IReadOnlyList<SegmentView> Sources, int[][] NewRows, Segment? Result)
    {
        /// <summary>The result's rows that have died since.</summary>
        public IEnumerable<int> Dead(Dictionary<Segment, SegmentView> now)
        {
            foreach (var (i, source) in Sources.Index())
            {
                var newer = now[source.Segment];
                var dead = newer == source ? [] : source.DeadIn(newer);
                for (var row = Bits.Next(dead, 0); row >= 0; row = Bits.Next(dead, row + 1))
                {
                    yield return NewRows[i][row];
                }
            }
        }
    }
}
