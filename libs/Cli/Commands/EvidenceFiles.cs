using System.CommandLine;
using ModelGarden.Evidence;

namespace ModelGarden.Cli.Commands;

/// <summary>The files that are verified here, without a garden.</summary>
internal static class EvidenceFiles
{
    private const int LongestLine = 4 << 20;
    private const int LongestKeys = 1 << 20;

    public static Option<string> Key() => new("--key") { Description = "The garden's public keys in PEM, as audit keys prints them", HelpName = "FILE", Required = true };

    public static async Task<PublicKeys> ReadKeysAsync(Session session, string file, CancellationToken cancellationToken)
    {
        var path = PathOf(session, file);
        if (new FileInfo(path) is { Exists: true, Length: > LongestKeys })
        {
            throw new ErrorException(Error.Invalid("BAD_KEY", $"{file} is longer than {LongestKeys} bytes: a file of public keys is expected"));
        }

        var keys = PublicKeys.Read(await File.ReadAllTextAsync(path, cancellationToken));
        return keys.Error is { } error ? throw new ErrorException(error with { Message = $"{file}: {error.Message}" }) : keys.Value;
    }

    /// <summary>Each line that is not empty, with what it is called.</summary>
    public static async Task ReadLinesAsync(Session session, string file, Action<string, string> take, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(PathOf(session, file));
        for (var number = 1; await reader.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line.Length > LongestLine)
            {
                throw new ErrorException(Error.Invalid("LINE_TOO_LONG", $"{file}, line {number} has more than {LongestLine} characters"));
            }

            if (line.Length > 0)
            {
                take(line, $"{file}, line {number}");
            }
        }
    }

    public static string PathOf(Session session, string file) => Path.GetFullPath(file, session.Terminal.Folder);
}
