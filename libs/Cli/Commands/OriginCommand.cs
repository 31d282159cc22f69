using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models origin</c> and <c>garden datasets origin</c>: where files are from, and which of them are still as they were there.</summary>
internal static class OriginCommand
{
    private static readonly OriginFileState[] Differing = [OriginFileState.Changed, OriginFileState.Added, OriginFileState.Removed];

    public static Command Build(App app, KindWords words)
    {
        var model = Parsed.Argument("NAME[@REV]", $"The {words.Noun}, as namespace/name; @ a branch, tag or commit of it", ModelReference.Create);
        var states = Parsed.WordOptions<OriginFileState>("--state", "STATE", "Files in this state; all that differ if not given");
        var record = Parsed.Number("--record", "Held against this record instead of the newest one", 1, int.MaxValue);
        return app.Handle(
            new("origin", $"Where a {words.Noun}'s files are from, and which of them are as they were there") { model, states, record },
            async (session, parsed, cancellationToken) =>
            {
                var (of, wanted) = (parsed.GetValue(model), parsed.GetValue(states) is { Length: > 0 } told ? told : Differing);
                var request = new GetOriginRequest { Name = of.Name.Value, Kind = words.Kind, Revision = of.Revision, Number = parsed.GetValue(record) ?? 0, States = { wanted } };
                Show(session, words, of.Name, await session.Garden.ReadOriginAsync(request, cancellationToken));
            });
    }

    /// <summary>How many files are what they were there.</summary>
    public static string CountsOf(GetOriginResponse origin)
    {
        (int Count, string Word)[] counts = [(origin.Same, "as upstream has them"), (origin.Changed, "changed"), (origin.Added, "here alone"), (origin.Removed, "gone")];
        return string.Join(", ", counts.Where(one => one.Count > 0).Select(one => $"{Plain.Number(one.Count)} {one.Word}"));
    }

    private static void Show(Session session, KindWords words, RepositoryName model, GetOriginResponse origin)
    {
        if (session.Out.IsJson)
        {
            var json = (JsonObject)Printer.ToNode(origin);
            json.Remove("nextPageToken");
            session.Out.Json(json);
            return;
        }

        var (record, source) = (origin.Record, origin.Record.Source);
        session.Out.Facts(
            (words.Noun, model.Value),
            ("commit", origin.Commit),
            ("source", ShowCommand.SourceOf(source)),
            ("taken over", record.Revision),
            ("recorded", $"{Plain.Time(record.At)}{(record.Account.Length > 0 ? $" by {record.Account}" : "")}, as number {Plain.Number(record.Number)}"),
            ("checksums", $"{source.Checksums.Digest} of {Plain.Number(source.Checksums.Files)} files"),
            ("files", CountsOf(origin)));
        if (origin.Files.Count > 0)
        {
            session.Out.Line();
            session.Out.Table(["path", "state", "upstream", "here"], [.. origin.Files.Select(file => new Cell[] { file.Path, Tones.Of(file.State), DigestOf(file.Upstream), DigestOf(file.Here) })]);
        }
    }

    private static Cell DigestOf(OriginFile? file) => DigestOf(file?.Sha256, file?.Oid);

    private static Cell DigestOf(TreeEntry? file) => DigestOf(file?.Sha256, file?.Oid);

    private static Cell DigestOf(string? sha256, string? oid) => new(sha256 is { Length: > 0 } ? sha256 : oid ?? "", Tone.Dim);
}
