using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using ModelGarden.Formats;
using ModelGarden.Kernel;

namespace ModelGarden.Scanning;

/// <summary>Has ClamAV's daemon look at files, by its INSTREAM command: chunks with their lengths, an empty one, one line back.</summary>
public sealed class ClamAvScanner(IOptions<ClamAvOptions> options, TimeProvider clock) : IFileScanner
{
    private const int ChunkLength = 64 << 10;
    private const int LongestAnswer = 4096;
    private readonly ClamAvOptions _options = options.Value;

    public string? Signature => _options.EndPoint is null ? null : "clamav/1";

    public async Task<IReadOnlyList<Finding>> ScanAsync(Stream content, long length, CancellationToken cancellationToken)
    {
        if (length > _options.MaximumSize)
        {
            return [NotScanned($"the file has {length} bytes, and files of more than {_options.MaximumSize} are not sent to ClamAV")];
        }

        using var timer = new CancellationTokenSource(_options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return Read(await AskAsync(content, either.Token));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ScannerUnavailableException($"ClamAV at {_options.Address} did not answer within {_options.Timeout}", exception);
        }
        catch (SocketException exception)
        {
            throw new ScannerUnavailableException($"ClamAV at {_options.Address} cannot be reached: {exception.Message}", exception);
        }
    }

    private async Task<string> AskAsync(Stream content, CancellationToken cancellationToken)
    {
        var endPoint = _options.EndPoint!;
        using var socket = endPoint is DnsEndPoint ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint, cancellationToken);
        try
        {
            await SendAsync(socket, content, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted)
        {
            // It answers and hangs up as soon as it has had enough: what it said is still to be read.
        }

        return await ReceiveAsync(socket, cancellationToken);
    }

    private static async Task SendAsync(Socket socket, Stream content, CancellationToken cancellationToken)
    {
        await SendAllAsync(socket, "zINSTREAM\0"u8.ToArray(), cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(sizeof(uint) + ChunkLength);
        try
        {
            int read;
            do
            {
                read = await content.ReadAsync(buffer.AsMemory(sizeof(uint), ChunkLength), cancellationToken);
                BinaryPrimitives.WriteUInt32BigEndian(buffer, (uint)read);
                await SendAllAsync(socket, buffer.AsMemory(0, sizeof(uint) + read), cancellationToken);
            }
            while (read > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    private static async Task<string> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var answer = new byte[LongestAnswer];
        var length = 0;
        while (length < answer.Length && !answer.AsSpan(0, length).Contains((byte)0) && await socket.ReceiveAsync(answer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
        }

        var end = answer.AsSpan(0, length).IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(answer, 0, end);
    }

    private List<Finding> Read(string answer)
    {
        if (answer == "stream: OK")
        {
            return [];
        }

        if (answer.StartsWith("stream: Heuristics.Limits.Exceeded", StringComparison.Ordinal))
        {
            return [new("clamav.not-scanned", FindingSeverity.Suspicious, "ClamAV gave up inside the file: it unpacks to more than its limits")];
        }

        if (answer.StartsWith("stream: ", StringComparison.Ordinal) && answer.EndsWith(" FOUND", StringComparison.Ordinal))
        {
            return [new("clamav.found", FindingSeverity.Malicious, $"ClamAV knows this as '{Text.Shorten(answer["stream: ".Length..^" FOUND".Length])}'")];
        }

        if (answer.Contains("size limit exceeded", StringComparison.Ordinal))
        {
            return [NotScanned("ClamAV takes no files of this length: Garden:ClamAv:MaximumSize is larger than its StreamMaxLength")];
        }

        throw new ScannerUnavailableException($"ClamAV at {_options.Address} answered '{Text.Shorten(answer)}'");
    }

    private static Finding NotScanned(string why) => new("clamav.not-scanned", FindingSeverity.Warning, why);
}
