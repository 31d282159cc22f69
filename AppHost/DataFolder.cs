using System.Text;
using ModelGarden.Kernel;

namespace ModelGarden.AppHost;

/// <summary>The folder that holds a garden: locked while it runs, with the two secrets that live beside the data.</summary>
internal sealed class DataFolder : IDisposable
{
    // EWOULDBLOCK on Linux and on macOS, and Windows' sharing violation.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public static Result<DataFolder> Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            // The lock ends with the process, however that ends.
            var held = new FileStream(System.IO.Path.Combine(path, "garden.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataFolder(path, held);
        }
        catch (IOException exception) when (HeldByAnother.Contains(exception.HResult))
        {
            return Error.Conflict("DATA_IN_USE", $"another garden runs on {path}: stop it, or set GARDEN_DATA to another folder");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Error.Conflict("DATA_NOT_WRITABLE", $"the data folder {path} cannot be written: {exception.Message} Set GARDEN_DATA to a folder that this user may write to");
        }
    }

    /// <summary>A secret kept in the folder, readable by its owner only; made at first need.</summary>
    public (string Secret, bool IsNew) Secret(string name, Func<string> make)
    {
        var path = System.IO.Path.Combine(Path, name);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } known)
        {
            return (known, false);
        }

        var secret = make();
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(secret));
        file.Flush(flushToDisk: true);
        return (secret, true);
    }

    public void Dispose() => _lock.Dispose();
}
