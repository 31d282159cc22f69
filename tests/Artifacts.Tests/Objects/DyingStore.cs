using ModelGarden.Artifacts.Objects;
using ModelGarden.Artifacts.Tests.Crashes;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>
/// A store whose process can be killed at an operation that changes something: creating, writing, committing, deleting. From then on every call throws, and what
/// writers would clean up stays. The next process opens a store of its own on the same server, or on a copy of the folder: locks of this process, which in
/// truth lives, do not count there.
/// </summary>
internal sealed class DyingStore(IObjectStore store, Life life) : IObjectStore
{
    public DyingStore(IObjectStore store)
        : this(store, new Life())
    {
    }

    /// <inheritdoc cref="Life.Steps"/>
    public int Operations => life.Steps;

    public bool IsDead => life.IsDead;

    public Task Died => life.Died;

    public void DieAt(int operation, Death death) => life.DieAt(operation, death);

    public bool IsRemote => store.IsRemote;

    public ValueTask CheckAsync(CancellationToken cancellationToken) => Alive().CheckAsync(cancellationToken);

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, CancellationToken cancellationToken) =>
        new Writer(this, await RunAsync(() => store.CreateAsync(key, cancellationToken)));

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken) => Alive().OpenAsync(key, cancellationToken);

    public ValueTask<int?> ReadAsync(ObjectKey key, Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        Alive().ReadAsync(key, buffer, offset, cancellationToken);

    public ValueTask<ObjectEntry?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => Alive().FindAsync(key, cancellationToken);

    public async ValueTask DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => await RunAsync(() => store.DeleteAsync(key, cancellationToken));

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) => Alive().ListAsync(prefix, cancellationToken);

    public ValueTask SweepAsync(DateTimeOffset untouchedSince, CancellationToken cancellationToken) => Alive().SweepAsync(untouchedSince, cancellationToken);

    public ValueTask<Uri?> PresignAsync(ObjectKey key, TimeSpan lifetime, string fileName, CancellationToken cancellationToken) =>
        Alive().PresignAsync(key, lifetime, fileName, cancellationToken);

    private IObjectStore Alive()
    {
        life.RequireAlive();
        return store;
    }

    private ValueTask<bool> RunAsync(Func<ValueTask> operation, Func<ValueTask>? half = null) => RunAsync(
        async () =>
        {
            await operation();
            return true;
        },
        half);

    private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> operation, Func<ValueTask>? half = null)
    {
        var death = life.Begin(isWrite: half is not null);
        if (death is Death.Before or Death.Halfway)
        {
            await (death is Death.Halfway && half is not null ? half() : ValueTask.CompletedTask);
            throw life.Die();
        }

        var result = await operation();
        if (death is Death.After)
        {
            throw life.Die();
        }

        life.RequireAlive();
        return result;
    }

    private sealed class Writer(DyingStore owner, IObjectWriter writer) : IObjectWriter
    {
        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await owner.RunAsync(
            () => writer.WriteAsync(bytes, cancellationToken), () => writer.WriteAsync(bytes[..(bytes.Length / 2)], cancellationToken));

        public async ValueTask CommitAsync(CancellationToken cancellationToken) => await owner.RunAsync(() => writer.CommitAsync(cancellationToken));

        public ValueTask DisposeAsync() => owner.IsDead ? ValueTask.CompletedTask : writer.DisposeAsync();
    }
}
