using System.Net;
using System.Net.Sockets;

namespace ModelGarden.Cli.Tests.RealGarden;

/// <summary>A line to a garden that breaks when so many bytes have gone up it, as often as a test says; then it holds, or nobody is there any more.</summary>
internal sealed class BadLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _garden;
    private readonly Queue<long> _breaks;
    private readonly bool _staysDown;
    private readonly Lock _gate = new();
    private readonly List<Task> _lines = [];
    private readonly Task _accepting;
    private long _up;

    /// <param name="garden">Where it leads.</param>
    /// <param name="breaks">At how many bytes, counted from the beginning, it breaks.</param>
    /// <param name="staysDown">After the last break nobody listens.</param>
    public BadLine(Uri garden, IEnumerable<long> breaks, bool staysDown = false)
    {
        (_garden, _breaks, _staysDown) = (garden, new(breaks), staysDown);
        _listener.Start();
        Address = $"http://{_listener.LocalEndpoint}";
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>Bytes that the garden was sent.</summary>
    public long Up => Interlocked.Read(ref _up);

    public int BreaksLeft => _breaks.Count;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_lines);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _lines.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The end, or nobody listens any more.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var garden = new TcpClient();
        using (client)
        {
            try
            {
                await garden.ConnectAsync(_garden.Host, _garden.Port, _end.Token);
                await Task.WhenAny(UpAsync(client.GetStream(), garden.GetStream()), garden.GetStream().CopyToAsync(client.GetStream(), _end.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
                // Broken, whoever broke it.
            }
            finally
            {
                // A reset, as when a cable is pulled and someone answers for it.
                client.LingerState = new(true, 0);
                garden.LingerState = new(true, 0);
            }
        }
    }

    private async Task UpAsync(NetworkStream client, NetworkStream garden)
    {
        var buffer = new byte[4096];
        for (int read; (read = await client.ReadAsync(buffer, _end.Token)) > 0;)
        {
            await garden.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            if (IsBroken(read))
            {
                return;
            }
        }
    }

    private bool IsBroken(int read)
    {
        lock (_gate)
        {
            _up += read;
            if (_breaks.Count is 0 || _up < _breaks.Peek())
            {
                return false;
            }

            _breaks.Dequeue();
            if (_breaks.Count is 0 && _staysDown)
            {
                // Nor is anything left of the other connections.
                _listener.Stop();
                _end.Cancel();
            }

            return true;
        }
    }
}
