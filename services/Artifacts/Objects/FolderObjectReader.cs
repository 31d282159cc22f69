using Microsoft.Win32.SafeHandles;

namespace ModelGarden.Artifacts.Objects;

internal sealed class FolderObjectReader : IObjectReader
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private FolderObjectReader(string path)
    {
        _path = path;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_handle);
    }

    public long Length { get; }

    /// <summary>Null: there is no such file.</summary>
    public static FolderObjectReader? TryOpen(string path)
    {
        try
        {
            return new(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // Synchronous on purpose: from the page cache a read takes microseconds, and .NET's asynchronous file reads are the same call on another
    // thread. README.md has the measurement.
    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(RandomAccess.Read(_handle, buffer.Span, offset));
    }

    public Stream OpenStream() => new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public void Dispose() => _handle.Dispose();
}
