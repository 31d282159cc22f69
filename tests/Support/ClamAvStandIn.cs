using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelGarden.Testing;

/// <summary>Speaks clamd's side of INSTREAM, strictly: what breaks the protocol is answered as clamd would, and kept for the test to see.</summary>
public sealed class ClamAvStandIn : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<byte[], string?> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <param name="endPoint">Where to listen.</param>
    /// <param name="answer">What is said of the bytes; null: it hangs up.</param>
    public ClamAvStandIn(EndPoint endPoint, Func<byte[], string?> answer)
    {
        _answer = answer;
        _listener = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(endPoint);
        _listener.Listen();
        _work = Task.Run(ServeAsync);
    }

    public List<byte[]> Seen { get; } = [];

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public long StreamMaxLength { get; set; } = long.MaxValue;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _work;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _listener.AcceptAsync(_stop.Token);
                if (await AnswerAsync(socket) is { } answer)
                {
                    await socket.SendAsync(Encoding.UTF8.GetBytes(answer + "\0"), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException && _stop.IsCancellationRequested)
        {
        }
    }

    private async Task<string?> AnswerAsync(Socket socket)
    {
        if (Encoding.ASCII.GetString(await ReadAsync(socket, 10)) != "zINSTREAM\0")
        {
            return "UNKNOWN COMMAND";
        }

        var bytes = new List<byte>();
        while (BinaryPrimitives.ReadUInt32BigEndian(await ReadAsync(socket, 4)) is > 0 and var length)
        {
            if (bytes.Count + length > StreamMaxLength)
            {
                return "INSTREAM size limit exceeded. ERROR";
            }

            bytes.AddRange(await ReadAsync(socket, (int)length));
        }

        lock (Seen)
        {
            Seen.Add([.. bytes]);
        }

        return _answer([.. bytes]);
    }

    private async Task<byte[]> ReadAsync(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read), _stop.Token);
            Assert.NotEqual(0, more);
            read += more;
        }

        return bytes;
    }
}
