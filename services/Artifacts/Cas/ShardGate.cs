using ModelGarden.Kernel;

namespace ModelGarden.Artifacts.Cas;

/// <summary>Lets a few shards in at once, few of them of one tenant: each holds tens of MiB while it is checked. The others wait, a bounded number of them.</summary>
internal sealed class ShardGate(TimeProvider clock) : IDisposable
{
    /// <summary>Proxies and clients give up on who says nothing for longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private const int AtOnce = 4;
    private const int OfATenant = 2;
    private const int MaximumWaiting = 64;
    private readonly SemaphoreSlim _all = new(AtOnce);
    private readonly Dictionary<string, Queue> _tenants = [];

    /// <summary>Until what is answered is disposed, the shard is in.</summary>
    public async Task<IDisposable> EnterAsync(string tenant, CancellationToken cancellationToken)
    {
        var queue = Join(tenant);
        var entered = false;
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await queue.Slots.WaitAsync(either.Token);
            entered = true;
            await _all.WaitAsync(either.Token);
            return new Entry(() => Leave(tenant, queue));
        }
        catch (OperationCanceledException exception)
        {
            Quit(tenant, queue, entered);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ErrorException(CasErrors.ShardsBusy, exception);
        }
    }

    public void Dispose() => _all.Dispose();

    private Queue Join(string tenant)
    {
        lock (_tenants)
        {
            var queue = _tenants.GetValueOrDefault(tenant) ?? (_tenants[tenant] = new(new SemaphoreSlim(OfATenant)));
            return queue.Count++ < OfATenant + MaximumWaiting ? queue : throw Refuse(queue);
        }
    }

    private static ErrorException Refuse(Queue queue)
    {
        queue.Count--;
        return new(CasErrors.TooManyShards(MaximumWaiting));
    }

    private void Leave(string tenant, Queue queue)
    {
        _all.Release();
        Quit(tenant, queue, entered: true);
    }

    private void Quit(string tenant, Queue queue, bool entered)
    {
        lock (_tenants)
        {
            _ = entered ? queue.Slots.Release() : 0;
            if (--queue.Count is 0)
            {
                _tenants.Remove(tenant);
                queue.Slots.Dispose();
            }
        }
    }

    private sealed class Queue(SemaphoreSlim slots)
    {
        public SemaphoreSlim Slots => slots;

        /// <summary>In and waiting.</summary>
        public int Count { get; set; }
    }

    private sealed class Entry(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
