using System.IO.Pipelines;
using ModelGarden.Artifacts.Objects;

namespace ModelGarden.Artifacts.Downloads;

/// <summary>Bytes of a file straight into a response's own buffers. The size of a read was measured: see README.md.</summary>
internal static class FileCopy
{
    private const int ReadSize = 256 << 10;

    public static async Task SendAsync(IObjectReader file, ByteRange range, PipeWriter writer, CancellationToken cancellationToken)
    {
        for (var offset = range.First; offset <= range.Last;)
        {
            var wanted = (int)Math.Min(ReadSize, range.Last - offset + 1);
            var read = await file.ReadAsync(writer.GetMemory(wanted)[..wanted], offset, cancellationToken);
            if (read is 0)
            {
                throw new IOException("a stored file is shorter than it was when it was opened");
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
