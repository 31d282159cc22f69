using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelGarden.Serving.Tests;

/// <summary>An engine down at the socket: its port is taken and refuses everyone until it listens, and what it sends is sent as it stands.</summary>
internal sealed class RawEngine : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawEngine() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Address => $"http://{_socket.LocalEndPoint}";

    /// <summary>Listens, takes one call, sends this and hangs up in good order.</summary>
    public async Task AnswerOnceAsync(string answer, CancellationToken cancellationToken)
    {
        _socket.Listen();
        using var connection = await _socket.AcceptAsync(cancellationToken);
        var buffer = new byte[64 << 10];
        await connection.ReceiveAsync(buffer, cancellationToken);
        await connection.SendAsync(Encoding.ASCII.GetBytes(answer), cancellationToken);
        connection.Shutdown(SocketShutdown.Send);
        while (await connection.ReceiveAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    public void Dispose() => _socket.Dispose();
}
