using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>A store whose reads a test holds up or damages.</summary>
internal sealed class WatchedStore(IObjectStore store, bool isRemote) : IObjectStore, IDisposable
{
    public bool IsRemote => isRemote;

    /// <summary>Gets what was read, and where, before its reader does.</summary>
    public Func<Memory<byte>, long, Task> OnRead { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called before an object is opened.</summary>
    public Func<ObjectKey, Task> OnOpen { get; set; } = _ => Task.CompletedTask;

    public ValueTask CheckAsync(CancellationToken cancellationToken) => store.CheckAsync(cancellationToken);

    public ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken) => store.CreateAsync(key, cancellationToken);

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await OnOpen(key);
        return await store.OpenAsync(key, cancellationToken) is { } reader ? new Reader(this, reader) : null;
    }

    public ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken) => store.ReadAsync(key, buffer, offset, cancellationToken);

    public ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => store.FindAsync(key, cancellationToken);

    public ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => store.DeleteAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken) => store.SweepAsync(untouchedSince, cancellationToken);

    public ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken) =>
        store.PresignAsync(key, lifetime, fileName, cancellationToken);

    public void Dispose() => (store as IDisposable)?.Dispose();

    private sealed class Reader(WatchedStore owner, IObjectReader reader) : IObjectReader
    {
        public long Length => reader.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            var read = await reader.ReadAsync(buffer, offset, cancellationToken);
            await owner.OnRead(buffer[..read], offset);
            return read;
        }

        public Stream OpenStream() => reader.OpenStream();

        public void Dispose() => reader.Dispose();
    }
}
