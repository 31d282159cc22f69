using System.Collections.Concurrent;
using ModelGarden.Search.Engines.Embedded.Files;

namespace ModelGarden.Search.Tests.Engines.Embedded;

/// <summary>A disk that fails as disks do: when it is full, half of what was to be written is there.</summary>
internal sealed class FaultyDisk : IndexDisk
{
    private int _calls;

    /// <summary>Nothing can be written any more.</summary>
    public bool IsFull { get; set; }

    /// <summary>Files whose names end so cannot be made.</summary>
    public string? Refused { get; set; }

    public bool CannotMove { get; set; }

    public bool CannotFlushFolders { get; set; }

    /// <summary>The number of a call, writes among them, that fails once.</summary>
    public int FailAt { get; init; } = -1;

    /// <summary>Writes wait for it.</summary>
    public ManualResetEventSlim Way { get; } = new(initialState: true);

    /// <summary>Set when a write waits.</summary>
    public SemaphoreSlim Waiting { get; } = new(0);

    public int Calls => _calls;

    /// <summary>What was done with names, in order.</summary>
    public ConcurrentQueue<string> Names { get; } = [];

    public override FileStream Create(string path, int buffer)
    {
        Call(Refused is not null && path.EndsWith(Refused, StringComparison.Ordinal));
        return new FillingFile(this, path, OptionsOf(buffer));
    }

    public override void Move(string from, string to)
    {
        Call(CannotMove);
        base.Move(from, to);
        Names.Enqueue("move");
    }

    public override void Delete(string path)
    {
        Call(false);
        base.Delete(path);
        Names.Enqueue("delete");
    }

    public override void FlushFolder(string path)
    {
        Call(CannotFlushFolders);
        base.FlushFolder(path);
        Names.Enqueue("flush");
    }

    private void Call(bool fails)
    {
        if ((Interlocked.Increment(ref _calls) - 1 == FailAt) || fails)
        {
            throw new IOException("the disk failed");
        }
    }

    private void Write(Action<int> write, int count)
    {
        if (!Way.IsSet)
        {
            Waiting.Release();
            Way.Wait();
        }

        try
        {
            Call(IsFull);
        }
        catch (IOException)
        {
            write(count / 2);
            throw;
        }

        write(count);
    }

    private sealed class FillingFile(FaultyDisk disk, string path, FileStreamOptions options) : FileStream(path, options)
    {
        // The other overload of a class that is derived from calls this one.
        public override void Write(byte[] buffer, int offset, int count) => disk.Write(length => base.Write(buffer, offset, length), count);
    }
}
