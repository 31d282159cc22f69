using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>A command of git's protocol 2: its name, and its arguments line by line.</summary>
internal sealed record GitCommand(string Name, IReadOnlyList<string> Arguments)
{
    private const int MaximumLines = 200_000;

    /// <summary>Null: there is none, as in the empty request by which git tries whether it may send.</summary>
    public static async Task<GitCommand?> ReadAsync(PktReader reader, CancellationToken cancellationToken)
    {
        var (name, arguments, isBehind) = ("", new List<string>(), false);
        for (var lines = 0; ; lines++)
        {
            var line = await reader.ReadAsync(cancellationToken);
            switch (line.Kind)
            {
                case PktKind.Data when lines >= MaximumLines:
                    throw PktReader.Bad($"it has more than {MaximumLines} lines");
                case PktKind.Data when isBehind:
                    arguments.Add(line.Text);
                    break;
                case PktKind.Data when line.Text.StartsWith("command=", StringComparison.Ordinal):
                    name = line.Text["command=".Length..];
                    break;
                case PktKind.Data when line.Text.StartsWith("object-format=", StringComparison.Ordinal) && line.Text is not "object-format=sha1":
                    throw PktReader.Bad($"it asks for {Text.Shorten(line.Text)}: object-format=sha1 is what there is");
                case PktKind.Data:
                    // Capabilities of the client's, of which none changes an answer.
                    break;
                case PktKind.Delimiter:
                    isBehind = true;
                    break;
                default:
                    return name.Length > 0 ? new(name, arguments) : lines is 0 ? null : throw PktReader.Bad("it names no command");
            }
        }
    }
}

/// <summary>What a fetch asks for.</summary>
internal sealed class FetchRequest
{
    public List<string> Haves { get; } = [];

    public bool IsDone { get; private set; }

    public bool IsQuiet { get; private set; }

    public bool WaitsForDone { get; private set; }

    /// <summary>Wants, depths and what is shallow.</summary>
    public ReadPackRequest Pack { get; } = new();

    public bool IsDeepening => Pack.Depth > 0 || Pack.Since is not null || Pack.Exclude.Count > 0;

    public static FetchRequest Read(IEnumerable<string> arguments)
    {
        var request = new FetchRequest();
        foreach (var argument in arguments)
        {
            var space = argument.IndexOf(' ', StringComparison.Ordinal);
            request.Take(space < 0 ? argument : argument[..space], space < 0 ? "" : argument[(space + 1)..]);
        }

        return request;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "want":
                Pack.Wants.Add(IdOf(value));
                break;
            case "have":
                Haves.Add(IdOf(value));
                break;
            case "shallow":
                Pack.Shallow.Add(IdOf(value));
                break;
            case "deepen":
                Pack.Depth = (int)NumberOf(name, value, int.MaxValue);
                break;
            case "deepen-since":
                Pack.Since = new Timestamp { Seconds = NumberOf(name, value, 253_402_300_799) };
                break;
            case "deepen-not":
                Pack.Exclude.Add(value);
                break;
            case "deepen-relative":
                Pack.DepthIsRelative = true;
                break;
            case "include-tag":
                Pack.IncludeTags = true;
                break;
            case "done":
                IsDone = true;
                break;
            case "no-progress":
                IsQuiet = true;
                break;
            case "wait-for-done":
                WaitsForDone = true;
                break;
            case "thin-pack" or "ofs-delta":
                // Whole objects suit both.
                break;
            default:
                throw PktReader.Bad($"its fetch has the argument '{Text.Shorten(name)}', which was not offered");
        }
    }

    private static string IdOf(string value) => ObjectId.Create(value) is { Error: null } id ? id.Value.Hex : throw PktReader.Bad($"'{Text.Shorten(value)}' is no object id");

    private static long NumberOf(string name, string value, long maximum) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= maximum
            ? number
            : throw PktReader.Bad($"{name} '{Text.Shorten(value)}' is not a number above 0");
}
