using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Cli.Transfers;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models download</c>: a revision's files into a folder, every byte checked.</summary>
internal static class DownloadCommand
{
    public static Command Build(App app)
    {
        var model = Parsed.Model();
        var to = Parsed.Text("--to", "FOLDER", "Where to; else a folder named as the model");
        var include = Parsed.Texts("--include", "GLOB", "Only files like that, such as *.safetensors or tokenizer/**");
        return app.Handle(
            new("download", "Fetch a model's files; goes on where it stopped, checks every byte") { model, to, include },
            async (session, parsed, cancellationToken) =>
            {
                var reference = parsed.GetValue(model);
                var folder = Path.GetFullPath(parsed.GetValue(to) ?? reference.Name.Name, session.Terminal.Folder);
                var patterns = (parsed.GetValue(include) ?? []).Select(pattern => new GlobPattern(pattern)).ToList();
                Show(session, reference, await RunAsync(session, reference, folder, patterns, cancellationToken));
            });
    }

    /// <summary>A refusal for a licence's sake says which command would accept it.</summary>
    private static async Task<Downloaded> RunAsync(Session session, ModelReference model, string folder, IReadOnlyList<GlobPattern> patterns, CancellationToken cancellationToken)
    {
        try
        {
            return await new ModelDownload(session, model, folder).RunAsync(patterns, cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Reason is "GatedRepo" && session.Transport.HasToken)
        {
            throw await LicenseStanding.NextStepAsync(session.Garden, model, cancellationToken) is { } next ? new FailureException(exception.Error, next) : exception;
        }
    }

    private static void Show(Session session, ModelReference model, Downloaded downloaded)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(new JsonObject
            {
                ["name"] = model.Name.Value,
                ["commit"] = downloaded.Commit,
                ["folder"] = downloaded.Folder,
                ["fetched"] = downloaded.Fetched,
                ["files"] = new JsonArray([.. downloaded.Files.Select(file => new JsonObject { ["path"] = file.Path, ["size"] = file.Size, ["oid"] = file.Oid, ["sha256"] = file.Sha256 })]),
            });
            return;
        }

        session.Out.Facts(
            ("model", model.Name.Value),
            ("commit", downloaded.Commit),
            ("folder", downloaded.Folder),
            ("files", $"{downloaded.Files.Count} ({Plain.Size(downloaded.Files.Sum(file => file.Size))}), {downloaded.Fetched} fetched"));
    }
}
