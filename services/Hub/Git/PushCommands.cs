using System.Text;
using ModelGarden.Contracts.V1;
using ModelGarden.Kernel;

namespace ModelGarden.Hub.Git;

/// <summary>What a push wants of the refs, and how it wants to be told (<see href="https://git-scm.com/docs/pack-protocol"/>).</summary>
internal sealed class PushCommands
{
    public const string ZeroId = "0000000000000000000000000000000000000000";
    public const string Offered = "report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1";
    private const int MaximumCommands = 5_000;

    public List<RefUpdate> Updates { get; } = [];

    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    /// <summary>A push that only deletes brings no pack.</summary>
    public bool HasPack => Updates.Exists(update => update.New.Length > 0);

    public static async Task<PushCommands> ReadAsync(PktReader reader, CancellationToken cancellationToken)
    {
        var commands = new PushCommands();
        while (await reader.ReadAsync(cancellationToken) is { Kind: PktKind.Data } line)
        {
            commands.Take(line);
        }

        return commands;
    }

    private void Take(Pkt line)
    {
        var end = Array.IndexOf(line.Data, (byte)0);
        if (end >= 0 && Updates.Count is 0)
        {
            Capabilities = Encoding.UTF8.GetString(line.Data.AsSpan(end + 1)).Trim('\n').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        var text = Encoding.UTF8.GetString(line.Data.AsSpan(0, end < 0 ? line.Data.Length : end)).TrimEnd('\n');
        if (text.StartsWith("shallow ", StringComparison.Ordinal))
        {
            // Whether the parents are there is seen when they are needed.
            return;
        }

        if (text.Split(' ', 3) is not [{ } old, { } @new, { Length: > 0 } name] || Updates.Count == MaximumCommands)
        {
            throw PktReader.Bad(Updates.Count == MaximumCommands ? $"it moves more than {MaximumCommands} refs" : $"'{Text.Shorten(text)}' is no command of a push, 'old-id new-id ref' is");
        }

        Updates.Add(new() { Name = name, Old = IdOf(old), New = IdOf(@new) });
    }

    private static string IdOf(string text) => text is ZeroId ? ""
        : ObjectId.Create(text) is { Error: null } id ? id.Value.Hex : throw PktReader.Bad($"'{Text.Shorten(text)}' is no object id");
}
