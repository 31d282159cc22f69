using System.Runtime.CompilerServices;

namespace ModelGarden.Artifacts.Objects;

/// <summary>
/// Objects as files below one folder. An object is written under a temporary name in the same file system, flushed, renamed, and its folder
/// flushed: after a power cut it is there whole or not at all. Processes that share the folder keep their temporary files
/// apart, each in a folder that it locks as long as it lives.
/// </summary>
internal sealed class FolderObjectStore : IObjectStore, IDisposable
{
    private const string Temporary = "temp";
    private const string LockName = ".lock";
    private const int MaximumAttempts = 5;
    private readonly FolderDisk _disk;
    private readonly string _root;
    private readonly string _own;
    private readonly FileStream _lock;

    // One sweep at a time: to another one, the folder that it is just about to delete would look alive. Our own temporary files go with their writers.
    private readonly Lock _sweeping = new();

    public FolderObjectStore(string root, FolderDisk? disk = null)
    {
        (_root, _disk) = (Path.GetFullPath(root), disk ?? new());
        (_own, _lock) = Lock(Path.Combine(_root, Temporary));
    }

    public bool IsRemote => false;

    /// <summary>That the folder can be written to was seen when it was opened.</summary>
    public ValueTask CheckAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken) =>
        new(new FolderObjectWriter(_disk, _root, Path.Combine(_own, Guid.NewGuid().ToString("n")), PathOf(key)));

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken) => new(FolderObjectReader.TryOpen(PathOf(key)));

    public async ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        using var reader = await OpenAsync(key, cancellationToken);
        if (reader is null)
        {
            return null;
        }

        var filled = 0;
        while (filled < buffer.Length && await reader.ReadAsync(buffer[filled..], offset + filled, cancellationToken) is var read and > 0)
        {
            filled += read;
        }

        return filled;
    }

    public ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        new(new FileInfo(PathOf(key)) is { Exists: true } file ? new ObjectEntry(key, file.LastWriteTimeUtc, file.Length) : null);

    public ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        DeleteIfThere(PathOf(key));
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(Path.Combine(_root, prefix));
        foreach (var file in folder.Exists ? folder.EnumerateFiles("*", SearchOption.AllDirectories) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new(ObjectKey.FromStored(Path.GetRelativePath(_root, file.FullName)), file.LastWriteTimeUtc, file.Length);
        }

        await ValueTask.CompletedTask;
    }

    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        lock (_sweeping)
        {
            foreach (var folder in Directory.EnumerateDirectories(Path.Combine(_root, Temporary)).Where(folder => folder != _own))
            {
                cancellationToken.ThrowIfCancellationRequested();
                DeleteIfDead(folder);
            }

            DeleteEmptyFolders(untouchedSince);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken) => new((Uri?)null);

    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(_own, recursive: true);
    }

    /// <summary>A new folder, locked. Another process that sweeps may take it for a dead one's before it is: then it is made anew.</summary>
    private static (string Own, FileStream Lock) Lock(string temporary)
    {
        for (var attempt = 1; ; attempt++)
        {
            var own = Path.Combine(temporary, Guid.NewGuid().ToString("n"));
            Directory.CreateDirectory(own);
            try
            {
                return (own, new(Path.Combine(own, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (attempt < MaximumAttempts)
            {
                DeleteIfDead(own);
            }
        }
    }

    private string PathOf(ObjectKey key) => Path.Combine(_root, key.Value);

    private static void DeleteIfDead(string folder)
    {
        try
        {
            using (new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (IOException)
        {
            // Locked: its process lives. Or gone: another process has just swept it.
        }
    }

    // Folders of finished uploads; a part that is just being put into an empty one makes its folder again.
    private void DeleteEmptyFolders(DateTimeOffset untouchedSince)
    {
        var parts = new DirectoryInfo(Path.Combine(_root, ObjectKey.Parts));
        foreach (var folder in parts.Exists ? parts.EnumerateDirectories().Where(folder => folder.LastWriteTimeUtc < untouchedSince) : [])
        {
            try
            {
                folder.Delete();
            }
            catch (IOException)
            {
                // Not empty.
            }
        }
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }
    }
}
