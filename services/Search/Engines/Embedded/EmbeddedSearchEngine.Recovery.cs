using ModelGarden.Search.Engines.Embedded.Columns;
using ModelGarden.Search.Engines.Embedded.Files;
using ModelGarden.Search.Engines.Embedded.Live;
using ModelGarden.Search.Engines.Embedded.Segments;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>How the index comes back from the disk: what the manifest says, then the logs that go on from there without a gap.</summary>
internal sealed partial class EmbeddedSearchEngine
{
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
        if (IsWhole)
        {
            TryStartLog();
        }
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

    /// <summary>
    /// Applies the logs, each if it goes on from where the index stands, as far as it is whole; deletes all others: they are older, or what comes before them is lost.
    /// The feed says again what came after.
    /// </summary>
    private void Replay(int first)
    {
        var next = first;
        foreach (var path in Logs().OrderBy(NumberOf))
        {
            if (NumberOf(path) == next && TryReplay(path))
            {
                next++;
            }
            else
            {
                LogDropped(Path.GetFileName(path), Position);
                _disk.Delete(path);
            }
        }

        _nextLog = Math.Max(next, 1);
    }

    private bool TryReplay(string path)
    {
        long good;
        using (var log = new ChangeLogReader(path))
        {
            if (!log.GoesOnFrom(Position))
            {
                return false;
            }

            while (log.TryRead(out var change))
            {
                Replay(change);
            }

            if (log.IsWhole)
            {
                return true;
            }

            good = log.Good;
        }

        LogCut(Path.GetFileName(path), good, Position);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, good);
        return true;
    }

    private void Replay(LoggedChange change)
    {
        Apply(Built(change, out var rows), rows);
        if (_options.IsDue(isWhole: false, 0, _builder.Size) || !_builder.HasRoom)
        {
            Refresh();
        }
    }

    private string[] Logs() => Directory.GetFiles(_folder, $"*{LogSuffix}");

    /// <summary>What a process that was killed left unfinished is of no use.</summary>
    private void DeleteAllBut(HashSet<string> segments, bool keepLogs)
    {
        foreach (var path in Directory.GetFiles(_folder))
        {
            var name = Path.GetFileName(path);
            if (name is not Manifest.FileName && !segments.Contains(name) && !(keepLogs && name.EndsWith(LogSuffix, StringComparison.Ordinal)))
            {
                _disk.Delete(path);
            }
        }
    }

    private static int NumberOf(string path) => int.TryParse(Path.GetFileNameWithoutExtension(path), out var number) ? number : 0;

    [LoggerMessage(603, LogLevel.Warning, "the index's log {File} is cut off or damaged after {Good} bytes: going on from {Position} of the feed")]
    private partial void LogCut(string file, long good, long position);

    [LoggerMessage(605, LogLevel.Warning, "the index's log {File} does not go on from {Position} of the feed and is deleted")]
    private partial void LogDropped(string file, long position);
}
