using System.Collections.Concurrent;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Collection;

/// <summary>A store that lets a test do something before each of its operations, and says that objects were written when the test's clock says.</summary>
internal sealed class InterruptedStore(IObjectStore store, Func<ValueTask> interrupt, ConcurrentDictionary<string, DateTimeOffset> writtenAt, TimeProvider clock) : IObjectStore
{
    public bool IsRemote => store.IsRemote;

    public ValueTask CheckAsync(CancellationToken cancellationToken) => store.CheckAsync(cancellationToken);

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await interrupt();
        return new Writer(this, key, await store.CreateAsync(key, cancellationToken));
    }

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await interrupt();
        return await store.OpenAsync(key, cancellationToken) is { } reader ? new Reader(reader, interrupt) : null;
    }

    public async ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        await interrupt();
        return await store.ReadAsync(key, buffer, offset, cancellationToken);
    }

    public ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => store.FindAsync(key, cancellationToken);

    public async ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await interrupt();
        await store.DeleteAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListAsync(prefix, cancellationToken))
        {
            yield return entry with { WrittenAt = writtenAt.GetValueOrDefault(entry.Key.Value, clock.GetUtcNow()) };
        }
    }

    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken) => store.PresignAsync(key, lifetime, fileName, cancellationToken);

    private sealed class Writer(InterruptedStore owner, ObjectKey key, IObjectWriter writer) : IObjectWriter
    {
        private readonly InterruptedStore _owner = owner;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await _owner.Interrupt();
            await writer.WriteAsync(bytes, cancellationToken);
        }

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await _owner.Interrupt();
            _owner.Written(key);
            await writer.CommitAsync(cancellationToken);
            await _owner.Interrupt();
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }

    private sealed class Reader(IObjectReader reader, Func<ValueTask> interrupt) : IObjectReader
    {
        public long Length => reader.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            await interrupt();
            return await reader.ReadAsync(buffer, offset, cancellationToken);
        }

        public Stream OpenStream() => reader.OpenStream();

        public void Dispose() => reader.Dispose();
    }

    private ValueTask Interrupt() => interrupt();

    private void Written(ObjectKey key) => writtenAt[key.Value] = clock.GetUtcNow();
}
