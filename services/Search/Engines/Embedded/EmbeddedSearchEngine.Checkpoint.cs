using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Segments;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>
/// How the index comes to the disk and back. A checkpoint is of one position of the feed: what is in memory then is written, segments are merged as they were
/// then, and the manifest says just that state, from which the new log goes on. So whatever of the log is lost, what is left is a state that there was.
/// </summary>
internal sealed partial class EmbeddedSearchEngine
{
    private const string SegmentSuffix = ".segment";
    private const string LogSuffix = ".log";

    private async ValueTask CheckpointIfDueAsync(CancellationToken cancellationToken)
    {
        if (!_options.IsDue(IsWhole, _changes, _builder))
        {
            return;
        }

        // Only who is far ahead of the disk waits for it; and whatever failed there is told here.
        if (!_checkpoint.IsCompleted && _options.IsDue(false, 0, _builder))
        {
            await _checkpoint.WaitAsync(cancellationToken);
        }

        if (_checkpoint is { IsCompleted: true } last)
        {
            _checkpoint = Task.CompletedTask;
            await last;
            StartCheckpoint();
        }
    }

    private void StartCheckpoint()
    {
        lock (_gate)
        {
            Refresh();
            var views = _snapshot.Views.Select(Held).ToList();
            var position = Position;
            StartLog();
            _changes = 0;
            var (log, isWhole) = (_nextLog - 1, IsWhole);
            _inCheckpoint.UnionWith(views.Select(view => view.Segment));
            _checkpoint = Task.Run(() => Write(views, position, isWhole, log));
        }
    }

    /// <summary>An index that is not whole has no log: what it lacks after a break the feed says again.</summary>
    private void StartLog()
    {
        if (IsWhole)
        {
            _log?.Dispose();
            _log = new(Path.Combine(_folder, $"{_nextLog++}{LogSuffix}"));
        }
    }

    private void Write(List<SegmentView> views, long position, bool isWhole, int log)
    {
        var merged = new List<Merged>();
        try
        {
            foreach (var group in MergePlan.Of(views))
            {
                merged.Add(Merge(group));
            }

            var gone = merged.SelectMany(merge => merge.Sources).ToHashSet();
            new Manifest(
                position,
                isWhole,
                log,
                [
                    .. views.Where(view => !gone.Contains(view)).Select(view => new SegmentEntry(view.Segment.Name!, view.Segment.Rows) { Dead = view.HasDead ? view.Dead() : [] }),
                    .. merged.Where(merge => merge.Result is not null).Select(merge => new SegmentEntry(merge.Result!.Name!, merge.Result.Rows)),
                ]).Write(_folder);
            lock (_gate)
            {
                Install(merged);
            }

            DeleteLogsBefore(log);
            LogWritten(position, merged.Count, views.Count - gone.Count + merged.Count);
        }
        finally
        {
            lock (_gate)
            {
                _inCheckpoint.Clear();
            }

            foreach (var view in views)
            {
                view.LetGo();
            }
        }
    }

    private Merged Merge(IReadOnlyList<SegmentView> sources)
    {
        var path = Path.Combine(_folder, $"{Interlocked.Increment(ref _nextSegment) - 1}{SegmentSuffix}");
        if (sources is [{ HasDead: false } only] && !only.Segment.Memory.IsEmpty)
        {
            WriteFile(path, stream => stream.Write(only.Segment.Memory.Span));
            return new(sources, [[.. Enumerable.Range(0, only.Segment.Rows)]], Segment.Open(path));
        }

        var merger = new SegmentMerger(sources);
        if (merger.Rows is 0)
        {
            return new(sources, merger.NewRows, null);
        }

        WriteFile(path, merger.Write);
        return new(sources, merger.NewRows, Segment.Open(path));
    }

