using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models diff</c>: what a revision changes, as git prints it.</summary>
internal static class DiffCommand
{
    public static Command Build(App app)
    {
        var model = Parsed.Model();
        var from = Parsed.Text("--from", "REV", "What it is compared with: a branch, tag or commit; else its parent");
        return app.Handle(
            new("diff", "What a revision changes, line by line; large files by their digests") { model, from },
            async (session, parsed, cancellationToken) =>
            {
                var reference = parsed.GetValue(model);
                var (text, commit) = await session.Hub.DiffAsync(reference, parsed.GetValue(from), cancellationToken);
                Show(session, reference.Name, text, commit);
            });
    }

    private static void Show(Session session, RepositoryName model, string text, string commit)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(new JsonObject { ["name"] = model.Value, ["commit"] = commit, ["diff"] = text });
            return;
        }

        session.Out.Piece(text);
        if (text.Length is 0)
        {
            session.Out.Note("nothing differs");
        }
    }
}
