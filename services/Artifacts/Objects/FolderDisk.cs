using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Artifacts.Objects;

/// <summary>What a folder of objects asks of the operating system to change something, call by call: a power cut may come between any two of them, and tests make it.</summary>
internal class FolderDisk
{
    public virtual SafeFileHandle Create(string path) => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);

    public virtual ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(file, bytes, offset, cancellationToken);

    /// <summary>From then on its bytes survive a power cut.</summary>
    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>With the folders above it that are missing.</summary>
    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>From then on it has its entries after a power cut.</summary>
    public virtual void FlushFolder(string path) => FolderFlush.Flush(path);
}
