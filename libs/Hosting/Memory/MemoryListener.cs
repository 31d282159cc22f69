using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ModelGarden.Hosting.Memory;

/// <summary>Lets Kestrel listen on names of this process, beside its sockets.</summary>
/// <param name="pools">Kestrel's buffers: it leans on their least size.</param>
internal sealed class MemoryListenerFactory(IMemoryPoolFactory<byte> pools) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is MemoryEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(MemoryListener.Open((MemoryEndPoint)endpoint, pools.Create()));
}

/// <summary>
/// What listens on one name. Services that share a process talk over pipes in its memory: the bytes are those that would go over a socket, without
/// the system's calls, wake-ups and copies for each of them.
/// </summary>
internal sealed class MemoryListener : IConnectionListener
{
    private static readonly ConcurrentDictionary<string, MemoryListener> Listening = new(StringComparer.Ordinal);
    private readonly Channel<ConnectionContext> _waiting = Channel.CreateBounded<ConnectionContext>(512);
    private readonly MemoryEndPoint _endPoint;
    private readonly MemoryPool<byte> _pool;

    private MemoryListener(MemoryEndPoint endPoint, MemoryPool<byte> pool) => (_endPoint, _pool) = (endPoint, pool);

    public EndPoint EndPoint => _endPoint;

    public static MemoryListener Open(MemoryEndPoint endPoint, MemoryPool<byte> pool)
    {
        var listener = new MemoryListener(endPoint, pool);
        return Listening.TryAdd(endPoint.Name, listener) ? listener : throw new AddressInUseException($"{endPoint} is listened on already");
    }

    /// <summary>Connects to whoever listens on a name.</summary>
    /// <exception cref="SocketException">Nobody does; what a socket would say.</exception>
    public static async ValueTask<Stream> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        if (!Listening.TryGetValue(name, out var listener))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        var (client, server) = MemoryConnection.CreatePair(listener._endPoint, listener._pool);
        try
        {
            await listener._waiting.Writer.WriteAsync(server, cancellationToken);
            return client;
        }
        catch (ChannelClosedException)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _waiting.Reader.WaitToReadAsync(cancellationToken) && _waiting.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        Listening.TryRemove(new(_endPoint.Name, this));
        _waiting.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_waiting.Reader.TryRead(out var connection))
        {
            await connection.DisposeAsync();
        }

        _pool.Dispose();
    }
}
