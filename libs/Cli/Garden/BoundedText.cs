using System.Runtime.CompilerServices;
using System.Text;

namespace ModelGarden.Cli.Garden;

/// <summary>Reads text from the network, never more than is agreed.</summary>
internal static class BoundedText
{
    public const int MaximumAnswer = 64 << 20;
    public const int MaximumLine = 4 << 20;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>Null: longer than that.</summary>
    public static async Task<string?> ReadAsync(Stream stream, int maximum, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await ReadAsync(stream, buffer, cancellationToken)) > 0;)
        {
            if (content.Length + read > maximum)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
    }

    /// <summary>Lines as they come, without their ends; the last may lack one.</summary>
    public static async IAsyncEnumerable<string> ReadLinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        using var line = new MemoryStream();
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            var from = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', from, read - from)) >= 0; from = end + 1)
            {
                line.Write(buffer, from, end - from);
                yield return Take(line);
            }

            line.Write(buffer, from, read - from);
            if (line.Length > MaximumLine)
            {
                throw new ErrorException(Error.Exhausted("LINE_TOO_LONG", $"the garden's answer has a line longer than {MaximumLine} bytes"));
            }
        }

        if (line.Length > 0)
        {
            yield return Take(line);
        }
    }

    /// <summary>One read; a body that stands still has broken off, and all that breaks is an <see cref="HttpIOException"/>.</summary>
    public static async Task<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(Stall, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"nothing came for {Stall.TotalSeconds:0} seconds", exception);
        }
        catch (IOException exception) when (exception is not HttpIOException)
        {
            // A broken connection, told apart from what may be wrong with files here.
            throw new HttpIOException(HttpRequestError.ResponseEnded, exception.Message, exception);
        }
    }

    private static string Take(MemoryStream line)
    {
        var text = Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\r');
        line.SetLength(0);
        return text;
    }
}
