using System.Globalization;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Engines.Embedded;

/// <summary>
/// The indexes in the service's folder, each in one of its own with a number: the one that answers, and while the feed starts over the one that grows to
/// take its place. What is damaged or of another version is said, deleted, and built anew from the feed.
/// </summary>
internal sealed partial class SearchIndexes(string folder, ILogger<EmbeddedSearchEngine> logger)
{
    private const string Prefix = "index-";
    private readonly Dictionary<ISearchEngine, string> _folders = [];
    private int _last;

    /// <summary>Opens the index that is whole, if there is one, else one that was growing; deletes all others.</summary>
    public EmbeddedSearchEngine? Open()
    {
        EmbeddedSearchEngine? newest = null;
        foreach (var path in Directory.CreateDirectory(folder).GetDirectories($"{Prefix}*").Select(found => found.FullName).OrderByDescending(NumberOf))
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

    private EmbeddedSearchEngine? TryOpen(string path)
    {
        try
        {
            var engine = EmbeddedSearchEngine.Open(path, new(), logger);
            _folders[engine] = path;
            return engine;
        }
        catch (IndexDamageException damage)
        {
            LogDropped(path, damage.Message);
            return null;
        }
    }

    private static int NumberOf(string path) => int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LoggerMessage(604, LogLevel.Warning, "the index in {Folder} is dropped and built anew from the feed: {Why}")]
    private partial void LogDropped(string folder, string why);
}
