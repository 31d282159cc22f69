using System.Globalization;

namespace ModelGarden.Deployment.Processes;

internal sealed record LogEntry(long Number, DateTimeOffset At, string Replica, string Text);

/// <summary>
/// What an endpoint's engines wrote: the newest lines in memory, more of them in a file that is turned over once when it is full.
/// </summary>
internal sealed class EndpointLog(string path, TimeProvider clock) : IDisposable
{
    public const int Capacity = 2000;
    private const int LongestLine = 4000;
    private const long LargestFile = 4 << 20;
    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _lines = new();
    private TaskCompletionSource _written = New();
    private StreamWriter? _file;
    private long _number;
    private bool _closed;

    public void Write(string replica, string text)
    {
        TaskCompletionSource written;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var entry = new LogEntry(++_number, clock.GetUtcNow(), replica, Kernel.Text.Shorten(text, LongestLine));
            _lines.Enqueue(entry);
            if (_lines.Count > Capacity)
            {
                _lines.Dequeue();
            }

            Keep(entry);
            (written, _written) = (_written, New());
        }

        written.SetResult();
    }

    /// <summary>The lines after a number, oldest first; the end of the log; and what completes when there are more.</summary>
    public (IReadOnlyList<LogEntry> Lines, bool Closed, Task More) Read(long after, int most = int.MaxValue)
    {
        lock (_gate)
        {
            return ([.. _lines.Where(line => line.Number > after).TakeLast(most)], _closed, _written.Task);
        }
    }

    /// <summary>The last lines of one replica, for a reason that quotes them.</summary>
    public string Tail(string replica, int count)
    {
        lock (_gate)
        {
            return string.Join(" | ", _lines.Where(line => line.Replica == replica).TakeLast(count).Select(line => Kernel.Text.Shorten(line.Text, 200)));
        }
    }

    /// <summary>Ends the log for its readers too.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _file?.Dispose();
            _file = null;
        }

        _written.TrySetResult();
    }

    /// <summary>Of an endpoint that is gone.</summary>
    public void Delete()
    {
        Dispose();
        foreach (var file in new[] { path, $"{path}.1" }.Where(File.Exists))
        {
            File.Delete(file);
        }
    }

    private void Keep(LogEntry entry)
    {
        try
        {
            if (_file is { BaseStream.Length: > LargestFile })
            {
                _file.Dispose();
                _file = null;
                File.Move(path, $"{path}.1", overwrite: true);
            }

            _file ??= Open();
            _file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.At:O} {entry.Replica} {entry.Text}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk costs the file its line; memory has it, and the engine runs on.
            _file = null;
        }
    }

    private StreamWriter Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
