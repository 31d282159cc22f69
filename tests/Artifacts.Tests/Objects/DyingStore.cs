using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Tests.Objects;

/// <summary>How an operation is caught by death.</summary>
internal enum Death
{
    /// <summary>Before any of it has happened.</summary>
    Before,

    /// <summary>A write when half of its bytes are written; others as before.</summary>
    Halfway,

    /// <summary>When all of it has happened and nobody has been told.</summary>
    After,
}

/// <summary>The process is dead: whoever sees this does not run any more. No product code catches it.</summary>
internal sealed class ProcessDiedException() : Exception("the process was killed");

/// <summary>
/// A store whose process can be killed at an operation that changes something: creating, writing, committing, deleting. From then on every call throws, and what
/// writers would clean up stays. The next process opens a store of its own on the same server, or on a copy of the folder: locks of this process, which in
/// truth lives, do not count there.
/// </summary>
internal sealed class DyingStore(IObjectStore store) : IObjectStore
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (int Operation, Death Death) _end = (int.MaxValue, Death.Before);

    /// <summary>How many operations have begun: a first run counts those that later runs die at.</summary>
    public int Operations { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>Completes with death.</summary>
    public Task Died => _died.Task;

    /// <param name="operation">The number of it, from 1 on and from the beginning.</param>
    /// <param name="death">How.</param>
    public void DieAt(int operation, Death death) => _end = (operation, death);

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

    private IObjectStore Alive() => IsDead ? throw new ProcessDiedException() : store;

    private ValueTask<bool> RunAsync(Func<ValueTask> operation, Func<ValueTask>? half = null) => RunAsync(
        async () =>
        {
            await operation();
            return true;
        },
        half);

    private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> operation, Func<ValueTask>? half = null)
    {
        var death = Begin();
        if (death is Death.Before or Death.Halfway)
        {
            await (death is Death.Halfway && half is not null ? half() : ValueTask.CompletedTask);
            throw Die();
        }

        var result = await operation();
        return death is Death.After ? throw Die() : IsDead ? throw new ProcessDiedException() : result;
    }

    private Death? Begin()
    {
        lock (_gate)
        {
            _ = Alive();
            if (++Operations != _end.Operation)
            {
                return null;
            }

            // Nobody begins anything more while the last operation comes to its end.
            IsDead = true;
            return _end.Death;
        }
    }

    private ProcessDiedException Die()
    {
        _died.TrySetResult();
        return new();
    }

    private sealed class Writer(DyingStore owner, IObjectWriter writer) : IObjectWriter
    {
        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await owner.RunAsync(
            () => writer.WriteAsync(bytes, cancellationToken), () => writer.WriteAsync(bytes[..(bytes.Length / 2)], cancellationToken));

        public async ValueTask CommitAsync(CancellationToken cancellationToken) => await owner.RunAsync(() => writer.CommitAsync(cancellationToken));

        public ValueTask DisposeAsync() => owner.IsDead ? ValueTask.CompletedTask : writer.DisposeAsync();
    }
}
