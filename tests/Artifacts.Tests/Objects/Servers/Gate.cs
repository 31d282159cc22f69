using System.Net;
using System.Net.Sockets;

namespace ModelGarden.Artifacts.Tests.Objects.Servers;

/// <summary>
/// Stands before a server, at an address of its own. Closed, it breaks every connection off; open, it passes bytes on, those that are sent changed where they hold
/// <see cref="Marker"/>; and it can break the next long answer off in the middle.
/// </summary>
internal sealed class Gate : IAsyncDisposable
{
    public static readonly byte[] Marker = "bytes that a bad line changes"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private int _breakAfter = int.MaxValue;
    private volatile bool _open;

    public Gate(Uri server, bool open)
    {
        (_server, _open) = (server, open);
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public void Open() => _open = true;

    /// <summary>The next answer that is longer than this breaks off there.</summary>
    public void BreakAnswerAfter(int bytes) => Volatile.Write(ref _breakAfter, bytes);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_ending.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            if (!_open)
            {
                return;
            }

            await server.ConnectAsync(_server.Host, _server.Port, _ending.Token);
            await Task.WhenAny(SendAsync(client.GetStream(), server.GetStream()), AnswerAsync(server.GetStream(), client.GetStream()));
        }
    }

    private async Task SendAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, _ending.Token) is var read and > 0)
        {
            if (buffer.AsSpan(0, read).IndexOf(Marker) is var at and >= 0)
            {
                buffer[at] ^= 1;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 << 10];
        for (var sent = 0; await from.ReadAsync(buffer, _ending.Token) is var read and > 0; sent += read)
        {
            if (sent > Volatile.Read(ref _breakAfter))
            {
                BreakAnswerAfter(int.MaxValue);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }
}
