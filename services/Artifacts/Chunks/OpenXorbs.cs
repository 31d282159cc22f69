using System.Collections.Concurrent;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Chunks;

/// <summary>
/// Xorbs of a folder that were read lately stay open, half a minute at most: to open and to close one costs more than to read a KiB of it. No object is ever changed, so an
/// open one has the right bytes, and the room of one that was deleted is free half a minute later. Of a remote store each reader reads ahead for itself, and is opened anew.
/// </summary>
internal sealed class OpenXorbs : IDisposable
{
    private const int Limit = 2048;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);
    private readonly IObjectStore _objects;
    private readonly ConcurrentDictionary<ObjectKey, SharedReader> _open = new();
    private readonly ITimer _timer;
    private int _count;

    public OpenXorbs(IObjectStore objects, TimeProvider clock)
    {
        _objects = objects;
        _timer = clock.CreateTimer(_ => Close(), null, KeptFor, KeptFor);
    }

    public bool IsRemote => _objects.IsRemote;

    /// <summary>Null: there is no such object. To be disposed once.</summary>
    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken) =>
        _open.TryGetValue(key, out var known) && known.TryUse() ? new(known)
        : IsRemote ? _objects.OpenAsync(key, cancellationToken)
        : OpenAndKeepAsync(key, cancellationToken);

    public void Dispose()
    {
        _timer.Dispose();
        Close();
    }

    private async ValueTask<IObjectReader?> OpenAndKeepAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (await _objects.OpenAsync(key, cancellationToken) is not { } opened)
        {
            return null;
        }

        if (Interlocked.Increment(ref _count) <= Limit)
        {
            var shared = new SharedReader(opened);
            if (_open.TryAdd(key, shared))
            {
                return shared;
            }
        }

        Interlocked.Decrement(ref _count);
        return opened;
    }

    private void Close()
    {
        foreach (var key in _open.Keys)
        {
            if (_open.TryRemove(key, out var shared))
            {
                Interlocked.Decrement(ref _count);
                shared.Dispose();
            }
        }
    }

    /// <summary>Closed when the last who uses it has disposed it. In use at first by two: who opened it, and who keeps it.</summary>
    private sealed class SharedReader(IObjectReader reader) : IObjectReader
    {
        private int _users = 2;

        public long Length => reader.Length;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) => reader.ReadAsync(buffer, offset, cancellationToken);

        public Stream OpenStream() => reader.OpenStream();

        /// <summary>False: it is closed.</summary>
        public bool TryUse()
        {
            for (var users = Volatile.Read(ref _users); users > 0; users = Volatile.Read(ref _users))
            {
                if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
                {
                    return true;
                }
            }

            return false;
        }

        public void Dispose()
        {
            if (Interlocked.Decrement(ref _users) is 0)
            {
                reader.Dispose();
            }
        }
    }
}
