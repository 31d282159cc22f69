using System.IO.Pipelines;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>Bytes that can be sent from any place: a file out of its chunks, or an object as it is stored.</summary>
internal interface IByteSource
{
    /// <summary>In bytes.</summary>
    long Length { get; }

    /// <summary>Writes the bytes from <paramref name="first"/> to <paramref name="last"/>, both included, as fast as they are taken.</summary>
    Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken);
}

/// <summary>An object's own bytes, straight into a response's buffers. The size of a read was measured: see README.md.</summary>
internal sealed class ObjectSource(IObjectReader reader) : IByteSource
{
    private const int ReadSize = 256 << 10;

    public long Length => reader.Length;

    public async Task CopyAsync(long first, long last, PipeWriter writer, CancellationToken cancellationToken)
    {
        for (var offset = first; offset <= last;)
        {
            var wanted = (int)Math.Min(ReadSize, last - offset + 1);
            var read = await reader.ReadAsync(writer.GetMemory(wanted)[..wanted], offset, cancellationToken);
            if (read is 0)
            {
                throw new IOException("a stored object is shorter than it was when it was opened");
            }

            writer.Advance(read);
            offset += read;
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
            {
                // The client has gone: the server aborts the request by itself.
                return;
            }
        }
    }
}