    private static void WriteFile(string path, Action<Stream> write)
    {
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 20 });
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Puts merged segments in place of what they were made of; what died meanwhile is dead there too.</summary>
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

    private void Recover()
    {
        if (!File.Exists(Path.Combine(_folder, Manifest.FileName)))
        {
            DeleteAllBut([], keepLogs: false);
            return;
        }

        var manifest = Manifest.Read(_folder);
        DeleteAllBut([.. manifest.Segments.Select(segment => segment.Name)], keepLogs: true);
        Publish([.. manifest.Segments.Select(Open)]);
        (Position, IsWhole, Count) = (manifest.Position, manifest.IsWhole, _snapshot.Views.Sum(view => Bits.Count(view.Inside)));
        _nextSegment = 1 + manifest.Segments.Select(segment => NumberOf(segment.Name)).DefaultIfEmpty(0).Max();
        Replay(manifest.Log);
        StartLog();
    }

    private SegmentView Open(SegmentEntry entry)
    {
        var path = Path.Combine(_folder, entry.Name);
        if (!File.Exists(path))
        {
            throw new IndexDamageException(entry.Name, "it is missing");
        }

        var view = new SegmentView(Segment.Open(path));
        if (view.Segment.Rows != entry.Rows)
        {
            view.LetGo();
            throw new IndexDamageException(entry.Name, $"it has {view.Segment.Rows} rows instead of {entry.Rows}");
        }

        if (entry.Dead.Length is 0)
        {
            return view;
        }

        var living = view.Without(entry.Dead);
        view.LetGo();
        return living;
    }

    /// <summary>Applies the logs one after the other, as far as they are whole; the feed says again what came after.</summary>
    private void Replay(int first)
    {
        var isWhole = true;
        foreach (var path in Directory.GetFiles(_folder, $"*{LogSuffix}").Where(path => NumberOf(path) >= first).OrderBy(NumberOf))
        {
            _nextLog = NumberOf(path) + 1;
            if (!isWhole)
            {
                File.Delete(path);
                continue;
            }

            var changes = ChangeLog.Read(path, out var good, out isWhole);
            foreach (var change in changes)
            {
                Apply(change);
                if (_options.IsDue(isWhole: false, 0, _builder))
                {
                    Refresh();
                }
            }

            Keep(path, good, isWhole);
        }
    }

    private void Keep(string path, long good, bool isWhole)
    {
        if (isWhole)
        {
            return;
        }

        LogCut(Path.GetFileName(path), good, Position);
        if (good is 0)
        {
            File.Delete(path);
        }
        else
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.SetLength(file, good);
        }
    }

    /// <summary>What a process that was killed left unfinished is of no use.</summary>
    private void DeleteAllBut(HashSet<string> segments, bool keepLogs)
    {
        foreach (var path in Directory.GetFiles(_folder))
        {
            var name = Path.GetFileName(path);
            if (name is not Manifest.FileName && !segments.Contains(name) && !(keepLogs && name.EndsWith(LogSuffix, StringComparison.Ordinal)))
            {
                File.Delete(path);
            }
        }
    }

    private void DeleteLogsBefore(int number)
    {
        foreach (var path in Directory.GetFiles(_folder, $"*{LogSuffix}").Where(path => NumberOf(path) < number))
        {
            File.Delete(path);
        }
    }

    private static int NumberOf(string path) => int.TryParse(Path.GetFileNameWithoutExtension(path), out var number) ? number : 0;

    [LoggerMessage(602, LogLevel.Debug, "the index is on the disk up to {Position}: {Written} segments written, {Segments} in all")]
    private partial void LogWritten(long position, int written, int segments);

    [LoggerMessage(603, LogLevel.Warning, "the index's log {File} is cut off or damaged after {Good} bytes: going on from {Position} of the feed")]
    private partial void LogCut(string file, long good, long position);

    /// <summary>What some views have become; without a result: nothing in them was alive.</summary>
    private sealed record Merged(IReadOnlyList<SegmentView> Sources, int[][] NewRows, Segment? Result)
    {
        /// <summary>The result's rows that have died since.</summary>
        public IEnumerable<int> Dead(Dictionary<Segment, SegmentView> now)
        {
            foreach (var (i, source) in Sources.Index())
            {
                var newer = now[source.Segment];
                for (var row = source.NextAlive(0); row >= 0; row = source.NextAlive(row + 1))
                {
                    if (!newer.IsAlive(row))
                    {
                        yield return NewRows[i][row];
                    }
                }
            }
        }
    }
}
