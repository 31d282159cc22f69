using ModelGarden.Cli.Output;
using ModelGarden.Cli.Settings;
using ModelGarden.Kernel;

namespace ModelGarden.Cli.Transfers;

/// <summary>A folder of this machine's cache that nobody else uses meanwhile. It stays when what is done with it breaks off, so that the next one goes on with what is there.</summary>
internal sealed class CacheFolder : IDisposable
{
    private const int AtOnce = 8;
    private readonly FileStream _lock;

    private CacheFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>The folder of this name, or where others are at it, one beside it. CACHE_BUSY: as many are as may be.</summary>
    public static CacheFolder Take(Terminal terminal, string kind, string name)
    {
        var cache = SettingsFile.FolderOf(terminal, "XDG_CACHE_HOME", ".cache");
        var locks = Directory.CreateDirectory(System.IO.Path.Combine(cache, "locks")).FullName;
        Exception? last = null;
        for (var i = 1; i <= AtOnce; i++)
        {
            var own = i is 1 ? name : $"{name}-{i}";
            try
            {
                // It stays behind, empty: of one that is deleted two could each believe to hold it.
                var held = new FileStream(System.IO.Path.Combine(locks, $"{kind}-{own}"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                return new(System.IO.Path.Combine(cache, kind, own), held);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                last = exception;
            }
        }

        throw new ErrorException(Error.Unavailable("CACHE_BUSY", $"{AtOnce} others are at {kind} of {name} on this machine, or {locks} cannot be written to ({last!.Message}): wait until one of them is done"));
    }

    /// <summary>It is not needed any more.</summary>
    public void Delete() => Directory.Delete(Path, recursive: true);

    public void Dispose() => _lock.Dispose();
}
