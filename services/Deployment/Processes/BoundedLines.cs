using System.Runtime.CompilerServices;
using System.Text;

namespace ModelGarden.Deployment.Processes;

/// <summary>Lines of a stream that may be anything: a longer one than the limit is cut into several, so none fills the memory.</summary>
internal static class BoundedLines
{
    private const int Longest = 16 << 10;

    public static async IAsyncEnumerable<string> ReadAsync(TextReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] is not '\n')
                {
                    line.Append(buffer[i]);
                }

                if (buffer[i] is '\n' || line.Length >= Longest)
                {
                    yield return line.ToString().TrimEnd('\r');
                    line.Clear();
                }
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }
}
