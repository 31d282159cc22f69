using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ModelGarden.Hosting.Memory;

/// <summary>The end that Kestrel serves.</summary>
internal sealed class MemoryServerEnd : DefaultConnectionContext, IMemoryPoolFeature
{
    private readonly CancellationTokenSource _closed = new();
    private readonly IDuplexPipe _pipe;
    private readonly Action _reset;

    /// <param name="pipe">What the client wrote, and what it reads.</param>
    /// <param name="endPoint">The name it was made by.</param>
    /// <param name="pool">Kestrel's buffers: it counts on their least size, which other pools do not have.</param>
    /// <param name="reset">Tells the client that nothing more comes.</param>
    public MemoryServerEnd(IDuplexPipe pipe, MemoryEndPoint endPoint, MemoryPool<byte> pool, Action reset)
        : base(Guid.NewGuid().ToString("n"), pipe, pipe)
    {
        (_pipe, _reset, MemoryPool) = (pipe, reset, pool);
        (LocalEndPoint, RemoteEndPoint, ConnectionClosed) = (endPoint, endPoint, _closed.Token);
        Features.Set<IMemoryPoolFeature>(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>The other end is gone: ends what is being served. On a thread of its own, for those who listen take their time.</summary>
    public void Close() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _reset();
        Close();
    }

    public override async ValueTask DisposeAsync()
    {
        await _pipe.Input.CompleteAsync();
        await _pipe.Output.CompleteAsync();
        await base.DisposeAsync();
    }
}
