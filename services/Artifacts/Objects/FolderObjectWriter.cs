using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Artifacts.Objects;

internal sealed class FolderObjectWriter(FolderDisk disk, string root, string temporary, string target) : IObjectWriter
{
    private readonly SafeFileHandle _handle = disk.Create(temporary);
    private long _written;
    private bool _committed;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await disk.WriteAsync(_handle, bytes, _written, cancellationToken);
        _written += bytes.Length;
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        // Off the request's thread: flushing gigabytes takes seconds.
        await Task.Run(() => disk.Flush(_handle), cancellationToken);
        _handle.Dispose();
        var folder = Path.GetDirectoryName(target)!;
        Move(folder);
        _committed = true;
        for (; folder.Length >= root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            // Outwards to the root, whoever made the folders in between: flushing one that has not changed costs nothing.
            disk.FlushFolder(folder);
        }
    }

    private void Move(string folder)
    {
        while (true)
        {
            disk.CreateFolder(folder);
            try
            {
                disk.Move(temporary, target);
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
