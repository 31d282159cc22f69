using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Commits;

/// <summary>Splits a body into lines as it arrives, none longer than a bound, so that memory holds one line and not the body.</summary>
internal static class LineReader
{
    /// <summary>Room for 2 MiB of content in base64, and for its path.</summary>
    public const int MaximumLine = (((2 << 20) / 3) * 4) + (16 << 10);

    public static async IAsyncEnumerable<byte[]> ReadLinesAsync(this PipeReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            if (await reader.ReadLineAsync(number, cancellationToken) is not { } line)
            {
                yield break;
            }

            yield return line;
        }
    }

    private static async Task<byte[]?> ReadLineAsync(this PipeReader reader, int number, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var end = read.Buffer.PositionOf((byte)'\n');
            var line = end is null ? read.Buffer : read.Buffer.Slice(0, end.Value);
            if (line.Length > MaximumLine)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new ErrorException(Error.Exhausted("LINE_TOO_LONG", $"line {number}: longer than {MaximumLine} bytes: upload large files through LFS"));
            }

            if (end is not null || read.IsCompleted)
            {
                var bytes = line.ToArray();
                reader.AdvanceTo(end is null ? read.Buffer.End : read.Buffer.GetPosition(1, end.Value));
                return end is null && bytes.Length is 0 ? null : bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
