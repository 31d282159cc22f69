using System.Buffers;
using System.IO.Pipelines;

namespace ModelGarden.Hosting.Memory;

/// <summary>One connection within the process: a pipe each way, as bounded as a socket's buffers.</summary>
internal static class MemoryConnection
{
    private const int Buffer = 1 << 20;
    private static readonly PipeOptions Options = new(
        pauseWriterThreshold: Buffer, resumeWriterThreshold: Buffer / 2, minimumSegmentSize: 16 << 10, useSynchronizationContext: false);

    /// <param name="endPoint">The name it was made by.</param>
    /// <param name="pool">Kestrel's buffers.</param>
    public static (Stream Client, MemoryServerEnd Server) CreatePair(MemoryEndPoint endPoint, MemoryPool<byte> pool)
    {
        var (up, down) = (new Pipe(Options), new Pipe(Options));
        var client = new MemoryClientEnd(down.Reader, up.Writer);
        var server = new MemoryServerEnd(new Duplex(up.Reader, down.Writer), endPoint, pool, client.Reset);
        client.Disposed += server.Close;
        return (client, server);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
