using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Artifacts.Objects;

internal sealed class FolderObjectWriter(string root, string temporary, string target) : IObjectWriter
{
    private readonly SafeFileHandle _handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);
    private long _written;
    private bool _committed;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await RandomAccess.WriteAsync(_handle, bytes, _written, cancellationToken);
        _written += bytes.Length;
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        // Off the request's thread: flushing gigabytes takes seconds.
        await Task.Run(() => RandomAccess.FlushToDisk(_handle), cancellationToken);
        _handle.Dispose();
        var folder = Path.GetDirectoryName(target)!;
        Move(folder);
        _committed = true;
        for (; folder.Length >= root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            // Outwards to the root, whoever made the folders in between: flushing one that has not changed costs nothing.
            FolderFlush.Flush(folder);
        }
    }

    private void Move(string folder)
    {
        while (true)
        {
            Directory.CreateDirectory(folder);
            try
            {
                File.Move(temporary, target, overwrite: true);
                return;
            }
            catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException && File.Exists(temporary))
            {
                // A sweep has taken the folder, which was empty, in between.
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        if (!_committed)
        {
            File.Delete(temporary);
        }

        return ValueTask.CompletedTask;
    }
}
