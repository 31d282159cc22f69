using System.Globalization;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>
/// The indexes in the service's folder, each in one of its own with a number: the one that answers, and while the feed starts over the one that grows to
/// take its place. What cannot be opened, because it is damaged or of another version, is said, deleted, and built anew from the feed. The folder is one process's
/// alone, from its opening on.
/// </summary>
internal sealed partial class SearchIndexes(string folder, ILogger<EmbeddedSearchEngine> logger) : IDisposable
{
    private const string Prefix = "index-";
    private const string LockName = "lock";
    private readonly Dictionary<ISearchEngine, string> _folders = [];
    private FileStream? _lock;
    private int _last;

    /// <summary>Opens the index that is whole, if there is one, else one that was growing; deletes all others.</summary>
    /// <exception cref="IOException">The folder is another process's.</exception>
    public EmbeddedSearchEngine? Open()
    {
        var indexes = Directory.CreateDirectory(folder);
        _lock ??= Lock();
        EmbeddedSearchEngine? newest = null;
        foreach (var path in indexes.GetDirectories($"{Prefix}*").Select(found => found.FullName).OrderByDescending(NumberOf))
        {
            _last = Math.Max(_last, NumberOf(path));
            if (newest is { IsWhole: true } || TryOpen(path) is not { } engine)
            {
                Directory.Delete(path, recursive: true);
                continue;
            }

            if (newest is not null)
            {
                Delete(engine.IsWhole ? newest : engine);
            }

            newest = newest is null || engine.IsWhole ? engine : newest;
        }

        return newest;
    }

    /// <summary>Begins another.</summary>
    public EmbeddedSearchEngine Create()
    {
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{++_last}"));
        var engine = EmbeddedSearchEngine.Open(path, new(), logger);
        _folders[engine] = path;
        return engine;
    }

    /// <summary>Closes an index and deletes it.</summary>
    public void Delete(EmbeddedSearchEngine engine)
    {
        engine.Dispose();
        if (_folders.Remove(engine, out var path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Gives the folder free; indexes that are open are their holders' to close.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>The system gives the file free when the process ends, however it ends.</summary>
    private FileStream Lock()
    {
        try
        {
            return new(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new IOException($"the index in '{folder}' cannot be locked: another Search has it open, end that one or give this one another folder (Garden:Data): {exception.Message}", exception);
        }
    }

    private EmbeddedSearchEngine? TryOpen(string path)
    {
        try
        {
            var engine = EmbeddedSearchEngine.Open(path, new(), logger);
            _folders[engine] = path;
            return engine;
        }
        catch (Exception exception) when (exception is not (UnauthorizedAccessException or OutOfMemoryException))
        {
            // Whatever of its bytes nobody foresaw: the feed has it all.
            LogDropped(exception, path, exception.Message);
            return null;
        }
    }

    private static int NumberOf(string path) => int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LoggerMessage(604, LogLevel.Warning, "the index in {Folder} is dropped and built anew from the feed: {Why}")]
    private partial void LogDropped(Exception exception, string folder, string why);
}
