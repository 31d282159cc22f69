using System.Collections.Concurrent;
using ModelGarden.Deployment.Endpoints;
using ModelGarden.Kernel;

namespace ModelGarden.Deployment.Files;

/// <summary>
/// Files by their SHA-256, fetched once for all endpoints. A file has its name only when every byte is there, verified and on the disk.
/// Beyond its bound the cache drops what was not used for longest; what is held stays.
/// </summary>
internal sealed class FileCache(string folder, long bound, IFileSource source)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _fetching = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>The file's path, held until the lease is disposed of. Reports bytes that are there.</summary>
    public async Task<Result<FileLease>> GetAsync(TargetFile file, string tenant, Action<long> report, CancellationToken cancellationToken)
    {
        var lease = Hold(file.Sha256);
        var gate = _fetching.GetOrAdd(file.Sha256, _ => new(1, 1));
        var entered = false;
        try
        {
            await gate.WaitAsync(cancellationToken);
            entered = true;
            var fault = IsThere(file) ? null : await FetchAsync(file, tenant, report, cancellationToken);
            if (fault is not null)
            {
                lease.Dispose();
                return fault;
            }

            File.SetLastWriteTimeUtc(lease.Path, DateTime.UtcNow);
            report(file.Size);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
        finally
        {
            if (entered)
            {
                gate.Release();
            }
        }
    }

    private async Task<Error?> FetchAsync(TargetFile file, string tenant, Action<long> report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        MakeRoom(file.Size);
        if (new DriveInfo(folder).AvailableFreeSpace is var free && free < file.Size)
        {
            return Error.Exhausted("DISK_FULL", $"{file.Path} needs {Planner.Sizes.Say(file.Size)} on the disk of {folder}, which has {Planner.Sizes.Say(free)} free");
        }

        return await new Download(file, $"{PathOf(file.Sha256)}.part", source, report).RunAsync(tenant, PathOf(file.Sha256), cancellationToken);
    }

    private bool IsThere(TargetFile file) => new FileInfo(PathOf(file.Sha256)) is { Exists: true } found && found.Length == file.Size;

    private string PathOf(string sha256) => Path.Combine(folder, sha256);

    private FileLease Hold(string sha256)
    {
        lock (_gate)
        {
            _held[sha256] = _held.GetValueOrDefault(sha256) + 1;
        }

        return new(PathOf(sha256), () => Release(sha256));
    }

    private void Release(string sha256)
    {
        lock (_gate)
        {
            if (--_held[sha256] is 0)
            {
                _held.Remove(sha256);
            }
        }
    }

    private void MakeRoom(long size)
    {
        lock (_gate)
        {
            var files = new DirectoryInfo(folder).GetFiles();
            var total = files.Sum(file => file.Length) + size;
            foreach (var file in files.Where(file => !_held.ContainsKey(Path.GetFileNameWithoutExtension(file.Name))).OrderBy(file => file.LastWriteTimeUtc))
            {
                if (total <= bound)
                {
                    return;
                }

                total -= file.Length;
                file.Delete();
            }
        }
    }
}

/// <summary>A cached file that stays as long as this is held.</summary>
internal sealed class FileLease(string path, Action release) : IDisposable
{
    private int _released;

    public string Path { get; } = path;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) is 0)
        {
            release();
        }
    }
}
