using Microsoft.Win32.SafeHandles;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>
/// A disk whose power can be cut before and after each flush and each rename. What a cut leaves is the least that POSIX promises: of a file the bytes that were flushed, of a
/// folder the entries that it had when it was flushed; or, for a file system that writes its folders early, those entries and files without what was not flushed.
/// </summary>
internal sealed class PoweredDisk(Life life) : FolderDisk
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SafeFileHandle, string> _open = [];
    private readonly Dictionary<string, long> _flushed = [];
    private readonly HashSet<string> _unflushedEntries = [];

    /// <summary>What is left of what was written.</summary>
    /// <param name="keepsEntries">Files and folders are found under their names though their folders were not flushed.</param>
    public void Cut(bool keepsEntries)
    {
        foreach (var (path, length) in _flushed)
        {
            if (File.Exists(path) && new FileInfo(path).Length > length)
            {
                using var file = File.OpenHandle(path, access: FileAccess.Write);
                RandomAccess.SetLength(file, length);
            }
        }

        foreach (var path in keepsEntries ? [] : _unflushedEntries.Order(StringComparer.Ordinal).Reverse())
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    public override SafeFileHandle Create(string path)
    {
        life.RequireAlive();
        var file = base.Create(path);
        lock (_gate)
        {
            (_open[file], _flushed[path]) = (path, 0);
        }

        return file;
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        life.RequireAlive();
        return base.WriteAsync(file, bytes, offset, cancellationToken);
    }

    public override void Flush(SafeFileHandle file) => Step(() =>
    {
        base.Flush(file);
        _flushed[_open[file]] = RandomAccess.GetLength(file);
    });

    public override void CreateFolder(string path)
    {
        life.RequireAlive();
        lock (_gate)
        {
            for (var folder = path; !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)!)
            {
                _unflushedEntries.Add(folder);
            }

            base.CreateFolder(path);
        }
    }

    public override void Move(string from, string to) => Step(() =>
    {
        base.Move(from, to);
        _flushed[to] = _flushed[from];
        _flushed.Remove(from);
        _unflushedEntries.Add(to);
    });

    public override void FlushFolder(string path) => Step(() =>
    {
        base.FlushFolder(path);
        _unflushedEntries.RemoveWhere(entry => Path.GetDirectoryName(entry) == path);
    });

    private void Step(Action act)
    {
        lock (_gate)
        {
            var death = life.Begin(isWrite: false);
            if (death is Death.Before or Death.Halfway)
            {
                throw life.Die();
            }

            act();
            if (death is Death.After)
            {
                throw life.Die();
            }
        }
    }
}
