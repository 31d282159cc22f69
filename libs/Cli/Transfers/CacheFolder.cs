using ModelGarden.Cli.Output;
using ModelGarden.Cli.Settings;
using ModelGarden.Kernel;

namespace ModelGarden.Cli.Transfers;

/// <summary>A folder of this machine's cache that nobody else uses meanwhile. It stays when what is done with it breaks off, so that the next one goes on with what is there.</summary>
internal sealed class CacheFolder : IDisposable
{
    private const int AtOnce = 8;
    private readonly string _cache;
    private readonly string _kind;
    private readonly string _name;
    private readonly FileStream _lock;

    private CacheFolder(string cache, string kind, string name, string own, FileStream held) =>
        (_cache, _kind, _name, Path, _lock) = (cache, kind, name, System.IO.Path.Combine(cache, kind, own), held);

    public string Path { get; }

    /// <summary>The folder of this name, or where others are at it, one beside it. CACHE_BUSY: as many are as may be.</summary>
    public static CacheFolder Take(Terminal terminal, string kind, string name)
    {
        var cache = SettingsFile.FolderOf(terminal, "XDG_CACHE_HOME", ".cache");
        Directory.CreateDirectory(LocksOf(cache));
        Exception? last = null;
        foreach (var own in NamesOf(name))
        {
            try
            {
                return Take(cache, kind, name, own);
            }
            catch (Exception exception) when (IsHeld(exception))
            {
                last = exception;
            }
        }

        throw new ErrorException(Error.Unavailable("CACHE_BUSY", $"{AtOnce} others are at {kind} of {name} on this machine, or {LocksOf(cache)} cannot be written to ({last!.Message}): wait until one of them is done"));
    }

    /// <summary>It is not needed any more, nor are those beside it that were left behind: whoever wants the name next takes this one.</summary>
    public void Delete()
    {
        Directory.Delete(Path, recursive: true);
        foreach (var own in NamesOf(_name).Where(own => Directory.Exists(System.IO.Path.Combine(_cache, _kind, own))))
        {
            try
            {
                using var left = Take(_cache, _kind, _name, own);
                Directory.Delete(left.Path, recursive: true);
            }
            catch (Exception exception) when (IsHeld(exception))
            {
                // Somebody is at it, and deletes it himself.
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    // The lock stays behind, empty: of one that is deleted two could each believe to hold it.
    private static CacheFolder Take(string cache, string kind, string name, string own) =>
        new(cache, kind, name, own, new(System.IO.Path.Combine(LocksOf(cache), $"{kind}-{own}"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));

    private static IEnumerable<string> NamesOf(string name) => Enumerable.Range(1, AtOnce).Select(i => i is 1 ? name : $"{name}-{i}");

    private static string LocksOf(string cache) => System.IO.Path.Combine(cache, "locks");

    private static bool IsHeld(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
